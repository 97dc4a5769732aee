/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A go command of the report, as data. */
#include "answers/objects.h"
#include "model/commands.h"
#include "model/toolchain/toolchain.h"

GET(process_of, struct go_command, p, o->p)
GET(settings_of, struct go_command, p, o->settings)
GET(start, struct go_command, i, o->p->start)
GET(duration, struct go_command, i, process__duration(o->p))
GET(code, struct go_command, i, o->p->end == PROCESS_EXITED ? o->p->status : -1)
GET(killed_by, struct go_command, u, o->p->end == PROCESS_KILLED ? o->p->status : 0)
GET(replaced_by, struct go_command, u, o->p->end == PROCESS_REPLACED ? o->p->next : 0)
GET(cache_of, struct go_command, p, cache__of(a, o->p))

static const char *root_key(unsigned int root)
{
	return root == ROOT_HOME ? "HOME" : root__name(root) + 1;
}

static const void *next_version(struct answer *a, const void *data, const void *item)
{
	const struct go_command *c = data;
	const char *const *versions;
	size_t n = model__go_versions(a->m, c->p, &versions), i = 0;

	for (; item && i < n && versions[i] != item; i++)
		;
	i += item != NULL;
	return i < n ? versions[i] : NULL;
}

PUBLIC_OBJECT(command, struct go_command, "A go command.",
	F_GET_INLINE(MUST, process_of, process),
	F_GET("start",		FIELD_TIME, MAY, start, "when it started"),
	F_GET("duration_ns",	FIELD_DURATION, MAY, duration, "how long it ran"),
	F_GET("code",		FIELD_INT, MAY, code, "its exit status"),
	F_GET("signal",		FIELD_ID, MAY, killed_by, "the signal that killed it"),
	F_GET("replaced_by",	FIELD_ID, MAY, replaced_by, "proc of the program that it became"),
	F_TABLE("roots",	MUST, roots.dir, FIELD_STRING, root_key, 0, ROOT_CNT, "the directories that it works with"),
	ROLES("started",	roles, "programs that worked for it, by role"),
	F_COUNT("probes",	MUST, probes, "those that were only asked for their version"),
	F_COUNT("accesses",	MUST, accesses, "accesses of paths, its own and theirs"),
	F_COUNT("failed",	MUST, failed, "those that failed"),
	F_STRING_LIST("go_versions", MUST, next_version, "of it and its tools; two do not fit together"),
	F_GET_INLINE(MUST, settings_of, settings_part),
	F_GET_OBJECT("cache",	MAY, cache_of, cache, "what it did with the build cache"))
