/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Planted secrets never come out, and evidence that looks like one stays. */
#include <ctype.h>
#include <sha2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "record/line.h"
#include "record/redact.h"
#include "record/redact_tables.h"

#define C "CANARYcanary"	/* the secret in all inputs */
/* Of "Xq7hunter2" under "Jefe" and a key longer than a block, by another implementation */
#define KEYED	   "5a532195"
#define KEYED_LONG "0881327d"

static void check(const char *in, const struct str *out, unsigned int cnt, const char *expected)
{
	assert_int_equal(str__err(out), 0);
	if (expected && strcmp(out->s ? out->s : "", expected))
		fail_msg("'%s' became '%s', not '%s'", in, out->s, expected);
	if (out->s && strcasestr(out->s, "canary"))
		fail_msg("'%s' leaks: '%s'", in, out->s);
	/* Every marker is counted, nothing else is. */
	unsigned int marks = 0;

	for (const char *p = out->s; p && (p = strstr(p, REDACTED)); p++)
		marks++;
	assert_int_equal(cnt, marks);
}

static void check_env(const char *name, const char *value, const char *expected)
{
	__free_str struct str out = {};
	unsigned int cnt;

	cnt = redact__env_value(name, strlen(name), value, strlen(value), &out);
	check(value, &out, cnt, expected);
}

