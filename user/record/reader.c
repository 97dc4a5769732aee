/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A record being read: bytes to lines to trees, taking whatever a crash left. */
#include <errno.h>
#include <fcntl.h>

#include "record/compress.h"
#include "record/line.h"
#include "record/reader.h"

#define IN_SZ    (64 * 1024)
#define OUT_SZ   (256 * 1024)
#define SCHEMA_FAMILY "goenvbpf/"
#define SCHEMA_OURS   "goenvbpf/1"

struct reader {
	int fd;
	bool own_fd;
	bool in_end;		/* no more input */
	bool ended;		/* nothing more comes out */
	bool skipping;		/* inside a line that is too long */
	bool first_pending;	/* the first line was read by reader__open() and not given out */
	bool saw_end;		/* an "end" line */
	struct expander *expander;	/* NULL: plain */
	unsigned char in[IN_SZ];
	size_t in_len, in_pos;	/* plain input is read straight into text */
	char *text;		/* [pos, len) is not given out yet */
	size_t pos, len, cap;
	uint64_t line, bad;
	struct jsonv_arena *arena;
	struct rec first;
};

static int fill_in(struct reader *r)
{
	ssize_t n;

	do {
		n = read(r->fd, r->in + r->in_len, IN_SZ - r->in_len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (n == 0)
		r->in_end = true;
	r->in_len += n;
	return 0;
}

static size_t take_plain(struct reader *r, char *out, size_t room)
{
	size_t n = r->in_len - r->in_pos;

	n = n < room ? n : room;
	memcpy(out, r->in + r->in_pos, n);
	r->in_pos += n;
	return n;
}

/* Damaged data ends the record as a cut does: everything before it was given out. */
static size_t take_compressed(struct reader *r, char *out, size_t room)
{
	const unsigned char *in = r->in + r->in_pos;
	size_t left = r->in_len - r->in_pos, given;
	enum expand state;

	given = expander__take(r->expander, &in, &left, out, room, &state);
	r->in_pos = r->in_len - left;
	r->ended |= state != EXPAND_MORE;
	r->bad += state == EXPAND_DAMAGED;
	return given;
}

static int make_room(struct reader *r)
{
	size_t cap;
	char *p;

	memmove(r->text, r->text + r->pos, r->len - r->pos);
	r->len -= r->pos;
	r->pos = 0;
	if (r->len < r->cap)
		return 0;
	cap = r->cap * 2;
	p = realloc(r->text, cap);
	if (!p)
		return -ENOMEM;
	r->text = p;
	r->cap = cap;
	return 0;
}

/* Brings more text, or sets ended. */
static int more(struct reader *r)
{
	size_t n;
	int err;

	if (r->len == r->cap) {
		err = make_room(r);
		if (err)
			return err;
	}
	if (r->in_pos == r->in_len && !r->in_end) {
		r->in_pos = r->in_len = 0;
		err = fill_in(r);
		if (err)
			return err;
	}
	if (r->in_pos == r->in_len) {
		/* The decompressor may still hold output of the last bytes. */
		n = r->expander && !r->ended ?
		    take_compressed(r, r->text + r->len, r->cap - r->len) : 0;
		r->len += n;
		r->ended |= !n;
		return 0;
	}
	n = r->expander ? take_compressed(r, r->text + r->len, r->cap - r->len) :
			  take_plain(r, r->text + r->len, r->cap - r->len);
	r->len += n;
	return 0;
}

/* A line is too long: forget what is there of it, and the rest as it comes. */
static void skip_line(struct reader *r)
{
	r->skipping = true;
	r->pos = r->len = 0;
}

/* 1: [*ret_s, +*ret_n) is the next line, *ret_whole when its newline was there; 0: no more. */
static int next_line(struct reader *r, const char **ret_s, size_t *ret_n, bool *ret_whole)
{
	size_t searched = r->pos;
	char *nl;
	int err;

	for (;;) {
		nl = memchr(r->text + searched, '\n', r->len - searched);
		if (nl || (r->ended && r->len > r->pos && !r->skipping))
			break;
		if (r->ended)
			return 0;
		if (r->len - r->pos > LINE_MAX_LEN)
			skip_line(r);
		searched = r->len - r->pos;
		err = more(r);
		if (err)
			return err;
		/* more() may have moved the text to the front */
		searched += r->pos;
	}
	*ret_s = r->text + r->pos;
	*ret_n = (nl ? nl : r->text + r->len) - *ret_s;
	*ret_whole = nl;
	r->pos += *ret_n + (nl != NULL);
	r->line++;
	return 1;
}

static uint64_t to_uint(const struct jsonv *v, uint64_t absent)
{
	const char *s = jsonv__string(v);
	int64_t n = jsonv__int(v, -1);
	char *end;
	uint64_t u;

	if (n >= 0)
		return n;
	if (!s || *s < '0' || *s > '9')
		return absent;
	errno = 0;
	u = strtoull(s, &end, 10);
	return errno || *end ? absent : u;
}

static unsigned int to_flags(const struct jsonv *list)
{
	static const struct {
		const char *name;
		unsigned int flag;
	} flags[] = {
		{ "WRONLY",	      REC_FLAG_WRITE },
		{ "RDWR",	      REC_FLAG_WRITE },
		{ "CREAT",	      REC_FLAG_WRITE },
		{ "TRUNC",	      REC_FLAG_WRITE },
		{ "DIRECTORY",	      REC_FLAG_DIRECTORY },
		{ "PATH",	      REC_FLAG_PATH },
		{ "SYMLINK_NOFOLLOW", REC_FLAG_NOFOLLOW },
	};
	unsigned int ret = 0;

	for (const struct jsonv *v = jsonv__first(list); v; v = jsonv__next(v)) {
		const char *name = jsonv__string(v) ?: "";

		for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
			if (name[0] == flags[i].name[0] && str_eq(name, flags[i].name))
				ret |= flags[i].flag;
	}
	return ret;
}

/* What every line is asked for, in one pass over its keys. */
enum rec_key { K, TS, PID, TID, PROC, PATH, ERR, FLAGS, ANSWERED, INTERRUPTED, KEY_CNT };

static const char rec_keys[KEY_CNT][12] = {
	"k", "ts", "pid", "tid", "proc", "path", "err", "flags", "answered", "interrupted",
};

/* The only one that it may be: every key of every line is asked. */
static enum rec_key rec_key(const char *name)
{
	enum rec_key key = KEY_CNT;

	switch (name[0]) {
	case 'k': key = K; break;
	case 't': key = name[1] == 's' ? TS : TID; break;
	case 'p': key = name[1] == 'i' ? PID : name[1] == 'r' ? PROC : PATH; break;
	case 'e': key = ERR; break;
	case 'f': key = FLAGS; break;
	case 'a': key = ANSWERED; break;
	case 'i': key = name[1] == 'n' && name[2] == 't' ? INTERRUPTED : KEY_CNT; break;
	}
	return key < KEY_CNT && str_eq(name, rec_keys[key]) ? key : KEY_CNT;
}

static void fill_rec(const struct jsonv *root, struct rec *ret)
{
	const struct jsonv *found[KEY_CNT + 1] = {};
	const char *kind;

	for (const struct jsonv *v = jsonv__first(root); v; v = jsonv__next(v)) {
		const char *name = jsonv__name(v);
		enum rec_key key = name ? rec_key(name) : KEY_CNT;

		if (!found[key])	/* the first one counts */
			found[key] = v;
	}
	kind = jsonv__string(found[K]);
	*ret = (struct rec){
		.kind = kind ? rec_kind__from_name(kind) : REC_UNKNOWN,
		.ts = to_uint(found[TS], -1),
		.pid = to_uint(found[PID], 0),
		.tid = to_uint(found[TID], 0),
		.proc = to_uint(found[PROC], 0),
		.path = jsonv__string(found[PATH]),
		.err = jsonv__string(found[ERR]),
		.flags = to_flags(found[FLAGS]),
		.root = root,
	};
	if (found[ANSWERED] || found[INTERRUPTED])
		ret->flags |= REC_FLAG_NO_OUTCOME;
}

static bool is_blank(const char *s, size_t n)
{
	while (n && memchr(" \t\r", s[n - 1], 3))
		n--;
	return !n;
}

static int next_rec(struct reader *r, struct rec *ret)
{
	const struct jsonv *root;
	const char *s = NULL;
	bool whole = false;
	size_t n = 0;
	int err;

	for (;;) {
		err = next_line(r, &s, &n, &whole);
		if (err <= 0)
			return err;
		if (r->skipping) {
			r->skipping = false;
			r->bad++;
			continue;
		}
		if (is_blank(s, n))
			continue;
		err = jsonv__parse_in(r->arena, s, n, &root);
		if (!err && jsonv__is_obj(root))
			break;
		r->bad += whole;	/* half a line at the end is what a crash leaves */
	}
	fill_rec(root, ret);
	return 1;
}

/* Nothing says that it is something else than a record that was cut in its first line. */
static bool is_head_of_header(const struct reader *r)
{
	static const char head[] = "{\"k\":\"header\"";
	size_t n = r->len < sizeof(head) - 1 ? r->len : sizeof(head) - 1;

	return r->line <= 1 && !r->skipping && !memcmp(r->text, head, n);
}

static int check_start(struct reader *r)
{
	const char *schema;
	int err;

	err = next_rec(r, &r->first);
	if (err < 0)
		return err;
	if (err == 0)
		return is_head_of_header(r) ? -ENODATA : -EINVAL;
	if (r->first.kind != REC_HEADER || r->line != 1)
		return -EINVAL;
	schema = rec__str(&r->first, "schema");
	if (schema && str_has_prefix(schema, SCHEMA_FAMILY) && !str_eq(schema, SCHEMA_OURS))
		return -EPROTONOSUPPORT;
	r->first_pending = true;
	return 0;
}

static int start(struct reader *r)
{
	enum compression c;
	int err = 0;

	r->cap = OUT_SZ;
	r->text = malloc(r->cap);
	r->arena = jsonv_arena__new();
	if (!r->text || !r->arena)
		return -ENOMEM;
	while (!err && !r->in_end && r->in_len < 4)
		err = fill_in(r);
	if (err)
		return err;
	c = compression__of_bytes(r->in, r->in_len);
	if (c) {
		r->expander = expander__new(c);
		if (!r->expander)
			return -ENOMEM;
	}
	return check_start(r);
}

int reader__open(const char *path, struct reader **ret)
{
	__free_reader struct reader *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->own_fd = !str_eq(path, "-");
	r->fd = r->own_fd ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	if (r->fd < 0)
		return -errno;
	err = start(r);
	if (err)
		return err;
	*ret = STEAL(r);
	return 0;
}

int reader__next(struct reader *r, struct rec *ret)
{
	int err;

	if (r->first_pending) {
		r->first_pending = false;
		*ret = r->first;
		return 1;
	}
	err = next_rec(r, ret);
	if (err == 1)
		r->saw_end |= ret->kind == REC_END;
	return err;
}

bool reader__is_cut(const struct reader *r)
{
	return !r->saw_end;
}

uint64_t reader__bad_lines(const struct reader *r)
{
	return r->bad;
}

uint64_t reader__line(const struct reader *r)
{
	return r->line;
}

void reader__free(struct reader *r)
{
	if (!r)
		return;
	expander__free(r->expander);
	if (r->own_fd && r->fd >= 0)
		close(r->fd);
	jsonv_arena__free(r->arena);
	free(r->text);
	free(r);
}

int rec__parse(struct jsonv_arena *arena, const char *text, size_t n, struct rec *ret,
	       struct jsonv **ret_root)
{
	__free_jsonv struct jsonv *own = NULL;
	const struct jsonv *root = NULL;
	int err;

	err = arena ? jsonv__parse_in(arena, text, n, &root) : jsonv__parse(text, n, &own);
	root = own ?: root;
	if (err)
		return err;
	if (!jsonv__is_obj(root))
		return -EINVAL;
	fill_rec(root, ret);
	if (ret_root)
		*ret_root = STEAL(own);
	return 0;
}

uint64_t rec__uint(const struct rec *rec, const char *key, uint64_t absent)
{
	return to_uint(jsonv__get(rec->root, key), absent);
}
