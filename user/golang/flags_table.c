/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The flags of cmd/go's verbs, as their flag sets of 1.15, 1.19 and 1.21 to 1.27 list them. */
#include <string.h>

#include "golang/flags_table.h"
#include "util/str.h"

static const struct {
	const char *words;
	unsigned char since, until;
} verbs[GO_VERB_CNT] = {
	[GO_VERB_NONE] = { "" },
#define X(id, verb_words, first, last) [GO_VERB_##id] = { verb_words, first, last },
	GO_VERB_LIST(X)
#undef X
};

#define V(verb) (UINT64_C(1) << GO_VERB_##verb)

/* Verbs that load packages; fix is one of them since 1.18, see has_flags(). */
#define BUILDS (V(BUILD) | V(CLEAN) | V(FIX) | V(GENERATE) | V(GET) | V(INSTALL) | V(LIST) | V(RUN) | \
		V(TEST) | V(VET))
#define MODS (V(MOD_DOWNLOAD) | V(MOD_EDIT) | V(MOD_GRAPH) | V(MOD_INIT) | V(MOD_TIDY) | V(MOD_VENDOR) | \
	      V(MOD_VERIFY) | V(MOD_WHY))
#define WORKS (V(WORK_INIT) | V(WORK_SYNC) | V(WORK_USE) | V(WORK_VENDOR))
#define TOOLS (V(VET) | V(FIX))		/* what their tools understand is passed on to these */
#define COVERS (V(BUILD) | V(INSTALL) | V(LIST) | V(RUN))	/* beside test, since 1.20 */
/* go doc reads flags by itself: GOFLAGS need not know them. */
#define ALL_BUT_DOC (~V(DOC) & ~V(HELP))

#define SETTING true

