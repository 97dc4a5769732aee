/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who is who in a trace. A record whose first process was given a TRACEPARENT is part of that trace.
 * Without one the trace's id is made of the record, so that exporting it twice tells the same.
 */
#include "model/run.h"
#include "output/export/otlp.h"
#include "record/facts.h"
#include "util/sha256.h"

#define TRACEPARENT_LEN 55	/* 00-<32>-<16>-01 */
#define MAX_STEPS 256		/* to a program with a span: more is no process tree */

static bool read_hex(const char *text, unsigned char *ret, size_t n)
{
	for (size_t i = 0; i < 2 * n; i++) {
		int digit = text[i] >= '0' && text[i] <= '9' ? text[i] - '0' :
			    text[i] >= 'a' && text[i] <= 'f' ? text[i] - 'a' + 10 : -1;

		if (digit < 0)
			return false;
		ret[i / 2] = (unsigned char)(i % 2 ? ret[i / 2] << 4 | digit : digit);
	}
	return true;
}

static bool is_zero(const unsigned char *bytes, size_t n)
{
	return !*bytes && !memcmp(bytes, bytes + 1, n - 1);
}

/* As W3C Trace Context has it: newer versions may say more behind what this one says. */
static bool join(struct otlp_ids *ids, const char *text)
{
	unsigned char version = 0xff, flags, trace[OTLP_TRACE_SZ], parent[OTLP_SPAN_SZ];
	size_t len = text ? strlen(text) : 0;

	if (len < TRACEPARENT_LEN || text[2] != '-' || text[35] != '-' || text[52] != '-')
		return false;
	if (!read_hex(text, &version, 1) || !read_hex(text + 3, trace, sizeof(trace)) ||
	    !read_hex(text + 36, parent, sizeof(parent)) || !read_hex(text + 53, &flags, 1))
		return false;
	if (version == 0xff || (len > TRACEPARENT_LEN && (!version || text[TRACEPARENT_LEN] != '-')) ||
	    is_zero(trace, sizeof(trace)) || is_zero(parent, sizeof(parent)))
		return false;
	memcpy(ids->trace, trace, sizeof(trace));
	memcpy(ids->parent, parent, sizeof(parent));
	ids->is_joined = true;
	return true;
}

static void add_word(struct sha256 *s, const char *word)
{
	sha256__add(s, word ?: "", strlen(word ?: "") + 1);
}

/* By a tag, or by what the first program was given; what all of a host does is no part of its trace. */
static bool join_any(struct otlp_ids *ids, const struct model *m, const struct rec *first)
{
	const struct run *r = model__run(m);

	for (size_t i = 0; i < r->tag_cnt; i++)
		if (str_eq(r->tags[i].name, "traceparent") && join(ids, r->tags[i].value))
			return true;
	if (!first || first->kind != REC_EXEC || (r->mode && str_eq(r->mode, "watch")))
		return false;
	return join(ids, jsonv__kstr(jsonv__get(first->root, "env"), "TRACEPARENT"));
}

static void decide(struct otlp_ids *ids, const struct model *m, const struct rec *first)
{
	const struct run *r = model__run(m);
	uint64_t numbers[] = { (uint64_t)r->boot_ns, first ? first->pid : 0, first ? first->proc : 0,
			       first ? (uint64_t)first->ts : 0 };
	uint8_t digest[SHA256_SZ];
	struct sha256 s;

	sha256__init(&s);
	add_word(&s, "goenvbpf trace");
	add_word(&s, r->host);
	add_word(&s, r->start);
	sha256__add(&s, numbers, sizeof(numbers));
	sha256__end(&s, digest);
	ids->is_decided = true;
	memcpy(&ids->seed, digest + OTLP_TRACE_SZ, sizeof(ids->seed));
	if (join_any(ids, m, first))
		return;
	memcpy(ids->trace, digest, OTLP_TRACE_SZ);
	ids->trace[0] |= 1;	/* all zero would be none */
}

void otlp_ids__see(struct otlp_ids *ids, const struct model *m, const struct rec *rec)
{
	if (ids->is_decided || rec->ts < 0)
		return;
	if (rec->kind == REC_EXEC || kind__is_access(rec->kind))
		decide(ids, m, rec);
}

void otlp_ids__decide(struct otlp_ids *ids, const struct model *m)
{
	if (!ids->is_decided)
		decide(ids, m, NULL);
}

bool otlp__has_span(const struct process *p)
{
	return p->has_exec;
}

const struct process *otlp__owner(const struct model *m, const struct process *p)
{
	for (unsigned int i = 0; p && i < MAX_STEPS; i++) {
		if (otlp__has_span(p))
			return p;
		/* Numbers grow: a parent with a higher one is no parent, and the way up may be a ring. */
		p = p->parent < p->proc ? model__process(m, p->parent) : NULL;
	}
	return NULL;
}

/* One to one, so that no two of a record are the same. */
uint64_t otlp__span_of(const struct otlp *o, uint64_t proc)
{
	uint64_t x = proc ^ o->ids.seed;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	x ^= x >> 31;
	return x ?: 1;
}
