/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The key of a compiled package: as go computed it, and another one for each input that differs. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "golang/action_id.h"
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_go), cmocka_unit_test(each_input_counts), cmocka_unit_test(not_known),
		cmocka_unit_test(quotes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
