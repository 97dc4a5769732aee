/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The review page: one file with everything in it. What it shows is in blocks of compressed data that
 * no browser takes for markup or script; user/web makes the page of them. The policy in its head lets
 * only this script and this style be used, so whatever a name in a record looks like, it stays a name.
 */
#include <errno.h>
#include <stdlib.h>

#include "answers/page.h"
#include "answers/report.h"
#include "model/run.h"
#include "output/export/events.h"
#include "output/export/export.h"
#include "output/text.h"
#include "record/compress.h"
#include "util/base64.h"
#include "util/embed.h"
#include "util/sha256.h"

EMBED(page_script, WEB_OUT "/page.js");
EMBED(page_style, "user/web/page.css");
EMBED(page_body, "user/web/page.html");

struct html {
	const struct export_job *job;
	struct events *events;
};

static void *begin(const struct export_job *job)
{
	struct html *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->job = job;
	h->events = events__new(job->m, EVENTS_MAX);
	if (h->events)
		return h;
	free(h);
	return NULL;
}

static int record(void *state, const struct rec *rec)
{
	struct html *h = state;

	return events__add(h->events, rec);
}

static void free_html(void *state)
{
	struct html *h = state;

	if (h)
		events__free(h->events);
	free(h);
}

/* --- blocks of data --- */

struct block {
	const struct export_job *job;
	struct base64 base64;
	struct str text;
	struct squeezer *squeezer;
};

static int put_squeezed(void *ctx, const void *bytes, size_t n)
{
	struct block *b = ctx;

	base64__add(&b->base64, bytes, n, &b->text);
	return export_job__flush_if_long(b->job, &b->text);
}

static int put(void *ctx, const void *bytes, size_t n)
{
	struct block *b = ctx;

	return squeezer__put(b->squeezer, bytes, n, SQUEEZE_PUT);
}

/* A data block: its content is what fill() puts there. */
static int add_block(struct html *h, const char *id, int (*fill)(struct html *h, struct block *b))
{
	struct block b = { .job = h->job };
	__free_squeezer struct squeezer *squeezer = squeezer__new_small(put_squeezed, &b);
	int err;

	if (!squeezer)
		return -ENOMEM;
	b.squeezer = squeezer;
	str__addf(&b.text, "<script type=\"application/octet-stream\" id=\"%s\">", id);
	err = fill(h, &b);
	err = err ?: squeezer__put(squeezer, "", 0, SQUEEZE_END);
	base64__end(&b.base64, &b.text);
	str__adds(&b.text, "</script>\n");
	err = err ?: export_job__flush(b.job, &b.text);
	str__free(&b.text);
	return err;
}

static int fill_answers(struct html *h, struct block *b)
{
	struct page_data data = { .name = h->job->name, .baseline = h->job->old_name };
	__free_causes struct causes *causes = NULL;
	__free_changes struct changes *changes = NULL;
	__free_str struct str json = {};
	struct diff_answer diff;
	int err = 0;

	if (h->job->old) {
		err = causes__find(h->job->old, h->job->m, NULL, &causes) ?:
		      changes__find(h->job->old, h->job->m, &changes);
		diff = (struct diff_answer){ causes, changes };
		data.diff = &diff;
	}
	err = err ?: page__json(h->job->m, &data, &json);
	return err ?: put(b, json.s, json.len);
}

/* Of the baseline, so that the two can stand beside each other. */
static int fill_old(struct html *h, struct block *b)
{
	__free_str struct str json = {};

	return report__json(h->job->old, &json) ?: put(b, json.s, json.len);
}

static int fill_terms(struct html *h, struct block *b)
{
	__free_str struct str schema = {};
	const struct answer_kind page = { "page", &page_object };
	int err = answer__schema(&page, &schema);

	return err ?: put(b, schema.s, schema.len);
}

static int fill_event_head(struct html *h, struct block *b)
{
	__free_str struct str text = {};
	struct json j;

	json__init(&j, &text);
	events__head(h->events, &j);
	return str__err(&text) ?: put(b, text.s, text.len);
}

static int fill_events(struct html *h, struct block *b)
{
	return events__columns(h->events, put, b);
}

/* --- the page --- */

static void add_hash(struct str *out, const char *text, size_t n)
{
	struct base64 base64 = {};
	uint8_t digest[SHA256_SZ];
	struct sha256 s;

	sha256__init(&s);
	sha256__add(&s, text, n);
	sha256__end(&s, digest);
	str__adds(out, "'sha256-");
	base64__add(&base64, digest, sizeof(digest), out);
	base64__end(&base64, out);
	str__addc(out, '\'');
}

/* As text of an element. */
static void add_text(struct str *out, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '<':	str__adds(out, "&lt;"); break;
		case '&':	str__adds(out, "&amp;"); break;
		default:	str__addc(out, *text);
		}
}

static void add_title(const struct html *h, struct str *out)
{
	const struct run *r = model__run(h->job->m);
	__free_str struct str title = {};

	for (size_t i = 0; i < r->command_cnt && title.len < 80; i++) {
		str__adds(&title, i ? " " : "");
		text__arg(&title, r->command[i]);
	}
	if (!title.len)
		text__safes(&title, h->job->name);
	add_text(out, title.s ?: "");
	str__adds(out, " – goenvbpf");
}

static int add_head(struct html *h)
{
	__free_str struct str out = {};
	size_t style_sz = page_style_end - page_style_begin, script_sz = page_script_end - page_script_begin;

	str__adds(&out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
			"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src ");
	add_hash(&out, page_script_begin, script_sz);
	str__adds(&out, "; style-src ");
	add_hash(&out, page_style_begin, style_sz);
	str__adds(&out, "; img-src data:; base-uri 'none'; form-action 'none'\">\n"
			"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
			"<meta name=\"color-scheme\" content=\"light dark\">\n"
			"<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
	add_title(h, &out);
	str__adds(&out, "</title>\n<style>");
	str__add(&out, page_style_begin, style_sz);
	str__adds(&out, "</style>\n</head>\n");
	str__add(&out, page_body_begin, page_body_end - page_body_begin);
	return str__err(&out) ?: h->job->write(h->job->ctx, out.s, out.len);
}

/* Behind the data, which it reads when it runs. */
static int add_script(struct html *h)
{
	__free_str struct str out = {};

	str__adds(&out, "<script>");
	str__add(&out, page_script_begin, page_script_end - page_script_begin);
	str__adds(&out, "</script>\n</body>\n</html>\n");
	return str__err(&out) ?: h->job->write(h->job->ctx, out.s, out.len);
}

static int end(void *state)
{
	struct html *h = state;
	int err = events__finish(h->events);

	err = err ?: add_head(h);
	err = err ?: add_block(h, "data-answers", fill_answers);
	if (!err && h->job->old)
		err = add_block(h, "data-old", fill_old);
	err = err ?: add_block(h, "data-terms", fill_terms);
	err = err ?: add_block(h, "data-event-head", fill_event_head);
	err = err ?: add_block(h, "data-events", fill_events);
	return err ?: add_script(h);
}

const struct exporter export_html = {
	.is_large = true,
	.begin = begin,
	.record = record,
	.end = end,
	.free = free_html,
};
