/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rules about configuration files: which one was read, from where, and whether it stayed the same. */
#include "model/effects/effects.h"
#include "model/files.h"
#include "rules/rule.h"
#include "util/path.h"

/* --- changed --- */

/* What go writes for itself is read again by nobody who would be surprised. */
static bool is_of_go(const char *path)
{
	return strstr(path, "/go-build") || strstr(path, "/telemetry/") || strchr(path, '@');
}

/* The last write between the two; *ret_by_go: go made it, because somebody asked for that. */
static const struct file_write *write_between(const struct model *m, const struct config_file *f, int64_t from,
					      int64_t to, bool *ret_by_go)
{
	const struct file_write *last = NULL;

	*ret_by_go = false;
	for (const struct file_write *w = f->writes; w; w = w->before) {
		const struct process *p = w->ts > from && w->ts < to ? model__process(m, w->proc) : NULL;

		*ret_by_go |= p && p->go;
		last = last ?: p ? w : NULL;
	}
	return last;
}

static int compare_versions(struct matching *x, const struct config_file *f, const struct file_version *now)
{
	const struct file_version *old = now->older;	/* who wrote it has not read it */
	const struct file_write *w;
	struct proof proof = {};
	__free_str struct str by = {};
	bool is_by_go;

	while (old && old->is_written)
		old = old->older;
	if (!old || now->is_written || !now->text || !old->text || str_eq(now->text, old->text))
		return 0;
	w = write_between(x->m, f, old->ts, now->ts, &is_by_go);
	if (is_by_go)
		return 0;
	proof__add(&proof, old->ts);
	proof__add(&proof, now->ts);
	if (w) {
		str__adds(&by, ": written by ");
		process__label(model__process(x->m, w->proc), &by);
	}
	return found(x, &(struct found){ PROVEN, now->proc, f->path, proof },
		     "was read at %.3f s and at %.3f s, with different content%s", old->ts / 1e9, now->ts / 1e9,
		     by.s ?: "");
}

static int match_changed_in_run(struct matching *x)
{
	int err = 0;

	for (const struct config_file *f = model__next_file(x->m, NULL); f; f = model__next_file(x->m, f))
		for (const struct file_version *v = is_of_go(f->path) ? NULL : f->versions; v && !err; v = v->older)
			err = compare_versions(x, f, v);
	return err;
}

#define SEEN (EVIDENCE_LIFE | EVIDENCE_FILES)

const struct rule rules_configuration[] = {
	{ "configuration-changed-in-run", SEVERITY_WARNING, SEEN, NULL,
	  "A configuration file was changed while it was in use",
	  "Two commands of one run worked with different settings or modules.",
	  "write configuration before the first command that reads it, or in a copy of the folder",
	  "go build .; sed -i 's/1.21/1.22/' go.mod; go build .",
	  .match = match_changed_in_run },
	{}
};
