/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The key of a compiled package: as go computed it, and another one for each input that differs. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "golang/action_id.h"
#include "golang/vet_key.h"
#include "util/sha256.h"

/* Of a real run of go1.26.11, by GODEBUG=gocachehash=1. */
#define L_GO	"a2bf0cadfc2393f1a44427ca66cac4331abadfda0d1f67564b42041ebfe0a6df"
#define M_GO	"af0698370c1e89c5b12011900941bbd1d66ea58337552602a96d9d5cd189b30d"
#define LEAF	"c3359d505e215eb36497887360516fc4d9320f25c026e03353a1b6c8f3c4676f"
#define MONEY	"636f6a7afa614b1ec2191367f28c619e8c0387d6900a4cdb3520981f8af2ba58"

struct package {
	struct action_inputs in;
	struct action_file file;
	struct action_import import;
	uint8_t sha256[32];
};

static void begin(struct package *p, const char *dir, const char *path, const char *file, const char *sha256)
{
	*p = (struct package){ .in = {
		.go = "go1.26.11", .minor = 26, .dir = dir, .path = path, .go_line = "1.18", .goos = "linux",
		.goarch = "amd64", .arch = "GOAMD64=v1", .file_cnt = 1 } };
	assert_true(gocache__bytes(sha256, sizeof(p->sha256), p->sha256));
	p->file = (struct action_file){ file, p->sha256 };
	p->in.files = &p->file;
}

static void leaf(struct package *p)
{
	begin(p, "/tmp/wd/m/leaf", "example.org/shop/leaf", "l.go", L_GO);
}

static void assert_id(const struct action_inputs *in, const char *id)
{
	uint8_t got[GOCACHE_ID_SZ];
	char hex[SHA256_HEX];

	assert_int_equal(action__id(in, got), 0);
	sha256__hex(got, hex);
	if (id)
		assert_string_equal(hex, id);
	else
		assert_string_not_equal(hex, LEAF);
}

static void as_go(void **state)
{
	struct package p;

	leaf(&p);
	assert_id(&p.in, LEAF);
	begin(&p, "/tmp/wd/m/money", "example.org/shop/money", "m.go", M_GO);
	p.import = (struct action_import){ "example.org/shop/leaf", "yvxjaMz98RriOVoYENqq", 20 };
	p.in.imports = &p.import;
	p.in.import_cnt = 1;
	assert_id(&p.in, MONEY);
}

static void each_input_counts(void **state)
{
	struct package p;

#define ANOTHER(member, value) leaf(&p); p.in.member = value; assert_id(&p.in, NULL)
	ANOTHER(go, "go1.26.12");
	ANOTHER(dir, "/tmp/wd/n/leaf");
	ANOTHER(path, "example.org/shop/leaf2");
	ANOTHER(go_line, "1.19");
	ANOTHER(goos, "windows");
	ANOTHER(goarch, "arm64");
	ANOTHER(arch, "GOAMD64=v2");
	ANOTHER(is_trimpath, true);
	ANOTHER(is_library, true);
	ANOTHER(gcflags, "[] [\"-N\"]");
	ANOTHER(has_asm, true);
	ANOTHER(experiment, "fieldtrack");
	ANOTHER(modinfo, "path\tx\n");
	ANOTHER(file_cnt, 0);
	leaf(&p);
	p.sha256[0] ^= 1;
	assert_id(&p.in, NULL);
	leaf(&p);
	p.file.name = "m.go";
	assert_id(&p.in, NULL);
	/* What go hashes of a file is not all of its hash. */
	leaf(&p);
	p.sha256[31] ^= 1;
	assert_id(&p.in, LEAF);
}

static void not_known(void **state)
{
	uint8_t id[GOCACHE_ID_SZ];
	struct package p;

	leaf(&p);
	p.in.minor = 14;
	assert_int_equal(action__id(&p.in, id), -EOPNOTSUPP);
}

static void quotes(void **state)
{
	struct str s = {};

	go__quote(&s, "a\tb\n\"\\\x01\x7f\xc3\xa4");
	assert_string_equal(s.s, "\"a\\tb\\n\\\"\\\\\\x01\\x7f\xc3\xa4\"");
	str__free(&s);
}

/* --- vet --- */

#define NOTHING	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static bool is_it(void *ctx, const uint8_t *key)
{
	return !memcmp(key, ctx, GOCACHE_ID_SZ);
}

static bool has_key(const char *go, const char *action, const char *import, const char *output, const char *key)
{
	uint8_t a[GOCACHE_ID_SZ], o[GOCACHE_ID_SZ], k[GOCACHE_ID_SZ];
	const struct vet_import imports[] = { { import, o } };
	struct vet_inputs in = { .go = go, .action = a, .imports = imports, .import_cnt = import ? 1 : 0 };
	struct vet_guess guess = {};

	assert_true(gocache__bytes(action, sizeof(a), a) && gocache__bytes(output, sizeof(o), o) &&
		    gocache__bytes(key, sizeof(k), k));
	return vet__keys(&in, &guess, is_it, k) && vet__keys(&in, &guess, is_it, k);
}

/* Of runs of go test, by GODEBUG=gocachehash=1: with letters in the keys, and without. */
static void vet_as_go(void **state)
{
	static const char goarch[] = "34327aabf11db3bd66105f6e001a744e5765252ca7fba90d5f6dcefe1acb2d31";
	static const char abi[] = "b54cf0c02876689cefcefd8c518df0541b1ce1943cc49d85955a751342383fd9";
	static const char of_abi[] = "a77a62e1fb944d4521ce477e1263666f4bb77b09df93aa7941a9fe76b3b65fa3";
	static const char errors[] = "272c16f2398f0a8ffcebf36f29edc6e83fd8f2e7732b7221459951fca6acf21d";

	assert_true(has_key("go1.26.11", goarch, NULL, NOTHING,
			    "e5f4f2b185ffde24f357bed42daf9c8eef2a3c7a051a5956d18bcbb6d357a07d"));
	assert_true(has_key("go1.26.11", abi, "internal/goarch", NOTHING, of_abi));
	assert_true(has_key("go1.22.12", errors, "internal/reflectlite", NOTHING,
			    "e762ca9b002b93ab48e185aa0b85b0af6b7dfb35eea508b4e175d500e94eb21e"));
	assert_false(has_key("go1.26.10", abi, "internal/goarch", NOTHING, of_abi));
	assert_false(has_key("go1.26.11", goarch, "internal/goarch", NOTHING, of_abi));
	assert_false(has_key("go1.26.11", abi, "internal/goarc", NOTHING, of_abi));
	assert_false(has_key("go1.26.11", abi, "internal/goarch", abi, of_abi));
	assert_false(has_key("go1.26.11", abi, NULL, NOTHING, of_abi));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_go), cmocka_unit_test(each_input_counts), cmocka_unit_test(not_known),
		cmocka_unit_test(quotes), cmocka_unit_test(vet_as_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