static const struct go_flag_kind kinds[] = {
	/* what is built */
	{ "-a",			FORM_BOOL,	BUILDS,			0,  0,  SETTING },
	{ "-asan",		FORM_BOOL,	BUILDS,			18, 0,  SETTING },
	{ "-asmflags",		FORM_PACKAGES,	BUILDS,			0,  0,  SETTING },
	{ "-buildmode",		FORM_STRING,	BUILDS,			0,  0,  SETTING },
	{ "-buildvcs",		FORM_BUILDVCS,	BUILDS,			18, 0,  SETTING },
	{ "-compiler",		FORM_COMPILER,	BUILDS,			0,  0,  SETTING },
	{ "-cover",		FORM_BOOL,	V(TEST),		0,  0,  SETTING },
	{ "-cover",		FORM_BOOL,	COVERS,			20, 0,  SETTING },
	{ "-covermode",		FORM_COVERMODE,	V(TEST),		0,  0,  SETTING },
	{ "-covermode",		FORM_COVERMODE,	COVERS,			20, 0,  SETTING },
	{ "-coverpkg",		FORM_STRING,	V(TEST),		0,  0,  SETTING },
	{ "-coverpkg",		FORM_STRING,	COVERS,			20, 0,  SETTING },
	{ "-coverprofile",	FORM_STRING,	V(TEST),		0,  0,  SETTING },	/* turns -cover on */
	{ "-fuzz",		FORM_STRING,	V(TEST),		18, 0,  SETTING },
	{ "-gccgoflags",	FORM_PACKAGES,	BUILDS,			0,  0,  SETTING },
	{ "-gcflags",		FORM_PACKAGES,	BUILDS,			0,  0,  SETTING },
	{ "-installsuffix",	FORM_STRING,	BUILDS,			0,  0,  SETTING },
	{ "-ldflags",		FORM_PACKAGES,	BUILDS,			0,  0,  SETTING },
	{ "-linkshared",	FORM_BOOL,	BUILDS,			0,  0,  SETTING },
	{ "-mod",		FORM_STRING,	(BUILDS & ~V(GET)) | V(FMT), 0, 0, SETTING },
	{ "-modcacherw",	FORM_BOOL,	BUILDS | MODS,		0,  0,  SETTING },
	{ "-modcacherw",	FORM_BOOL,	WORKS | V(FMT),		16, 0,  SETTING },
	{ "-modcacherw",	FORM_BOOL,	V(TOOL),		24, 0,  SETTING },
	{ "-modfile",		FORM_STRING,	BUILDS | MODS,		0,  0,  SETTING },
	{ "-modfile",		FORM_STRING,	WORKS | V(FMT),		16, 0,  SETTING },
	{ "-modfile",		FORM_STRING,	V(TOOL),		24, 0,  SETTING },
	{ "-msan",		FORM_BOOL,	BUILDS,			0,  0,  SETTING },
	{ "-overlay",		FORM_STRING,	BUILDS | MODS | WORKS | V(FMT), 16, 0, SETTING },
	{ "-overlay",		FORM_STRING,	V(TOOL),		24, 0,  SETTING },
	{ "-pgo",		FORM_STRING,	BUILDS,			20, 0,  SETTING },
	{ "-pkgdir",		FORM_STRING,	BUILDS,			0,  0,  SETTING },
	{ "-race",		FORM_BOOL,	BUILDS,			0,  0,  SETTING },
	{ "-tags",		FORM_TAGS,	BUILDS,			0,  0,  SETTING },
	{ "-toolexec",		FORM_WORDS,	BUILDS,			0,  0,  SETTING },
	{ "-trimpath",		FORM_BOOL,	BUILDS,			0,  0,  SETTING },
	{ "-vet",		FORM_VET,	V(TEST),		0,  0,  SETTING },
	/* how, and where to */
	{ "-C",			FORM_CHDIR,	~UINT64_C(0),		20, 0 },
	{ "-debug-actiongraph",	FORM_STRING,	BUILDS,			0,  0 },
	{ "-debug-runtime-trace", FORM_STRING,	BUILDS,			20, 0 },
	{ "-debug-trace",	FORM_STRING,	BUILDS,			16, 0 },
	{ "-n",			FORM_BOOL,	BUILDS | V(FMT) | V(MOD_EDIT) | V(TOOL), 0, 0 },
	{ "-n",			FORM_BOOL,	V(ENV),			20, 0 },
	{ "-p",			FORM_INT,	BUILDS,			0,  0 },
	{ "-v",			FORM_BOOL,	(BUILDS & ~V(TEST)) | V(BUG) | V(MOD_TIDY) | V(MOD_VENDOR) |
						V(VERSION) | V(WORK_VENDOR), 0, 0 },
	{ "-v",			FORM_BOOL,	V(TEST),		0,  19 },
	{ "-v",			FORM_TEST_V,	V(TEST),		20, 0 },
	{ "-work",		FORM_BOOL,	BUILDS,			0,  0 },
	{ "-x",			FORM_BOOL,	BUILDS | V(FMT) | V(MOD_DOWNLOAD) | V(MOD_EDIT), 0, 0 },
	{ "-x",			FORM_BOOL,	V(ENV) | V(MOD_GRAPH) | V(MOD_TIDY), 20, 0 },
	{ "-i",			FORM_BOOL,	V(BUILD) | V(INSTALL) | V(TEST), 0, 19 },
	{ "-i",			FORM_BOOL,	V(CLEAN),		0,  0 },
	{ "-o",			FORM_STRING,	V(BUILD) | V(TEST),	0,  0 },
	{ "-o",			FORM_STRING,	V(MOD_VENDOR),		18, 0 },
	{ "-o",			FORM_STRING,	V(WORK_VENDOR),		22, 0 },
	{ "-exec",		FORM_WORDS,	V(RUN) | V(TEST),	0,  0 },
	{ "-json",		FORM_BOOL,	V(ENV) | V(MOD_DOWNLOAD) | V(MOD_EDIT) | V(TEST) |
						V(WORK_EDIT), 0, 0 },
	{ "-json",		FORM_BOOL,	V(BUILD) | V(GET) | V(INSTALL) | V(RUN), 24, 0 },
	{ "-json",		FORM_BOOL,	V(VERSION),		25, 0 },
	{ "-json",		FORM_BOOL,	V(LIST),		0,  18 },
	{ "-json",		FORM_ANY_BOOL,	V(LIST),		19, 0 },
	/* clean, env, generate, get, list, version */
	{ "-cache",		FORM_BOOL,	V(CLEAN),		0,  0 },
	{ "-fuzzcache",		FORM_BOOL,	V(CLEAN),		18, 0 },
	{ "-modcache",		FORM_BOOL,	V(CLEAN),		0,  0 },
	{ "-r",			FORM_BOOL,	V(CLEAN) | V(WORK_USE),	0,  0 },
	{ "-testcache",		FORM_BOOL,	V(CLEAN),		0,  0 },
	{ "-changed",		FORM_BOOL,	V(ENV),			23, 0 },
	{ "-u",			FORM_BOOL,	V(ENV) | V(LIST),	0,  0 },
	{ "-w",			FORM_BOOL,	V(ENV),			0,  0 },
	{ "-run",		FORM_STRING,	V(GENERATE) | V(TEST),	0,  0 },
	{ "-skip",		FORM_STRING,	V(GENERATE) | V(TEST),	20, 0 },
	{ "-d",			FORM_BOOL,	V(GET),			0,  0 },
	{ "-f",			FORM_BOOL,	V(GET),			0,  0 },
	{ "-fix",		FORM_BOOL,	V(GET),			0,  0 },
	{ "-insecure",		FORM_BOOL,	V(GET),			0,  0 },
	{ "-t",			FORM_BOOL,	V(GET),			0,  0 },
	{ "-tool",		FORM_BOOL,	V(GET),			24, 0 },
	{ "-u",			FORM_ANY_BOOL,	V(GET),			0,  0 },
	{ "-m",			FORM_BOOL,	V(GET) | V(LIST) | V(MOD_WHY) | V(VERSION), 0, 0 },
	{ "-compiled",		FORM_BOOL,	V(LIST),		0,  0 },
	{ "-deps",		FORM_BOOL,	V(LIST),		0,  0 },
	{ "-e",			FORM_BOOL,	V(LIST),		0,  0 },
	{ "-e",			FORM_BOOL,	V(MOD_TIDY) | V(MOD_VENDOR), 16, 0 },
	{ "-e",			FORM_BOOL,	V(WORK_VENDOR),		22, 0 },
	{ "-export",		FORM_BOOL,	V(LIST),		0,  0 },
	{ "-f",			FORM_STRING,	V(LIST),		0,  0 },
	{ "-find",		FORM_BOOL,	V(LIST),		0,  0 },
	{ "-retracted",		FORM_BOOL,	V(LIST),		16, 0 },
	{ "-reuse",		FORM_STRING,	V(LIST) | V(MOD_DOWNLOAD), 19, 0 },
	{ "-test",		FORM_BOOL,	V(LIST),		0,  0 },
	{ "-versions",		FORM_BOOL,	V(LIST),		0,  0 },
	/* mod, work */
	{ "-compat",		FORM_STRING,	V(MOD_TIDY),		17, 0 },
	{ "-diff",		FORM_BOOL,	V(MOD_TIDY),		23, 0 },
	{ "-fmt",		FORM_BOOL,	V(MOD_EDIT) | V(WORK_EDIT), 0, 0 },
	{ "-go",		FORM_STRING,	V(MOD_EDIT) | V(WORK_EDIT), 0, 0 },
	{ "-go",		FORM_STRING,	V(MOD_GRAPH) | V(MOD_TIDY), 17, 0 },
	{ "-module",		FORM_STRING,	V(MOD_EDIT),		0,  0 },
	{ "-print",		FORM_BOOL,	V(MOD_EDIT) | V(WORK_EDIT), 0, 0 },
	{ "-toolchain",		FORM_STRING,	V(MOD_EDIT) | V(WORK_EDIT), 21, 0 },
	{ "-vendor",		FORM_BOOL,	V(MOD_WHY),		0,  0 },
	{ "-dropexclude",	FORM_EDIT,	V(MOD_EDIT),		0,  0 },
	{ "-dropgodebug",	FORM_EDIT,	V(MOD_EDIT) | V(WORK_EDIT), 23, 0 },
	{ "-dropignore",	FORM_EDIT,	V(MOD_EDIT),		25, 0 },
	{ "-dropreplace",	FORM_EDIT,	V(MOD_EDIT) | V(WORK_EDIT), 0, 0 },
	{ "-droprequire",	FORM_EDIT,	V(MOD_EDIT),		0,  0 },
	{ "-dropretract",	FORM_EDIT,	V(MOD_EDIT),		16, 0 },
	{ "-droptool",		FORM_EDIT,	V(MOD_EDIT),		24, 0 },
	{ "-dropuse",		FORM_EDIT,	V(WORK_EDIT),		0,  0 },
	{ "-exclude",		FORM_EDIT,	V(MOD_EDIT),		0,  0 },
	{ "-godebug",		FORM_EDIT,	V(MOD_EDIT) | V(WORK_EDIT), 23, 0 },
	{ "-ignore",		FORM_EDIT,	V(MOD_EDIT),		25, 0 },
	{ "-replace",		FORM_EDIT,	V(MOD_EDIT) | V(WORK_EDIT), 0, 0 },
	{ "-require",		FORM_EDIT,	V(MOD_EDIT),		0,  0 },
	{ "-retract",		FORM_EDIT,	V(MOD_EDIT),		16, 0 },
	{ "-tool",		FORM_EDIT,	V(MOD_EDIT),		24, 0 },
	{ "-use",		FORM_EDIT,	V(WORK_EDIT),		0,  0 },
	/* test; most of them also as -test.name */
	{ "-c",			FORM_BOOL,	V(TEST),		0,  0 },
	{ "-artifacts",		FORM_BOOL,	V(TEST),		26, 0 },
	{ "-bench",		FORM_STRING,	V(TEST),		0,  0 },
	{ "-benchmem",		FORM_BOOL,	V(TEST),		0,  0 },
	{ "-benchtime",		FORM_STRING,	V(TEST),		0,  0 },
	{ "-blockprofile",	FORM_STRING,	V(TEST),		0,  0 },
	{ "-blockprofilerate",	FORM_STRING,	V(TEST),		0,  0 },
	{ "-count",		FORM_INT,	V(TEST),		0,  0 },
	{ "-cpu",		FORM_STRING,	V(TEST),		0,  0 },
	{ "-cpuprofile",	FORM_STRING,	V(TEST),		0,  0 },
	{ "-failfast",		FORM_BOOL,	V(TEST),		0,  0 },
	{ "-fullpath",		FORM_BOOL,	V(TEST),		21, 0 },
	{ "-fuzzminimizetime",	FORM_STRING,	V(TEST),		18, 0 },
	{ "-fuzztime",		FORM_STRING,	V(TEST),		18, 0 },
	{ "-list",		FORM_STRING,	V(TEST),		0,  0 },
	{ "-memprofile",	FORM_STRING,	V(TEST),		0,  0 },
	{ "-memprofilerate",	FORM_STRING,	V(TEST),		0,  0 },
	{ "-mutexprofile",	FORM_STRING,	V(TEST),		0,  0 },
	{ "-mutexprofilefraction", FORM_STRING,	V(TEST),		0,  0 },
	{ "-outputdir",		FORM_STRING,	V(TEST),		0,  0 },
	{ "-parallel",		FORM_INT,	V(TEST),		0,  0 },
	{ "-short",		FORM_BOOL,	V(TEST),		0,  0 },
	{ "-shuffle",		FORM_SHUFFLE,	V(TEST),		17, 0 },
	{ "-timeout",		FORM_DURATION,	V(TEST),		0,  0 },
	{ "-trace",		FORM_STRING,	V(TEST),		0,  0 },
	/* vet, fix */
	{ "-vettool",		FORM_STRING,	V(VET),			0,  0 },
	{ "-fixtool",		FORM_STRING,	V(FIX),			26, 0 },
	{ "-fix",		FORM_STRING,	V(FIX),			0,  0 },
	{ "-fix",		FORM_BOOL,	V(VET),			26, 0 },
	{ "-diff",		FORM_BOOL,	TOOLS,			26, 0 },
	{ "-json",		FORM_BOOL,	V(FIX),			26, 0 },
	{ "-json",		FORM_BOOL,	V(VET),			26, 0 },
	{ "-c",			FORM_INT,	TOOLS,			26, 0 },
	/* doc */
	{ "-all",		FORM_BOOL,	V(DOC),			0,  0 },
	{ "-c",			FORM_BOOL,	V(DOC),			0,  0 },
	{ "-cmd",		FORM_BOOL,	V(DOC),			0,  0 },
	{ "-ex",		FORM_BOOL,	V(DOC),			27, 0 },
	{ "-http",		FORM_BOOL,	V(DOC),			25, 0 },
	{ "-short",		FORM_BOOL,	V(DOC),			0,  0 },
	{ "-src",		FORM_BOOL,	V(DOC),			0,  0 },
	{ "-u",			FORM_BOOL,	V(DOC),			0,  0 },
};