static void test_env_values(void **state)
{
	static const struct {
		const char *name, *value, *expected;
	} cases[] = {
		{ "GOPROXY", "https://proxy.golang.org,direct", "https://proxy.golang.org,direct" },
		{ "GOPROXY", "https://u:" C "@h.example/p,direct", "https://[redacted]@h.example/p,direct" },
		{ "GOPROXY", "https://" C "@h|https://a:" C "@b|off", "https://[redacted]@h|https://[redacted]@b|off" },
		{ "GOPROXY", "https://h/p?t=" C ",direct", "https://h/p?[redacted],direct" },
		{ "GOPROXY", "https://h/p#" C, "https://h/p#[redacted]" },
		{ "GOPROXY", "u:" C "@h,direct", "[redacted],direct" },
		{ "GOPROXY", "https://u:p/" C "@h,direct", "https://[redacted]@h,direct" },
		{ "GOPROXY", "https://u:a," C "@h", "[redacted],[redacted]" },
		{ "GOPROXY", "https://u:" C, "[redacted]" },
		{ "GOPROXY", "http://localhost:3000,http://[::1]:80", "http://localhost:3000,http://[::1]:80" },
		{ "GOPROXY", "file:///srv/proxy", "file:///srv/proxy" },
		{ "GOSUMDB", "sum.example+03+Ac4 https://u:" C "@h/x", "sum.example+03+Ac4 https://[redacted]@h/x" },
		{ "GOSUMDB", "off", "off" },
		{ "HTTPS_PROXY", "http://u:" C "@h:3128/", "http://[redacted]@h:3128/" },
		{ "https_proxy", "u:" C "@h:3128", "[redacted]" },
		{ "NO_PROXY", "localhost,.corp,10.0.0.0/8", "localhost,.corp,10.0.0.0/8" },
		{ "GOAUTH", "off", "off" },
		{ "GOAUTH", "netrc", "netrc" },
		{ "GOAUTH", "netrc; git /home/" C, "netrc; git [redacted]" },
		{ "GOAUTH", C " --x", "[redacted]" },
		{ "GOAUTH", "/bin/helper " C ";netrc", "[redacted];netrc" },
		{ "GOCACHEPROG", "prog -t " C, "[redacted]" },
		{ "GOCACHEPROG", "", "" },
		{ "GOFLAGS", "-mod=mod -tags=a,b", "-mod=mod -tags=a,b" },
		{ "GOFLAGS", "-ldflags=-X=a.b=" C " -mod=mod", "-ldflags=-X=a.b=[redacted] -mod=mod" },
		{ "GOFLAGS", "'-ldflags=-X a.b=" C " -s' -race", "'-ldflags=-X a.b=[redacted] -s' -race" },
		{ "GOFLAGS", "-toolexec=/x/garble", "-toolexec=/x/garble" },
		{ "GOFLAGS", "\"-toolexec=w " C "\" -v", "\"-toolexec=w [redacted]\" -v" },
		{ "CGO_CFLAGS", "-O2 -DAPI_TOKEN=" C " -I/x", "-O2 -DAPI_TOKEN=[redacted] -I/x" },
		{ "CGO_LDFLAGS", "-L/usr/lib -lssl", "-L/usr/lib -lssl" },
		{ "CC", "gcc -m64", "gcc -m64" },
		{ "PATH", "/usr/bin:/bin", "/usr/bin:/bin" },
		{ "HOME", "/root", "/root" },
		{ "GODEBUG", "gocachehash=1,http2client=0", "gocachehash=1,http2client=0" },
		{ "GOTOOLCHAIN_INTERNAL_SWITCH_VERSION", "go1.24.4", "go1.24.4" },
		{ "TOOLEXEC_IMPORTPATH", "go/token", "go/token" },
		{ "MY_SETTING", C, "[redacted]" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		check_env(cases[i].name, cases[i].value, cases[i].expected);
}

/* Whatever a variable is for: credentials in URLs and tokens do not pass. */
static void test_every_env_rule(void **state)
{
	size_t i;

	for (i = 0; i < env_rule_cnt; i++) {
		if (i)
			assert_true(strcmp(env_rules[i - 1].name, env_rules[i].name) < 0);
		assert_int_equal(redact__env_allowed(env_rules[i].name, strlen(env_rules[i].name)), i);
		check_env(env_rules[i].name, "https://user:" C "@host/", NULL);
		check_env(env_rules[i].name, "a https://host/x?k=" C, NULL);
		check_env(env_rules[i].name, "xoxb-" C "0123456789", NULL);
	}
	assert_int_equal(redact__env_allowed("GOFLAG", 6), -1);
	assert_int_equal(redact__env_allowed("GOFLAGSX", 8), -1);
	assert_int_equal(redact__env_allowed("", 0), -1);
	assert_int_equal(redact__env_allowed("PATH\0X", 6), -1);
	assert_int_equal(redact__env_allowed("NETRC", 5), -1);
}

/* argv as NULL-terminated list; out: the arguments joined by " | " */
static unsigned int join_args(const char *const *argv, struct str *out)
{
	struct redact_argv a = {};
	unsigned int cnt = 0;
	size_t i;

	for (i = 0; argv[i]; i++) {
		if (i)
			str__adds(out, " | ");
		cnt += redact__arg(&a, argv[i], strlen(argv[i]), out);
	}
	return cnt;
}

static void test_args(void **state)
{
	static const struct {
		const char *argv[8];
		const char *expected;
	} cases[] = {
		{ { "go", "build", "-ldflags=-X main.k=" C " -s", "./..." },
		  "go | build | -ldflags=-X main.k=[redacted] -s | ./..." },
		{ { "go", "build", "-ldflags", "-X 'main.k=a " C "' -w" },
		  "go | build | -ldflags | -X 'main.k=[redacted]' -w" },
		{ { "go", "build", "-ldflags=./cmd/...=-X m.k=" C },
		  "go | build | -ldflags=./cmd/...=-X m.k=[redacted]" },
		{ { "go", "build", "-ldflags=all=\"-X=a.b=c " C "\"" },
		  "go | build | -ldflags=all=\"-X=a.b=[redacted]\"" },
		{ { "/t/link", "-X", "a.b=" C, "-X=runtime.godebugDefault=panicnil=1", "-buildid=A/B/C" },
		  "/t/link | -X | a.b=[redacted] | -X=runtime.godebugDefault=panicnil=1 | -buildid=A/B/C" },
		{ { "go", "build", "-toolexec", "w " C, "-v" }, "go | build | -toolexec | w [redacted] | -v" },
		{ { "go", "env", "-w", "GOPROXY=https://u:" C "@h,direct" },
		  "go | env | -w | GOPROXY=https://[redacted]@h,direct" },
		{ { "git", "-c", "http.extraheader=AUTHORIZATION: basic " C, "fetch" },
		  "git | -c | http.extraheader=[redacted] | fetch" },
		{ { "git", "-c", "http.https://h/.extraHeader=" C }, "git | -c | http.https://h/.extraHeader=[redacted]" },
		{ { "git", "-c", "credential.helper=!echo " C }, "git | -c | credential.helper=[redacted]" },
		{ { "git", "clone", "https://x-access-token:" C "@github.com/a/b" },
		  "git | clone | https://[redacted]@github.com/a/b" },
		{ { "git", "clone", "git@github.com:a/b" }, "git | clone | git@github.com:a/b" },
		{ { "curl", "-u", "me:" C, "-x", "u:" C "@proxy", "-H", "Authorization: Bearer " C },
		  "curl | -u | me:[redacted] | -x | [redacted] | -H | Authorization: [redacted]" },
		{ { "curl", "-HPRIVATE-TOKEN: " C, "-H", "X-Custom-Secret: " C }, NULL },
		{ { "sort", "-u", "a:b" }, "sort | -u | a:b" },
		{ { "sh", "-c", "curl -H 'Cookie: a=" C "; b' https://u:" C "@h/p | GH_TOKEN=\"x " C "\" go build && x" },
		  "sh | -c | curl -H 'Cookie: [redacted]' https://[redacted]@h/p | GH_TOKEN=\"[redacted]\" go build && x" },
		{ { "sh", "-c", "x --password " C "; y --api-key=" C " z" },
		  "sh | -c | x --password [redacted]; y --api-key=[redacted] z" },
		{ { "app", "--token", "--verbose", "x" }, "app | --token | --verbose | x" },
		{ { "app", "--token-file", "/run/t", "--no-token", "x", "--author=me" },
		  "app | --token-file | /run/t | --no-token | x | --author=me" },
		{ { "docker", "run", "-e", "DB_PASSWORD=" C, "--build-arg=NPM_TOKEN=" C, "image/auth:1.2" },
		  "docker | run | -e | DB_PASSWORD=[redacted] | --build-arg=NPM_TOKEN=[redacted] | image/auth:1.2" },
		{ { "curl", "https://h/x?access_token=" C "&b=c#" C }, NULL },
		{ { "git", "ls-remote", "https://h/m?go-get=1" }, "git | ls-remote | https://h/m?go-get=1" },
		{ { "psql", "postgres://u:p#" C "@h/db" }, "psql | postgres://[redacted]@h/db" },
		{ { "openssl", "-passin", "pass:" C }, "openssl | -passin | pass:[redacted]" },
		{ { "x", "-----BEGIN PRIVATE KEY-----\n" C "\n" }, "x | [redacted]" },
		{ { "", "a" }, " | a" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		__free_str struct str out = {};

		check(cases[i].argv[0], &out, join_args(cases[i].argv, &out), cases[i].expected);
	}
}

/* Build IDs, hashes, packages and paths are what the record is for. */
static void test_evidence_stays(void **state)
{
	static const char *const args[] = {
		"/usr/lib/go/pkg/tool/linux_amd64/compile", "-o", "$WORK/b001/_pkg_.a", "-trimpath",
		"/tmp/go-build1/b001=>;/root/auth/x=>example.com/auth@v1.2.3;/x=>", "-p", "go/token", "-std",
		"-complete", "-buildid", "AKIAabcdefghijklmnop/eyJabcdefghijklmnopq", "-goversion", "go1.24.4",
		"-c=4", "-nolocalimports", "-importcfg", "$WORK/b001/importcfg", "-pack",
		"-lang=go1.24", "-D", "", "-gcflags=all=-d=a=1,b=2,c=3,d=4,e=5,f=6",
		"-buildid=ghp_567890123456789/ghp_567890123456789/a/b", "-extld=gcc",
		"/root/.cache/go-build/0a/0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9-d",
		"h1:eyJhbcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN=", "golang.org/x/oauth2@v0.1.0",
		"-tags=netgo,osusergo", "-run=TestToken", "-test.timeout=10m0s", "-fdebug-prefix-map=/a=/b",
		"-Wl,-rpath=/x", "--sysroot=/s", "packagefile go/token=/x/token.a", "a=>b",
		"vcs.revision=0123456789abcdef0123456789abcdef01234567", "-ffile-prefix-map=/t/auth=/y",
		NULL,
	};
	__free_str struct str out = {}, expected = {};
	size_t i;

	for (i = 0; args[i]; i++) {
		if (i)
			str__adds(&expected, " | ");
		str__adds(&expected, args[i]);
	}
	assert_int_equal(join_args(args, &out), 0);
	assert_string_equal(out.s, expected.s);
}

static const char *secret_for(const struct option_rule *o)
{
	switch (o->rule) {
	case RULE_XDEF: case RULE_PAIR:
		return "a.b=" C;
	case RULE_USER:
		return "me:" C;
	case RULE_URLS:
		return "u:" C "@h";
	case RULE_PERCENT:
		return "me%" C;
	case RULE_COMMA:
		return "me," C;
	case RULE_SLASH:
		return "me/" C "@db";
	case RULE_PASSARG:
		return "pass:" C;
	case RULE_MARKED:
		return o->family == FAMILY_RDP ? "/p:" C : ">" C;
	case RULE_RANDOM:
		return C "1";
	case RULE_SHELL:
		return "app --token " C;
	case RULE_FORM:
		return "a=b&token=" C;
	case RULE_HEADER:
		return "X-Api-Key: " C;
	case RULE_PROGRAM:
		return "prog " C;
	case RULE_WORDS:
		return "-X a.b=" C;
	default:
		return C;
	}
}

static const char *program_of(enum redact_family family)
{
	size_t i;

	for (i = 0; i < program_rule_cnt; i++)
		if (program_rules[i].family == family)
			return program_rules[i].name;
	return "any";
}

/* The command line up to the option or the position; returns how many arguments. */
static size_t line_for(const struct option_rule *o, struct str *sub, const char *argv[16])
{
	size_t n = 1;
	char *p;

	argv[0] = program_of(o->family);
	str__adds(sub, o->sub ? o->sub : "");
	for (p = strtok(sub->s, " "); p; p = strtok(NULL, " "))
		argv[n++] = p;
	while (!o->name && n < (size_t)abs(o->pos))
		argv[n++] = "word";
	return n;
}

static void test_every_option_rule(void **state)
{
	const struct option_rule *o;

	for (o = option_rules; o < option_rules + option_rule_cnt; o++) {
		__free_str struct str sub = {}, flag = {}, joined = {}, out = {};
		const char *argv[16] = {};
		size_t n = line_for(o, &sub, argv);

		assert_true(o == option_rules || o[-1].family <= o->family);
		if (o->rule == RULE_KEEP || o->rule == RULE_TEXT || o->rule == RULE_SWITCH)
			continue;
		str__addf(&flag, "-%s", o->name ?: "");
		str__addf(&joined, "--%s=%s", o->name ?: "", secret_for(o));
		if (o->name)
			argv[n++] = flag.s;
		argv[n++] = secret_for(o);
		check(argv[0], &out, join_args(argv, &out), NULL);
		assert_non_null(strstr(out.s, REDACTED));
		if (!o->name)
			continue;
		str__cut(&out, 0);
		argv[n - 2] = joined.s;
		argv[n - 1] = NULL;
		check(joined.s, &out, join_args(argv, &out), NULL);
		assert_non_null(strstr(out.s, REDACTED));
	}
	for (size_t i = 1; i < program_rule_cnt; i++)
		assert_true(strcmp(program_rules[i - 1].name, program_rules[i].name) < 0);
}

/* Each word that makes a name secret, as a variable, as two forms of a flag, and in a shell's text. */
static void test_every_secret_word(void **state)
{
	static const char *const forms[] = { "%s=" C, "--%s=" C, "x %s=" C " y", "-e%s=" C };
	__free_str struct str name = {};
	size_t i, j;

	for (i = 0; i < name_word_cnt; i++) {
		const struct name_word *w = &name_words[i];

		assert_true(i == 0 || strcmp(name_words[i - 1].word, w->word) < 0);
		if (!(w->kinds & (WORD_STRONG | WORD_LAST | WORD_KEY)))
			continue;
		str__cut(&name, 0);
		str__addf(&name, "MY_%s%s", w->word, w->kinds & (WORD_STRONG | WORD_LAST) ? "" : "_KEY");
		assert_true(redact__name_is_secret(name.s, name.len));
		for (j = 0; j < ARRAY_SIZE(forms); j++) {
			__free_str struct str in = {}, out = {};
			const char *argv[] = { "prog", NULL, NULL };

			str__addf(&in, forms[j], name.s);
			argv[1] = in.s;
			check(in.s, &out, join_args(argv, &out), NULL);
			assert_non_null(strstr(out.s, REDACTED));
		}
	}
	assert_false(redact__name_is_secret("GIT_AUTHOR_NAME", 15));
	assert_false(redact__name_is_secret("TOOLEXEC_IMPORTPATH", 19));
}

static void test_every_header(void **state)
{
	static const char *const forms[] = { "%s:" C, "%s: " C " x", "curl -H '%s: " C " x' y", "-H%s: " C };
	size_t i, j;

	for (i = 0; i < secret_header_cnt; i++) {
		for (j = 0; j < ARRAY_SIZE(forms); j++) {
			__free_str struct str in = {}, out = {};
			const char *argv[] = { "prog", NULL, NULL };

			str__addf(&in, forms[j], secret_headers[i]);
			argv[1] = in.s;
			check(in.s, &out, join_args(argv, &out), NULL);
		}
	}
}

/* A token is found alone, in a path, behind "="; not when it is short or within a word. */
static void test_every_token(void **state)
{
	const struct token_rule *t;
	unsigned int i;
	char c;

	for (t = token_rules; t < token_rules + token_rule_cnt; t++) {
		__free_str struct str token = {}, in = {}, out = {}, expected = {};

		assert_true(strlen(t->prefix) + t->min >= TOKEN_MIN);
		str__adds(&token, t->prefix);
		for (i = 0; i < t->dots; i++)
			str__addc(&token, '.');
		for (; i < t->min; i++) {
			c = C[i % 12];
			c = t->is_char(c) ? c : toupper((unsigned char)c);
			str__addc(&token, t->is_char(c) ? c : "c0ffee"[i % 6]);
		}
		str__addf(&in, "a=%s", token.s);
		str__addf(&expected, "a=%s[redacted]", t->keeps_prefix ? t->prefix : "");
		check(in.s, &out, redact__text(in.s, in.len, &out), expected.s);
		str__cut(&in, 0);
		str__addf(&in, "/work/%s/x", token.s);
		assert_true(t->keeps_prefix || strchr(t->prefix, '/') || redact__path_is_suspect(in.s, in.len));
		str__cut(&out, 0);
		assert_int_equal(redact__text(token.s, token.len - 1, &out), 0);
		assert_int_equal(out.len, token.len - 1);
		if (!isalpha((unsigned char)t->prefix[0]))
			continue;
		str__cut(&out, 0);
		str__cut(&in, 0);
		str__addf(&in, "0%s", token.s);
		assert_int_equal(redact__text(in.s, in.len, &out), 0);
	}
}

static void test_paths(void **state)
{
	static const char *const clean[] = {
		"/root/go/pkg/mod/golang.org/x/oauth2@v0.1.0/token.go", "0::/user.slice", "/a:/b@c", "",
		"/proc/self/exe", "a:", "/x/http:y",
	};
	static const char *const suspect[][2] = {
		{ "https://u:" C "@h/x/.git", "https://[redacted]@h/x/.git" },
		{ "/home/me/https:/u:" C "@h/x.git", "/home/me/https:/[redacted]@h/x.git" },
		{ "/home/me/https://" C "@h", "/home/me/https://[redacted]@h" },
		{ "/w/ssh:/" C "@h/x", "/w/ssh:/[redacted]@h/x" },
		{ "me:" C "@h/x", "[redacted]@h/x" },
		{ "/w/token=" C "/x", "/w/token=[redacted]/x" },
		{ "/w/x?access_token=" C, "/w/x?access_token=[redacted]" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(clean); i++)
		assert_false(redact__path_is_suspect(clean[i], strlen(clean[i])));
	for (i = 0; i < ARRAY_SIZE(suspect); i++) {
		__free_str struct str out = {};
		size_t n = strlen(suspect[i][0]);

		assert_true(redact__path_is_suspect(suspect[i][0], n));
		check(suspect[i][0], &out, redact__path(suspect[i][0], n, &out), suspect[i][1]);
	}
}

static void test_every_scheme(void **state)
{
	size_t i;

	for (i = 0; i < url_scheme_cnt; i++) {
		__free_str struct str in = {}, out = {};

		str__addf(&in, "/w/%s:/u:" C "@h/x", url_schemes[i]);
		assert_true(redact__path_is_suspect(in.s, in.len));
		check(in.s, &out, redact__path(in.s, in.len, &out), NULL);
	}
}

static void test_files(void **state)
{
	static const struct {
		enum config_kind kind;
		const char *text, *expected;
	} cases[] = {
		{ CONFIG_ENV,
		  "GOPROXY=https://u:" C "@h\nGOFLAGS=-mod=mod\nMY=" C "\n# GOPROXY=https://" C "@x/\nlast",
		  "GOPROXY=https://[redacted]@h\nGOFLAGS=-mod=mod\nMY=[redacted]\n# GOPROXY=https://[redacted]@x/\nlast" },
		{ CONFIG_GO_ENV, "# c\n\nGOSUMDB=sum.golang.org\n", "# c\n\nGOSUMDB=sum.golang.org\n" },
		{ CONFIG_GO_MOD, "module a\n// https://u:" C "@h\nrequire golang.org/x/oauth2 v1.0.0 // indirect\n",
		  "module a\n// https://[redacted]@h\nrequire golang.org/x/oauth2 v1.0.0 // indirect\n" },
		{ CONFIG_IMPORTCFG, "packagefile go/token=/w/b002/_pkg_.a\n", "packagefile go/token=/w/b002/_pkg_.a\n" },
		{ CONFIG_ENV, "", "" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		__free_str struct str out = {};
		unsigned int cnt;

		cnt = redact__file(cases[i].kind, cases[i].text, strlen(cases[i].text), &out);
		check(cases[i].text, &out, cnt, cases[i].expected);
	}
	/* Whatever a file is for, there is somebody who cleans it. */
	for (int kind = CONFIG_NONE; kind < CONFIG_CNT; kind++) {
		__free_str struct str out = {};
		static const char text[] = "x https://user:hunter2hunter2@host/ y";

		redact__file(kind, text, strlen(text), &out);
		assert_non_null(out.s);
		assert_null(strstr(out.s, "hunter2"));
	}
}

/* All at once through the builder: what a record's line says. */
static void test_line(void **state)
{
	static const char args[] = "git\0clone\0https://" C "@h\0--token\0" C "\0-pass=" C;
	static const char env[] = "PATH=/bin\0GH_TOKEN=" C "\0GOAUTH=" C "\0" C "\0PATH=/second\0GOFLAGS=" C;
	static const char settings[] = "-ldflags=-X a.b=" C "\0CGO_CFLAGS=-DTOKEN=" C "\0GOOS=linux\0";
	struct line l = {};

	line__begin(&l, REC_EXEC, 1, 2, 3, 4);
	line__args(&l, args, sizeof(args) - 1);
	line__env(&l, env, sizeof(env) - 1);
	line__bytes(&l, "file", "https://u:" C "@h", strlen("https://u:" C "@h"));
	line__settings(&l, settings, sizeof(settings) - 1);
	line__file(&l, CONFIG_GO_ENV, "X=" C, strlen("X=" C), false, 0);
	assert_int_equal(line__end(&l), 0);
	assert_null(strstr(l.text.s, "ANARY"));
	assert_string_equal(l.text.s,
		"{\"k\":\"exec\",\"ts\":1,\"pid\":2,\"tid\":3,\"proc\":4,"
		"\"args\":[\"git\",\"clone\",\"https://[redacted]@h\",\"--token\",\"[redacted]\",\"[redacted]\"],"
		"\"env\":{\"PATH\":\"/bin\",\"GOAUTH\":\"[redacted]\"},"
		"\"env_names\":[\"GH_TOKEN\",\"[redacted]\",\"GOFLAGS\"],"
		"\"file\":\"https://[redacted]@h\","
		"\"settings\":{\"-ldflags\":\"-X a.b=[redacted]\",\"CGO_CFLAGS\":\"-DTOKEN=[redacted]\",\"GOOS\":\"linux\"},"
		"\"text\":\"X=[redacted]\",\"incomplete\":[\"args\",\"env\"]}");
	assert_int_equal(l.redactions, 9);
	line__free(&l);
}

static void check_hash(const char *text, const char *written, bool is_whole)
{
	char hash[SHA256_DIGEST_STRING_LENGTH], key[SHA256_DIGEST_STRING_LENGTH + 16];
	struct line l = {};

	line__begin_plain(&l, REC_FILE);
	assert_true(line__file(&l, CONFIG_ENV, text, strlen(text), is_whole, 0) == is_whole);
	assert_int_equal(line__end(&l), 0);
	snprintf(key, sizeof(key), "\"sha256\":\"%s\"",
		 SHA256Data((const uint8_t *)written, strlen(written), hash));
	assert_true(!!strstr(l.text.s, key) == is_whole);
	line__free(&l);
}

/* A short secret is found by its hash: the hash is that of what is written. */
static void test_hash_of_file(void **state)
{
	struct line l = {};

	check_hash("GOFLAGS=-v\n", "GOFLAGS=-v\n", true);
	check_hash("MY_PIN=1234\n", "MY_PIN=[redacted]\n", true);
	check_hash("MY_PIN=1234\n", "MY_PIN=[redacted]\n", false);
	/* The secret is behind what is written: the hash is the same for another one. */
	line__begin_plain(&l, REC_FILE);
	assert_false(line__file(&l, CONFIG_ENV, "GOOS=js\nMY_PIN=1234\n", 20, true, 10));
	line__end(&l);
	assert_non_null(strstr(l.text.s, "\"text\":\"GOOS=js\\n\""));
	assert_non_null(strstr(l.text.s, SHA256Data((const uint8_t *)"GOOS=js\nMY_PIN=[redacted]\n", 26,
						    (char[SHA256_DIGEST_STRING_LENGTH]){})));
	line__free(&l);
}

static void test_tags(void **state)
{
	static const char tags[] = "job=build 7\0api-token=" C "\0url=https://u:" C "@h/\0ci/stage:x=a=b\0";
	struct line l = {};

	line__begin_plain(&l, REC_HEADER);
	line__tags(&l, tags, sizeof(tags) - 1);
	assert_int_equal(line__end(&l), 0);
	assert_string_equal(l.text.s, "{\"k\":\"header\",\"tags\":{\"job\":\"build 7\",\"api-token\":\"[redacted]\","
				      "\"url\":\"https://[redacted]@h/\",\"ci/stage:x\":\"a=b\"}}");
	assert_int_equal(l.redactions, 2);
	line__free(&l);
}

/* Names of variables, and what build information says of modules. */
static void test_names_and_members(void **state)
{
	static const char env[] = "A=1\0ghp_" C "0123456789=1\0PATH=/bin";
	__free_str struct str text = {};
	struct line l = {};
	struct json j;

	line__begin_plain(&l, REC_EXEC);
	line__env(&l, env, sizeof(env));
	json__init(&j, &text);
	json__obj(&j);
	line__member(&l, &j, "path", "example.org/auth");
	line__member(&l, &j, "sum", "h1:eyJhbcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN=");
	line__member(&l, &j, "replace", "../ghp_" C "0123456789");
	json__end(&j);
	line__raw(&l, "main", text.s, text.len);
	assert_int_equal(line__end(&l), 0);
	assert_string_equal(l.text.s, "{\"k\":\"exec\",\"env\":{\"PATH\":\"/bin\"},\"env_names\":[\"A\",\"[redacted]\"],"
		"\"main\":{\"path\":\"example.org/auth\","
		"\"sum\":\"h1:eyJhbcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN=\",\"replace\":\"../[redacted]\"}}");
	assert_int_equal(l.redactions, 2);
	line__free(&l);
}

/* Equal values have equal marks, whatever quotes stand around them; other keys make other marks. */
static void test_key(void **state)
{
	static const char long_key[] = "0123456789012345678901234567890123456789012345678901234567890123456789";
	static const char *const texts[] = { "--token=Xq7hunter2", "--password='Xq7hunter2'", "TOKEN=\"Xq7hunter2\"" };
	__free_str struct str out = {}, first = {};
	size_t i;

	redact__set_key("Jefe", 4);
	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		struct redact_argv a = { .started = true };

		str__cut(&out, 0);
		assert_int_equal(redact__arg(&a, texts[i], strlen(texts[i]), &out), 1);
		assert_non_null(strstr(out.s, "[redacted:" KEYED "]"));
	}
	redact__env_value("MY", 2, "Xq7hunter2", 10, &first);
	assert_string_equal(first.s, "[redacted:" KEYED "]");
	redact__set_key(long_key, sizeof(long_key) - 1);
	str__cut(&out, 0);
	redact__env_value("MY", 2, "Xq7hunter2", 10, &out);
	assert_string_equal(out.s, "[redacted:" KEYED_LONG "]");
	redact__set_key(NULL, 0);
	str__cut(&out, 0);
	redact__env_value("MY", 2, "Xq7hunter2", 10, &out);
	assert_string_equal(out.s, REDACTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_env_values),
		cmocka_unit_test(test_every_env_rule),
		cmocka_unit_test(test_args),
		cmocka_unit_test(test_evidence_stays),
		cmocka_unit_test(test_every_option_rule),
		cmocka_unit_test(test_every_secret_word),
		cmocka_unit_test(test_every_header),
		cmocka_unit_test(test_every_token),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_every_scheme),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_hash_of_file),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_names_and_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
