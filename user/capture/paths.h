/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_PATHS_H
#define GOENVBPF_CAPTURE_PATHS_H
/*
 * Paths that the programs have published, by id, and how relative ones become absolute.
 *
 * Lifecycle: paths__new() → paths__add() for each publication, paths__get()/paths__join() for each
 * event, in the ring's order → paths__free().
 *
 * What the programs can still refer to is kept: after as many publications as their table holds,
 * which is far fewer than KEEP_MAX, they publish all paths anew, so dropping what was not used for
 * longest here is safe. A path that is not known any more is an error, never a guess.
 */
#include <stdbool.h>
#include <stddef.h>

#include "bpf/event.h"
#include "util/str.h"

struct paths;

struct paths *paths__new(void);		/* NULL: no memory */
void paths__free(struct paths *p);

int paths__add(struct paths *p, const struct ev_path *ev);	/* -ENOMEM */

/*
 * Borrowed until the next paths__add(). -ENOENT: unknown; -EXDEV: not below the process's root.
 * A program that was removed is told by the path that it had.
 */
int paths__get(struct paths *p, __u64 id, const char **ret_text, size_t *ret_len);
/*
 * Of what is used from there on. -ESTALE: it was removed, and its path is that of nothing or
 * another.
 */
int paths__get_dir(struct paths *p, __u64 id, const char **ret_text, size_t *ret_len);

/*
 * Appends the absolute path of as (n bytes) to ret. A relative one starts from directory dir; its
 * leading "." and ".." are folded, because dir is a real directory: behind a name that could be a
 * symbolic link ".." stays. Errors as paths__get_dir(), and ret is untouched then.
 */
int paths__join(struct paths *p, __u64 dir, const char *as, size_t n, struct str *ret);
/* Is there a ".." among the components? */
bool paths__leads_up(const char *as, size_t n);
/*
 * The same where dir is also the root: an absolute one starts there, and ".." does not lead out of
 * it. -ELOOP: where ".." behind a name leads to, only the kernel knows.
 */
int paths__join_in_root(struct paths *p, __u64 dir, const char *as, size_t n, struct str *ret);

#endif