/* What go tool vet and go tool fix (since 1.26) understand: go asks them, it has no list itself. */
static const struct go_flag_kind tool_kinds[] = {
	{ "-V",			FORM_ANY_BOOL,	TOOLS },
	{ "-all",		FORM_BOOL,	TOOLS },
	{ "-any",		FORM_BOOL,	V(FIX) },
	{ "-appends",		FORM_BOOL,	V(VET), 22 },
	{ "-asmdecl",		FORM_BOOL,	V(VET) },
	{ "-assign",		FORM_BOOL,	V(VET) },
	{ "-atomic",		FORM_BOOL,	V(VET) },
	{ "-atomictypes",	FORM_BOOL,	V(FIX), 27 },
	{ "-bool",		FORM_BOOL,	V(VET) },
	{ "-bools",		FORM_BOOL,	V(VET) },
	{ "-buildtag",		FORM_BOOL,	TOOLS },
	{ "-buildtags",		FORM_BOOL,	TOOLS },
	{ "-c",			FORM_INT,	V(VET), 0, 25 },
	{ "-cgocall",		FORM_BOOL,	V(VET) },
	{ "-composites",	FORM_BOOL,	V(VET) },
	{ "-composites.whitelist", FORM_BOOL,	V(VET) },
	{ "-compositewhitelist", FORM_BOOL,	V(VET) },
	{ "-copylocks",		FORM_BOOL,	V(VET) },
	{ "-defers",		FORM_BOOL,	V(VET), 22 },
	{ "-directive",		FORM_BOOL,	V(VET), 21 },
	{ "-embedlit",		FORM_BOOL,	V(FIX), 27 },
	{ "-errorsas",		FORM_BOOL,	V(VET) },
	{ "-errorsastype",	FORM_BOOL,	V(FIX), 27 },
	{ "-flags",		FORM_BOOL,	TOOLS },
	{ "-fmtappendf",	FORM_BOOL,	V(FIX), 0, 26 },
	{ "-forvar",		FORM_BOOL,	V(FIX) },
	{ "-framepointer",	FORM_BOOL,	V(VET), 17 },
	{ "-hostport",		FORM_BOOL,	V(VET), 25 },
	{ "-hostport",		FORM_BOOL,	V(FIX) },
	{ "-httpresponse",	FORM_BOOL,	V(VET) },
	{ "-ifaceassert",	FORM_BOOL,	V(VET) },
	{ "-inline",		FORM_BOOL,	V(FIX) },
	{ "-inline.allow_binding_decl", FORM_BOOL, V(FIX) },
	{ "-inline.lazy_edits",	FORM_BOOL,	V(FIX) },
	{ "-json",		FORM_BOOL,	V(VET), 0, 25 },
	{ "-loopclosure",	FORM_BOOL,	V(VET) },
	{ "-lostcancel",	FORM_BOOL,	V(VET) },
	{ "-mapsloop",		FORM_BOOL,	V(FIX) },
	{ "-methods",		FORM_BOOL,	V(VET) },
	{ "-minmax",		FORM_BOOL,	V(FIX) },
	{ "-newexpr",		FORM_BOOL,	V(FIX) },
	{ "-nilfunc",		FORM_BOOL,	V(VET) },
	{ "-omitzero",		FORM_BOOL,	V(FIX) },
	{ "-plusbuild",		FORM_BOOL,	V(FIX) },
	{ "-printf",		FORM_BOOL,	V(VET) },
	{ "-printf.funcs",	FORM_STRING,	V(VET) },
	{ "-printfuncs",	FORM_STRING,	V(VET) },
	{ "-rangeint",		FORM_BOOL,	V(FIX) },
	{ "-rangeloops",	FORM_BOOL,	V(VET) },
	{ "-reflecttypefor",	FORM_BOOL,	V(FIX) },
	{ "-shift",		FORM_BOOL,	V(VET) },
	{ "-sigchanyzer",	FORM_BOOL,	V(VET), 17 },
	{ "-slicesbackward",	FORM_BOOL,	V(FIX), 27 },
	{ "-slicescontains",	FORM_BOOL,	V(FIX) },
	{ "-slicessort",	FORM_BOOL,	V(FIX) },
	{ "-slog",		FORM_BOOL,	V(VET), 21 },
	{ "-source",		FORM_BOOL,	TOOLS },
	{ "-stditerators",	FORM_BOOL,	V(FIX) },
	{ "-stdmethods",	FORM_BOOL,	V(VET) },
	{ "-stdversion",	FORM_BOOL,	V(VET), 22 },
	{ "-stringintconv",	FORM_BOOL,	V(VET) },
	{ "-stringsbuilder",	FORM_BOOL,	V(FIX) },
	{ "-stringscut",	FORM_BOOL,	V(FIX) },
	{ "-stringscutprefix",	FORM_BOOL,	V(FIX) },
	{ "-stringsseq",	FORM_BOOL,	V(FIX) },
	{ "-structtag",		FORM_BOOL,	V(VET) },
	{ "-testinggoroutine",	FORM_BOOL,	V(VET), 16 },
	{ "-testinggoroutine.subtest", FORM_BOOL, V(VET), 22 },
	{ "-testingcontext",	FORM_BOOL,	V(FIX) },
	{ "-tests",		FORM_BOOL,	V(VET) },
	{ "-timeformat",	FORM_BOOL,	V(VET), 20 },
	{ "-unmarshal",		FORM_BOOL,	V(VET) },
	{ "-unreachable",	FORM_BOOL,	V(VET) },
	{ "-unsafefuncs",	FORM_BOOL,	V(FIX), 27 },
	{ "-unsafeptr",		FORM_BOOL,	V(VET) },
	{ "-unusedfuncs",	FORM_STRING,	V(VET) },
	{ "-unusedresult",	FORM_BOOL,	V(VET) },
	{ "-unusedresult.funcs", FORM_STRING,	V(VET) },
	{ "-unusedresult.stringmethods", FORM_STRING, V(VET) },
	{ "-unusedstringmethods", FORM_STRING,	V(VET) },
	{ "-waitgroup",		FORM_BOOL,	V(VET), 25 },
	{ "-waitgroup",		FORM_BOOL,	V(FIX), 0, 26 },
	{ "-waitgroupgo",	FORM_BOOL,	V(FIX), 27 },
};

