/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Paths that the programs have published, by id, and how relative ones become absolute. */
#include <errno.h>

#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(elt) ((elt)->hash_failed = true)
#include <uthash.h>

#include "capture/paths.h"

#define KEEP_MAX 16384		/* four times the programs' own table */

struct known_path {
	__u64 id;
	UT_hash_handle hh;
	bool hash_failed;
	__u16 flags;
	__u32 len;
	__u32 gone;		/* bytes at its end that are names of removed directories */
	char text[];
};

struct paths {
	struct known_path *by_id;	/* uthash keeps the order of insertion: oldest first */
};

struct paths *paths__new(void)
{
	return calloc(1, sizeof(struct paths));
}

static void drop(struct paths *p, struct known_path *k)
{
	HASH_DEL(p->by_id, k);
	free(k);
}

void paths__free(struct paths *p)
{
	struct known_path *k, *next;

	if (!p)
		return;
	HASH_ITER(hh, p->by_id, k, next)
		drop(p, k);
	free(p);
}

static int insert(struct paths *p, struct known_path *k)
{
	k->hash_failed = false;
	HASH_ADD(hh, p->by_id, id, sizeof(k->id), k);
	if (!k->hash_failed)
		return 0;
	free(k);
	return -ENOMEM;
}

int paths__add(struct paths *p, const struct ev_path *ev)
{
	struct known_path *k, *old;

	k = malloc(sizeof(*k) + ev->len + 1);
	if (!k)
		return -ENOMEM;
	*k = (struct known_path){
		.id = ev->id, .flags = ev->h.flags, .len = ev->len, .gone = ev->gone,
	};
	memcpy(k->text, ev->data, ev->len);
	k->text[ev->len] = '\0';
	HASH_FIND(hh, p->by_id, &k->id, sizeof(k->id), old);
	if (old)
		drop(p, old);
	while (HASH_COUNT(p->by_id) >= KEEP_MAX)
		drop(p, p->by_id);
	return insert(p, k);
}

static int find(struct paths *p, __u64 id, struct known_path **ret)
{
	struct known_path *k;

	HASH_FIND(hh, p->by_id, &id, sizeof(id), k);
	if (!k || k->flags & EVF_CUT)
		return -ENOENT;
	if (k->flags & EVF_UNREACHABLE)
		return -EXDEV;
	/* Moves it to the young end, now and then: most lookups are of few directories. */
	if (HASH_COUNT(p->by_id) > KEEP_MAX / 2 && k->hh.next) {
		HASH_DEL(p->by_id, k);
		if (insert(p, k))
			return -ENOENT;
	}
	*ret = k;
	return 0;
}

int paths__get(struct paths *p, __u64 id, const char **ret_text, size_t *ret_len)
{
	struct known_path *k;
	int err = find(p, id, &k);

	if (err)
		return err;
	*ret_text = k->len ? k->text : "/";	/* a process's root is published as nothing */
	*ret_len = k->len ? k->len : 1;
	return 0;
}

int paths__get_dir(struct paths *p, __u64 id, const char **ret_text, size_t *ret_len)
{
	struct known_path *k;
	int err = find(p, id, &k);

	if (!err && k->gone)
		return -ESTALE;
	return err ?: paths__get(p, id, ret_text, ret_len);
}

/* Length of a leading "." or ".." component with the slashes behind it, 0 when there is none. */
static size_t dots_len(const char *s, size_t n, bool *ret_up)
{
	size_t dots = 0, len;

	while (dots < n && dots < 3 && s[dots] == '.')
		dots++;
	if (!dots || dots > 2 || (dots < n && s[dots] != '/'))
		return 0;
	for (len = dots; len < n && s[len] == '/'; len++)
		;
	*ret_up = dots == 2;
	return len;
}

static void add_below(struct str *ret, const char *base, size_t base_len, const char *as, size_t n)
{
	str__add(ret, base, base_len);
	if (n || !base_len) {
		str__addc(ret, '/');
		str__add(ret, as, n);
	}
}

int paths__join(struct paths *p, __u64 dir, const char *as, size_t n, struct str *ret)
{
	struct known_path *k;
	size_t base, skip;
	bool up;
	int err;

	if (n && as[0] == '/') {
		str__add(ret, as, n);
		return str__err(ret);
	}
	err = find(p, dir, &k);
	if (err)
		return err;
	base = k->len;
	while ((skip = dots_len(as, n, &up))) {
		while (up && base && k->text[--base] != '/')
			;
		as += skip;
		n -= skip;
	}
	/* The parent of a removed directory may still be there, and ".." leads to it. */
	if (base > k->len - k->gone)
		return -ESTALE;
	add_below(ret, k->text, base, as, n);
	return str__err(ret);
}

bool paths__leads_up(const char *as, size_t n)
{
	const char *slash;
	size_t len;

	for (; n; as += len, n -= len) {
		slash = memchr(as, '/', n);
		len = slash ? (size_t)(slash - as) : n;
		if (len == 2 && as[0] == '.' && as[1] == '.')
			return true;
		len += !!slash;
	}
	return false;
}

int paths__join_in_root(struct paths *p, __u64 dir, const char *as, size_t n, struct str *ret)
{
	struct known_path *k;
	size_t skip;
	int err = find(p, dir, &k);
	bool up;

	if (err)
		return err;
	if (k->gone)
		return -ESTALE;
	for (; n && as[0] == '/'; as++, n--)
		;
	while ((skip = dots_len(as, n, &up))) {
		as += skip;
		n -= skip;
	}
	if (paths__leads_up(as, n))
		return -ELOOP;
	add_below(ret, k->text, k->len, as, n);
	return str__err(ret);
}
