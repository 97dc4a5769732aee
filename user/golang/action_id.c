/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The key under which go keeps a compiled package. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "golang/action_id.h"
#include "util/sha256.h"

const char *action_part__name(enum action_part part)
{
	static const char *const names[] = {
#define X(id, name) [ACTION_##id] = name,
		ACTION_PART_LIST(X)
#undef X
	};

	return names[part];
}

/* --- pieces --- */

void go__quote_byte(struct str *out, unsigned char c)
{
	static const char escaped[] = "\a\b\f\n\r\t\v", letters[] = "abfnrtv";
	const char *at = c ? strchr(escaped, c) : NULL;

	if (at)
		str__addf(out, "\\%c", letters[at - escaped]);
	else if (c == '"' || c == '\\')
		str__addf(out, "\\%c", c);
	else if (c < ' ' || c == 0x7f)
		str__addf(out, "\\x%02x", c);
	else
		str__addc(out, c);
}

/* What is not ASCII stands for itself, as letters do. */
void go__quote(struct str *out, const char *s)
{
	str__addc(out, '"');
	for (; *s; s++)
		go__quote_byte(out, *s);
	str__addc(out, '"');
}

/* cmd/internal/buildid.HashToString */
void go__hash_text(const uint8_t *sha256, char ret[GO_HASH_LEN + 1])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	for (int i = 0, at = 0; i < 15; i += 3) {
		uint32_t v = sha256[i] << 16 | sha256[i + 1] << 8 | sha256[i + 2];

		for (int shift = 18; shift >= 0; shift -= 6)
			ret[at++] = digits[v >> shift & 63];
	}
	ret[GO_HASH_LEN] = '\0';
}

/* --- lines --- */

struct lines {
	const struct action_inputs *in;
	struct str line;
	action_line_fn fn;
	void *ctx;
};

/* Gives the line away, and begins the next one. */
static int end(struct lines *l, enum action_part part)
{
	int err = str__err(&l->line) ? -ENOMEM : l->fn(l->ctx, part, l->line.s, l->line.len);

	str__cut(&l->line, 0);
	return err;
}

static int put_place(struct lines *l)
{
	const struct action_inputs *in = l->in;

	if (in->is_trimpath) {
		if (!in->module)
			return 0;
		str__addf(&l->line, "module %s@%s\n", in->module, in->version ?: "");
		return end(l, ACTION_MODULE);
	}
	if (in->is_std)
		return 0;
	str__addf(&l->line, "dir %s\n", in->dir ?: "");
	return end(l, ACTION_DIR);
}

static int put_package(struct lines *l)
{
	const struct action_inputs *in = l->in;
	int err = 0;

	if (in->go_line) {
		str__addf(&l->line, "go %s\n", in->go_line);
		err = end(l, ACTION_GO_LINE);
	}
	str__addf(&l->line, "goos %s goarch %s\n", in->goos ?: "", in->goarch ?: "");
	err = err ?: end(l, ACTION_PLATFORM);
	str__adds(&l->line, "import ");
	go__quote(&l->line, in->path ?: "");
	str__addf(&l->line, "\nomitdebug false standard %s local false prefix \"\"\n",
		  in->is_std ? "true" : "false");
	err = err ?: end(l, ACTION_PATH);
	if (in->is_trimpath && !err) {
		str__adds(&l->line, "trimpath\n");
		err = end(l, ACTION_TRIMPATH);
	}
	if (in->is_library && !err) {
		str__adds(&l->line, "forcelibrary\n");
		err = end(l, ACTION_LIBRARY);
	}
	return err;
}

static int put_parts(struct lines *l)
{
	const struct action_inputs *in = l->in;
	int err = 0;

	if (in->cgo) {
		str__adds(&l->line, in->cgo);
		err = end(l, ACTION_CGO);
	}
	if (in->cover && !err) {
		str__addf(&l->line, "cover %s\n", in->cover);
		err = end(l, ACTION_COVER);
	}
	if ((in->modinfo || in->minor < 18) && !err) {
		str__adds(&l->line, "modinfo ");
		go__quote(&l->line, in->modinfo ?: "");
		str__addc(&l->line, '\n');
		err = end(l, ACTION_MODINFO);
	}
	return err;
}

static int put_tools(struct lines *l)
{
	const struct action_inputs *in = l->in;
	int err;

	str__addf(&l->line, "compile compile version %s %s\n", in->tools ?: in->go, in->gcflags ?: "[] []");
	err = end(l, ACTION_COMPILE);
	if (in->has_asm && !err) {
		str__addf(&l->line, "asm \"asm version %s\" %s\n", in->tools ?: in->go,
			  in->asmflags ?: "[] []");
		err = end(l, ACTION_ASM);
	}
	str__addf(&l->line, "%s\n", in->arch ?: "=");
	err = err ?: end(l, ACTION_ARCH);
	if (in->experiment && !err) {
		str__adds(&l->line, "GOEXPERIMENT=");
		go__quote(&l->line, in->experiment);
		str__addc(&l->line, '\n');
		err = end(l, ACTION_EXPERIMENT);
	}
	return err;
}

static int put_files(struct lines *l)
{
	char hash[GO_HASH_LEN + 1];
	int err = 0;

	for (size_t i = 0; i < l->in->file_cnt && !err; i++) {
		go__hash_text(l->in->files[i].sha256, hash);
		str__addf(&l->line, "file %s %s\n", l->in->files[i].name, hash);
		err = end(l, ACTION_FILE);
	}
	return err;
}

static int put_imports(struct lines *l)
{
	int err = 0;

	for (size_t i = 0; i < l->in->import_cnt && !err; i++) {
		const struct action_import *import = &l->in->imports[i];

		str__addf(&l->line, "import %s %.*s\n", import->path, (int)import->content_n,
			  import->content);
		err = end(l, ACTION_IMPORT);
	}
	return err;
}

static int put_profile(struct lines *l)
{
	char hash[GO_HASH_LEN + 1];

	if (!l->in->pgo)
		return 0;
	go__hash_text(l->in->pgo, hash);
	str__addf(&l->line, "pgofile %s\n", hash);
	return end(l, ACTION_PGO);
}

static bool is_known(const struct action_inputs *in)
{
	return in->go && (in->minor == 15 || in->minor >= 18);
}

int action__lines(const struct action_inputs *in, action_line_fn fn, void *ctx)
{
	struct lines l = { .in = in, .fn = fn, .ctx = ctx };
	bool has_early_profile = in->minor < 23;	/* later it is an action of its own, behind the imports */
	int err;

	if (!is_known(in))
		return -EOPNOTSUPP;
	str__addf(&l.line, "%s", in->go);
	err = end(&l, ACTION_VERSION);
	str__adds(&l.line, "compile\n");
	err = err ?: end(&l, ACTION_VERSION);
	err = err ?: put_place(&l) ?: put_package(&l) ?: put_parts(&l) ?: put_tools(&l) ?: put_files(&l);
	if (has_early_profile)
		err = err ?: put_profile(&l) ?: put_imports(&l);
	else
		err = err ?: put_imports(&l) ?: put_profile(&l);
	str__free(&l.line);
	return err;
}

static int add_line(void *ctx, enum action_part part, const char *line, size_t n)
{
	sha256__add(ctx, line, n);
	return 0;
}

int action__id(const struct action_inputs *in, uint8_t ret[GOCACHE_ID_SZ])
{
	struct sha256 sha;
	int err;

	sha256__init(&sha);
	err = action__lines(in, add_line, &sha);
	if (!err)
		sha256__end(&sha, ret);
	return err;
}