const char *go_verb__name(enum go_verb verb)
{
	return verbs[verb].words;
}

static bool is_within(int minor, unsigned char since, unsigned char until)
{
	if (!minor)
		minor = GO_NEWEST_MINOR;
	return minor >= since && (!until || minor <= until);
}

bool go_verb__exists(enum go_verb verb, int minor)
{
	return verb != GO_VERB_NONE && is_within(minor, verbs[verb].since, verbs[verb].until);
}

/* The words of a verb that argv begins with: 0 when they are other ones. */
static size_t match_verb(const char *words, const char *const *argv, size_t argc)
{
	size_t used, n;

	for (used = 0; *words; used++, words += n + (words[n] == ' ')) {
		n = strcspn(words, " ");
		if (used == argc || strlen(argv[used]) != n || memcmp(argv[used], words, n))
			return 0;
	}
	return used;
}

enum go_verb go_verb__find(const char *const *argv, size_t argc, int minor, size_t *ret_used)
{
	enum go_verb v;

	for (v = GO_VERB_NONE + 1; v < GO_VERB_CNT; v++) {
		*ret_used = go_verb__exists(v, minor) ? match_verb(verbs[v].words, argv, argc) : 0;
		if (*ret_used)
			return v;
	}
	return GO_VERB_NONE;
}

