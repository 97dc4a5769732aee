/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The key under which go keeps what vet found out about a package. */
#include <string.h>

#include "golang/action_id.h"
#include "golang/vet_key.h"
#include "util/sha256.h"

#define RUNES_MAX 6	/* of 32 bytes; what has more is left out, one package in thousands */

/* As %q prints them: what go gives vet for a package of its own, and what for others. */
static const char *const flag_lists[] = {
	"[]",								/* go vet */
	"[\"-json\"]",							/* since 1.25 */
	"[\"-unsafeptr=false\"]",
	"[\"-unsafeptr=false\" \"-unreachable=false\"]",		/* go test */
	"[\"-atomic\" \"-bool\" \"-buildtags\" \"-errorsas\" \"-ifaceassert\" \"-nilfunc\" \"-printf\" "
	"\"-stringintconv\"]",
	"[\"-atomic\" \"-bool\" \"-buildtags\" \"-directive\" \"-errorsas\" \"-ifaceassert\" \"-nilfunc\" "
	"\"-printf\" \"-stringintconv\"]",
	"[\"-atomic\" \"-bool\" \"-buildtags\" \"-directive\" \"-errorsas\" \"-ifaceassert\" \"-nilfunc\" "
	"\"-printf\" \"-slog\" \"-stringintconv\"]",
	"[\"-atomic\" \"-bool\" \"-buildtags\" \"-directive\" \"-errorsas\" \"-ifaceassert\" \"-nilfunc\" "
	"\"-printf\" \"-slog\" \"-stringintconv\" \"-tests\"]",
	"[\"-atomic\" \"-bools\" \"-buildtag\" \"-directive\" \"-errorsas\" \"-ifaceassert\" \"-nilfunc\" "
	"\"-printf\" \"-slog\" \"-stdversion\" \"-stringintconv\" \"-tests\"]",
};

static const char *const only_lines[] = { "", "vetxonly true\n", "vetxonly false\n" };	/* 1.26 on */

/* --- the package's key, quoted --- */

/* Bytes of the letter that begins there; 0: it is none, or of ASCII. */
static size_t letter_len(const uint8_t *s, size_t n, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = *s >= 0xf0 && *s < 0xf8 ? 4 : *s >= 0xf0 ? 0 : *s >= 0xe0 ? 3 : *s >= 0xc0 ? 2 : 0;
	uint32_t v = len ? *s & (0xff >> (len + 1)) : 0;

	if (len > n)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		v = v << 6 | (s[i] & 0x3f);
	}
	if (!len || v < least[len] || v > 0x10ffff || (v >= 0xd800 && v < 0xe000))
		return 0;
	*ret = v;
	return len;
}

static unsigned int count_letters(const uint8_t *id)
{
	unsigned int cnt = 0;
	uint32_t letter;

	for (size_t i = 0, n; i < GOCACHE_ID_SZ; i += n ?: 1) {
		n = letter_len(id + i, GOCACHE_ID_SZ - i, &letter);
		cnt += n != 0;
	}
	return cnt;
}

/* hidden: a bit for each letter that is not printable. */
static void quote_id(struct str *out, const uint8_t *id, unsigned int hidden)
{
	uint32_t letter = 0;

	str__addc(out, '"');
	for (size_t i = 0, n; i < GOCACHE_ID_SZ; i += n ?: 1) {
		n = letter_len(id + i, GOCACHE_ID_SZ - i, &letter);
		if (!n && id[i] >= 0x80)
			str__addf(out, "\\x%02x", id[i]);
		else if (!n)
			go__quote_byte(out, id[i]);
		else if (hidden & 1)
			str__addf(out, letter < 0x10000 ? "\\u%04x" : "\\U%08x", letter);
		else
			str__add(out, (const char *)id + i, n);
		hidden >>= n != 0;
	}
	str__addc(out, '"');
}

/* --- keys --- */

static void add_imports(struct str *out, const struct vet_inputs *in)
{
	char hash[GO_HASH_LEN + 1];

	for (size_t i = 0; i < in->import_cnt; i++) {
		go__hash_text(in->imports[i].output, hash);
		str__adds(out, "vetout ");
		go__quote(out, in->imports[i].path);
		str__addf(out, " %s\n", hash);
	}
}

struct trial {
	const struct vet_inputs *in;
	const char *imports;
	struct str pkgs[1 << RUNES_MAX];
	unsigned int pkg_cnt;
	vet_key_fn fn;
	void *ctx;
};

static bool try_key(const struct trial *t, const char *pkg, unsigned int flags, unsigned int only)
{
	const char *const parts[] = {
		t->in->go, "vet \"vet version ", t->in->go, "\"\n", only_lines[only], "vetflags ",
		flag_lists[flags], "\npkg ", pkg, "\n", t->imports,
	};
	uint8_t key[GOCACHE_ID_SZ];
	struct sha256 sha;

	sha256__init(&sha);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		sha256__add(&sha, parts[i], strlen(parts[i]));
	sha256__end(&sha, key);
	return t->fn(t->ctx, key);
}

static bool try_letters(const struct trial *t, unsigned int flags, unsigned int only)
{
	for (unsigned int i = 0; i < t->pkg_cnt; i++)
		if (try_key(t, t->pkgs[i].s, flags, only))
			return true;
	return false;
}

static bool try_all(const struct trial *t, struct vet_guess *guess)
{
	unsigned int flags, only;

	if (try_letters(t, guess->flags, guess->only))
		return true;
	for (flags = 0; flags < ARRAY_SIZE(flag_lists); flags++)
		for (only = 0; only < ARRAY_SIZE(only_lines); only++)
			if (try_letters(t, flags, only)) {
				*guess = (struct vet_guess){ flags, only };
				return true;
			}
	return false;
}

bool vet__keys(const struct vet_inputs *in, struct vet_guess *guess, vet_key_fn fn, void *ctx)
{
	unsigned int letters = count_letters(in->action);
	struct trial t = { .in = in, .fn = fn, .ctx = ctx };
	__free_str struct str imports = {};
	bool found = false, failed;

	if (letters > RUNES_MAX)
		return false;
	add_imports(&imports, in);
	failed = str__err(&imports);
	for (; t.pkg_cnt < 1u << letters; t.pkg_cnt++) {
		quote_id(&t.pkgs[t.pkg_cnt], in->action, t.pkg_cnt);
		failed |= str__err(&t.pkgs[t.pkg_cnt]);
	}
	t.imports = imports.s ?: "";
	if (!failed)
		found = try_all(&t, guess);
	while (t.pkg_cnt)
		str__free(&t.pkgs[--t.pkg_cnt]);
	return found;
}
