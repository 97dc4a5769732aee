/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_OPENER_H
#define GOENVBPF_CAPTURE_OPENER_H
/*
 * As whom a program image opens files. Whatever is read because it opened something is read with the
 * same rights, so that nobody gets a text into a record that he could not read himself: by a link that
 * leads elsewhere a moment later, by an entry of a cache that points at somebody else's file.
 *
 * Lifecycle: opener__new() at exec; opener__get() for who inherits it and for each request that is
 * made on its behalf, opener__put() by each. By any thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "util/cleanup.h"
#include "util/identity.h"

struct opener {
	unsigned int users;		/* atomic */
	struct identity identity;	/* of files; only its own ids are used when it is ours */
	/*
	 * It was started with other rights than its caller has (a set-user-ID program), and can give
	 * them up or use them as it likes: what it opens was named by somebody else.
	 */
	bool is_setid;
	bool knows_groups;	/* false: there are more than we were told */
};

/* groups: group_cnt of them, copied, in any alignment; NULL: they are not known. NULL: no memory. */
struct opener *opener__new(uid_t uid, gid_t gid, const void *groups, size_t group_cnt);
struct opener *opener__get(struct opener *o);		/* NULL is fine, as everywhere */
void opener__put(struct opener *o);
/* Of a process that runs, by its directory in /proc; NULL: not known. */
struct opener *opener__of_process(int dir);

/*
 * May a record of that owner (NULL: of root, with all that there is) have texts that it opens? 0, or
 * -EPERM: it is somebody else's; -EACCES: nobody knows whose.
 */
int opener__check(const struct opener *o, const struct identity *owner);

/* As identity__enter(); root's is as we are. -EPERM: we have no right to take its place. */
int opener__enter(const struct opener *o, struct identity_scope *ret);

#endif