/* Those of the verbs that have flags in this version. */
static uint64_t verbs_of(const struct go_flag_kind *kind, int minor)
{
	uint64_t of = kind->verbs;
	enum go_verb v;

	if (!is_within(minor, kind->since, kind->until))
		return 0;
	if (minor && minor < 18)
		of &= ~V(FIX);	/* it had none at all */
	for (v = GO_VERB_NONE + 1; v < GO_VERB_CNT; v++)
		if (!go_verb__exists(v, minor))
			of &= ~(UINT64_C(1) << v);
	return of;
}

static bool is_called(const struct go_flag_kind *kind, const char *name, size_t n)
{
	return strlen(kind->name) == n + 1 && !memcmp(kind->name + 1, name, n);
}

/* go test takes those of its tests with a prefix, too, which are not for building them. */
static bool is_of_tests(const struct go_flag_kind *kind)
{
	static const char *const own[] = { "-c", "-cover", "-covermode", "-coverpkg", "-vet" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(own); i++)
		if (str_eq(kind->name, own[i]))
			return false;
	return !(kind->verbs & ~(V(TEST) | V(GENERATE)));
}

static const struct go_flag_kind *find_in(const struct go_flag_kind *list, size_t cnt, uint64_t of,
					  int minor, const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < cnt; i++)
		if (is_called(&list[i], name, n) && verbs_of(&list[i], minor) & of)
			return &list[i];
	return NULL;
}

static const struct go_flag_kind *find_test_flag(int minor, const char *name, size_t n)
{
	static const char prefix[] = "test.";
	const size_t len = strlen(prefix);
	const struct go_flag_kind *kind;

	if (n <= len || memcmp(name, prefix, len))
		return NULL;
	kind = find_in(kinds, ARRAY_SIZE(kinds), V(TEST), minor, name + len, n - len);
	return kind && is_of_tests(kind) ? kind : NULL;
}

const struct go_flag_kind *go_flag__find(enum go_verb verb, int minor, const char *name, size_t n)
{
	const bool is_any = verb == GO_VERB_NONE;
	const uint64_t of = is_any ? ALL_BUT_DOC : UINT64_C(1) << verb;
	const struct go_flag_kind *kind = find_in(kinds, ARRAY_SIZE(kinds), of, minor, name, n);

	if (!kind && (verb == GO_VERB_VET || (verb == GO_VERB_FIX && is_within(minor, 26, 0))))
		kind = find_in(tool_kinds, ARRAY_SIZE(tool_kinds), of, minor, name, n);
	if (!kind && (is_any || verb == GO_VERB_TEST))
		kind = find_test_flag(minor, name, n);
	return kind;
}
