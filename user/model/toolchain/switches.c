/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which toolchains really ran, and why it was those. */
#include <errno.h>

#include "golang/modcache.h"
#include "model/topic.h"
#include "model/toolchain/toolchain.h"
#include "record/facts.h"
#include "util/hash.h"

struct switch_entry {
	struct toolchain_switch s;
	struct switch_entry *next;
};

struct download_entry {
	struct toolchain_download d;
	UT_hash_handle hh;	/* by version */
};

struct toolchains {
	struct switch_entry *switches, **tail;
	struct download_entry *downloads;
};

size_t toolchain__goroot_len(const char *exe)
{
	const char *tool = strstr(exe, "/pkg/tool/");

	if (tool)
		return tool - exe;
	return str_has_suffix(exe, "/bin/go") ? strlen(exe) - strlen("/bin/go") :
	       str_has_suffix(exe, "/bin/gofmt") ? strlen(exe) - strlen("/bin/gofmt") : 0;
}

bool image__is_toolchain(const struct image *i)
{
	enum tool_role role = image__role(i);

	return role == TOOL_GO || tool_role__is_go_tool(role) || tool_role__is_c_part(role);
}

/* --- downloads --- */

/* "…/golang.org/toolchain@v0.0.1-go1.24.4.linux-amd64/…" or the download of it */
static int version_of_path(const char *path, struct str *ret)
{
	static const char *const marks[] = { "/golang.org/toolchain@", "/golang.org/toolchain/@v/" };

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		const char *p = strstr(path, marks[i]);
		__free_str struct str version = {};

		if (!p)
			continue;
		p += strlen(marks[i]);
		str__add(&version, p, strcspn(p, "/"));
		if (str__err(&version))
			return -ENOMEM;
		if (version.s && !toolchain__version(version.s, ret))
			return 0;
	}
	return -EINVAL;
}

static int add_write(struct model *m, const struct rec *rec)
{
	bool is_end = rec->kind == REC_UNLINK;	/* of .partial: all is unpacked */
	const char *path = rec->path, *name;
	__free_str struct str version = {};
	struct download_entry *d;

	if (!path || rec->err || !strstr(path, "/golang.org/toolchain") || str_has_suffix(path, ".lock") ||
	    (is_end ? !str_has_suffix(path, ".partial") : rec->kind != REC_MKDIR && !rec__opens_to_write(rec)))
		return 0;
	if (version_of_path(path, &version))
		return 0;	/* a list of versions, not one */
	name = pool__get(m->pool, version.s);
	d = name ? hash_get(&m->toolchains->downloads, d.version, &name) : NULL;
	if (!d)
		return -ENOMEM;
	if (!d->d.writes) {
		d->d.proc = rec->proc;
		d->d.ts = rec->ts;
	}
	d->d.writes += !is_end;
	d->d.is_done |= is_end;
	return 0;
}

/* --- switches --- */

/* What was chosen did not run: only of a command that failed before it started any work itself. */
static const char *why_not(const struct go_command *c)
{
	const struct toolchain_pick *p = &c->settings->pick;

	if (c->p->end != PROCESS_EXITED || !c->p->status || !c->settings->version || c->probes)
		return NULL;
	if (p->is_too_old)
		return "GOTOOLCHAIN lets no other Go be chosen";
	return p->may_download ? "it could not be downloaded" : "there is none on PATH";
}

static int add_switch(struct model *m, const struct toolchain_switch *sw)
{
	struct switch_entry *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->s = *sw;
	for (unsigned int i = 0; sw->pick && i < sw->pick->proof.cnt; i++)
		proof__add(&s->s.proof, sw->pick->proof.ts[i]);
	proof__add(&s->s.proof, sw->ts);
	*m->toolchains->tail = s;
	m->toolchains->tail = &s->next;
	return 0;
}

static int add_made(struct model *m, const struct go_command *c)
{
	const char *version = go_command__var(c, SWITCH_VERSION);
	__free_str struct str in_path = {};

	if (!version && c->p->exe && !version_of_path(c->p->exe, &in_path)) {
		version = pool__get(m->pool, in_path.s);
		if (!version)
			return -ENOMEM;
	}
	version = version ?: go_command__version(m, c);
	return add_switch(m, &(struct toolchain_switch){
		.from = c->before->proc, .to = c->proc, .ts = c->p->start, .version = version,
		.pick = version ? command_settings__pick(c->before->settings, version) : NULL });
}

/* It became a program that is no Go, and started none: a script called like one that does something else. */
static int add_other(struct model *m, const struct go_command *c)
{
	const struct process *p = model__process(m, c->p->next);
	const char *version = p ? environment__get_set(p->env, SWITCH_VERSION) : NULL;

	if (!version || str_eq(version, go_command__var(c, SWITCH_VERSION) ?: ""))
		return 0;
	return add_switch(m, &(struct toolchain_switch){
		.from = c->proc, .to = p->proc, .ts = p->start, .version = version,
		.pick = command_settings__pick(c->settings, version) });
}

static int add_failed(struct model *m, const struct go_command *c)
{
	const struct toolchain_pick *p = &c->settings->pick;
	const char *failure = why_not(c);

	if (!failure || (!p->version && !p->is_too_old))
		return 0;
	return add_switch(m, &(struct toolchain_switch){
		.from = c->proc, .ts = c->p->finish, .version = p->version, .pick = p, .failure = failure });
}

const struct toolchain_switch *model__next_switch(const struct model *m,
						  const struct toolchain_switch *s)
{
	struct switch_entry *e = s ? container_of(s, struct switch_entry, s)->next :
				     m->toolchains->switches;

	return e ? &e->s : NULL;
}

const struct toolchain_download *model__next_download(const struct model *m,
						      const struct toolchain_download *d)
{
	const struct download_entry *e = d ? container_of(d, struct download_entry, d)->hh.next :
					     m->toolchains->downloads;

	return e ? &e->d : NULL;
}

/* --- life --- */

static int toolchain__add(struct model *m, const struct rec *rec)
{
	switch (rec->kind) {
	case REC_OPEN:
	case REC_MKDIR:
	case REC_UNLINK:
		return add_write(m, rec);
	default:
		return 0;
	}
}

static int toolchain__open(struct model *m)
{
	m->toolchains = calloc(1, sizeof(*m->toolchains));
	if (!m->toolchains)
		return -ENOMEM;
	m->toolchains->tail = &m->toolchains->switches;
	return 0;
}

static void toolchain__close(struct model *m)
{
	struct toolchains *t = m->toolchains;
	struct switch_entry *s, *next_s;

	if (!t)
		return;
	hash_free(&t->downloads, free);
	for (s = t->switches; s; s = next_s) {
		next_s = s->next;
		free(s);
	}
	free(t);
}

static int toolchain__finish(struct model *m)
{
	const struct go_command *c;
	struct download_entry *d;
	int err = 0;

	for (c = model__next_command(m, NULL); c && !err; c = model__next_command(m, c))
		err = (c->before ? add_made(m, c) : 0) ?: (c->has_after ? 0 : add_other(m, c) ?: add_failed(m, c));
	for (struct switch_entry *e = m->toolchains->switches; e; e = e->next)
		hash_each(m->toolchains->downloads, d)
			d->d.is_done |= e->s.to && e->s.version && str_eq(e->s.version, d->d.version);
	return err;
}

const struct topic topic_toolchain = {
	.name = "toolchains", .scope = MODEL_ALL,
	.open = toolchain__open, .add = toolchain__add, .finish = toolchain__finish, .close = toolchain__close,
};
