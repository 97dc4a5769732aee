/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lines about files that were used: what was in them, or that it could not be had; never none. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "capture/inspector.h"
#include "record/reader.h"
#include "util/clock.h"
#include "in_dir.h"

struct bench {
	struct record *record;
	struct early *early;
	struct inspector *inspector;
	struct opener *who;	/* we ourselves */
	struct str lines;
	uint64_t start;		/* boot clock */
};

static void keep_lines(void *ctx, const char *lines, size_t n)
{
	str__add(ctx, lines, n);
}

static void begin(struct bench *b)
{
	struct record_opts out = { .fd = -1, .tap = keep_lines };
	struct inspector_opts opts = {};

	*b = (struct bench){ .start = clock__boot_ns() };
	out.tap_ctx = &b->lines;
	b->who = opener__new(getuid(), getgid(), "", 0);
	assert_non_null(b->who);
	opts.early = b->early = early__new(NULL);
	assert_non_null(b->early);
	assert_int_equal(record__create(&out, &b->record), 0);
	opts.record = b->record;
	opts.boot_ns = b->start;
	assert_int_equal(inspector__new(&opts, &b->inspector), 0);
}

/* Clocks of files advance in steps: what was done before is to be older than what comes. */
static void pass_a_tick(void)
{
	usleep(25000);
}

static void ask(struct bench *b, enum look what, const char *path, enum config_kind config,
		enum file_use use)
{
	struct look_at at = {
		.what = what, .ts = clock__boot_ns() - b->start, .pid = 7, .tid = 7, .proc = 3,
		.name.path = path, .config = config, .use = use, .who = b->who,
	};

	assert_int_equal(inspector__ask(b->inspector, &at), 0);
	inspector__flush(b->inspector);
}

static void read_config(struct bench *b, const char *name)
{
	pass_a_tick();
	ask(b, LOOK_CONFIG, in_dir(name), CONFIG_GO_MOD, FILE_READ);
}

static const char *text_of(const struct rec *rec, const char *key)
{
	return rec__str(rec, key) ?: "-";
}

static void add_line(struct str *got, const struct rec *rec)
{
	const char *path = rec__str(rec, "path");

	str__addf(got, "%s%s %s %s", got->len ? "; " : "", rec_kind__name(rec->kind),
		  strrchr(path, '/') + 1,
		  text_of(rec, rec->kind == REC_FILE ? "text" : "broken"));
	if (jsonv__bool(jsonv__get(rec->root, "written"), false))
		str__adds(got, " written");
	if (jsonv__get(rec->root, "incomplete"))
		str__addf(got, " (%s)", text_of(rec, "error"));
}

/* The lines: "file go.mod TEXT", "cache …-a BROKEN", what is incomplete with its reason. */
static void expect(struct bench *b, const char *want)
{
	__free_str struct str got = {};
	const char *s, *end, *next;

	inspector__finish(b->inspector);
	assert_int_equal(record__finish(b->record), 0);
	end = b->lines.s ? b->lines.s + b->lines.len : NULL;
	for (s = b->lines.s; s < end; s = next + 1) {
		__free_jsonv struct jsonv *root = NULL;
		struct rec rec;

		next = memchr(s, '\n', end - s);
		assert_int_equal(rec__parse(NULL, s, next - s, &rec, &root), 0);
		assert_int_equal(rec.proc, 3);
		add_line(&got, &rec);
	}
	assert_string_equal(got.s ?: "", want);
	inspector__free(b->inspector);
	early__free(b->early);
	opener__put(b->who);
	record__free(b->record);
	str__free(&b->lines);
}

static void test_text(void **state)
{
	struct bench b;

	begin(&b);
	write_file("go.mod", "module a");
	write_file("empty", "");
	read_config(&b, "go.mod");
	read_config(&b, "go.mod");
	read_config(&b, "empty");
	expect(&b, "file go.mod module a; file empty ");
}

/* What cannot be had has a line, each time. */
static void test_gone(void **state)
{
	struct bench b;

	begin(&b);
	read_config(&b, "gone");
	write_file("go.mod", "module a");
	read_config(&b, "go.mod");
	unlink(in_dir("go.mod"));
	read_config(&b, "go.mod");
	read_config(&b, "go.mod");
	expect(&b, "file gone - (gone before it could be read); file go.mod module a; "
	       "file go.mod - (gone before it could be read); "
	       "file go.mod - (gone before it could be read)");
}

/* Pipes and devices are not touched; a directory has no text, to nobody. */
static void test_other_kinds(void **state)
{
	struct bench b;

	begin(&b);
	mkdir(in_dir("sub"), 0700);
	mkfifo(in_dir("fifo"), 0600);
	read_config(&b, "sub");
	read_config(&b, "fifo");
	ask(&b, LOOK_CONFIG, "/dev/null", CONFIG_ENV, FILE_READ);
	ask(&b, LOOK_CONFIG, "/dev/zero", CONFIG_ENV, FILE_READ);
	ask(&b, LOOK_CONFIG, "/dev/fd/0", CONFIG_ENV, FILE_READ);
	ask(&b, LOOK_CONFIG, "/proc/self/environ", CONFIG_ENV, FILE_READ);
	expect(&b, "file fifo - (not a regular file); file null ; file zero - (not a regular file); "
	       "file 0 - (not a regular file); file environ - (not a regular file)");
	rmdir(in_dir("sub"));
	unlink(in_dir("fifo"));
}

/* Another file by now, or another content: it is there, but it is not what was read. */
static void test_changed_since(void **state)
{
	struct look_at at = { .what = LOOK_CONFIG, .proc = 3, .config = CONFIG_GO_MOD };
	struct bench b;

	begin(&b);
	write_file("go.mod", "module a");
	pass_a_tick();
	at.ts = clock__boot_ns() - b.start;
	pass_a_tick();
	write_file("new", "module b");
	assert_int_equal(rename(in_dir("new"), in_dir("go.mod")), 0);
	at.name.path = in_dir("go.mod");
	at.who = b.who;
	assert_int_equal(inspector__ask(b.inspector, &at), 0);
	inspector__flush(b.inspector);
	/* Who opens it now reads just that. */
	read_config(&b, "go.mod");
	expect(&b, "file go.mod module b (changed after it was opened); file go.mod module b");
}

/* Within one step of that clock nothing tells which was first; what go writes for one tool is not written twice. */
static void ask_within_a_tick(struct bench *b, const char *name, enum config_kind config)
{
	struct look_at at = { .what = LOOK_CONFIG, .proc = 3, .config = config, .who = b->who };
	struct stat st;

	at.name.path = in_dir(name);
	assert_int_equal(stat(at.name.path, &st), 0);
	at.ts = st.st_ctim.tv_sec * NSEC_PER_SEC + st.st_ctim.tv_nsec - clock__real_minus_boot_ns() - b->start +
		clock__tick_ns() / 2;
	assert_int_equal(inspector__ask(b->inspector, &at), 0);
	inspector__flush(b->inspector);
}

static void test_within_a_tick(void **state)
{
	struct bench b;

	begin(&b);
	pass_a_tick();
	write_file("importcfg", "x");
	write_file("go.mod", "module a");
	ask_within_a_tick(&b, "importcfg", CONFIG_IMPORTCFG);
	ask_within_a_tick(&b, "go.mod", CONFIG_GO_MOD);
	read_config(&b, "go.mod");
	expect(&b, "file importcfg x; file go.mod module a (may have changed after it was opened); "
	       "file go.mod module a");
}

/* The same size and times, but somebody has written: what is in the record counts no more. */
static void test_written(void **state)
{
	struct timespec times[2] = {};
	struct bench b;

	begin(&b);
	write_file("go.mod", "module a");
	read_config(&b, "go.mod");
	ask(&b, LOOK_CONFIG, in_dir("go.mod"), CONFIG_GO_MOD, FILE_WRITTEN);
	read_config(&b, "go.mod");
	read_config(&b, "go.mod");
	ask(&b, LOOK_CONFIG, in_dir("go.mod"), CONFIG_GO_MOD, FILE_CREATED);
	read_config(&b, "go.mod");
	/* Without anybody's word the file's own times tell. */
	utimensat(AT_FDCWD, in_dir("go.mod"), times, 0);
	read_config(&b, "go.mod");
	expect(&b, "file go.mod module a; file go.mod module a written; file go.mod module a; "
	       "file go.mod module a; file go.mod module a");
}

static void test_heads(void **state)
{
	__free_str struct str text = {};
	struct bench b;
	const char *got;

	for (int i = 0; i < 2000; i++)
		str__addf(&text, "%04d\n", i);
	write_file("modules.txt", text.s);
	pass_a_tick();
	begin(&b);
	ask(&b, LOOK_CONFIG, in_dir("modules.txt"), CONFIG_MODULES, FILE_READ);
	ask(&b, LOOK_CONFIG, in_dir("modules.txt"), CONFIG_MODULES, FILE_READ);
	assert_int_equal(record__finish(b.record), 0);
	got = strstr(b.lines.s, "\"text\":\"");
	assert_non_null(got);
	assert_non_null(strstr(got, "0818\\n\""));
	assert_null(strstr(got, "0819"));
	assert_non_null(strstr(got, "\"incomplete\":[\"text\"]"));
	assert_non_null(strstr(b.lines.s, "\"size\":10000,"));
	assert_null(strstr(got + 1, "\"text\":\""));	/* once */
	inspector__free(b.inspector);
	early__free(b.early);
	opener__put(b.who);
	record__free(b.record);
	str__free(&b.lines);
}

/* --- what is read at once --- */

#define IMAGE 4097

/* As the programs tell it: we open that path. Returns when. */
static uint64_t tell_open(struct bench *b, const char *path, uint16_t call)
{
	struct {
		struct ev_file ev;
		char path[256];
	} e = { .ev = { .call = call, .ret = 3, .path_len = strlen(path) } };

	e.ev.h = (struct ev_hdr){ .ts = clock__boot_ns(), .pid = getpid(), .proc = IMAGE, .kind = EV_FILE };
	e.ev.local_pid = getpid();
	e.ev.fsuid = getuid();
	e.ev.fsgid = getgid();
	memcpy(e.ev.data, path, e.ev.path_len);
	assert_int_equal(early__event(b->early, &e, sizeof(e.ev) + e.ev.path_len), 0);
	return e.ev.h.ts;
}

static void ask_later(struct bench *b, uint64_t boot_ts)
{
	struct look_at at = {
		.what = LOOK_CONFIG, .ts = boot_ts - b->start, .key = IMAGE, .proc = 3, .who = b->who,
		.name.path = in_dir("go.mod"), .config = CONFIG_GO_MOD,
	};

	assert_int_equal(inspector__ask(b->inspector, &at), 0);
	inspector__flush(b->inspector);
}

/* Each reader has what it read, whatever became of the file when the inspector comes. */
static void test_early(void **state)
{
	uint64_t first, second, third;
	struct bench b;

	begin(&b);
	write_file("go.mod", "module a");
	pass_a_tick();
	first = tell_open(&b, in_dir("go.mod"), CALL_OPENAT);
	write_file("go.mod", "module bb");
	pass_a_tick();
	second = tell_open(&b, in_dir("go.mod"), CALL_OPENAT);
	unlink(in_dir("go.mod"));
	third = tell_open(&b, in_dir("go.mod"), CALL_OPENAT);
	ask_later(&b, first);
	ask_later(&b, second);
	ask_later(&b, third);
	ask_later(&b, second);
	expect(&b, "file go.mod module a; file go.mod module bb; "
	       "file go.mod - (gone before it could be read); "
	       "file go.mod - (gone before it could be read)");
}

static void test_not_early(void **state)
{
	struct snapshot s;
	struct bench b;

	begin(&b);
	write_file("go.mod", "module a");
	write_file("xgo.mod", "module a");
	assert_false(early__take(b.early, IMAGE, tell_open(&b, in_dir("xgo.mod"), CALL_OPENAT), false, &s));
	assert_false(early__take(b.early, IMAGE, tell_open(&b, in_dir("go.mod"), CALL_CREAT), false, &s));
	assert_false(early__take(b.early, IMAGE, tell_open(&b, "go.mod", CALL_OPENAT), false, &s));
	assert_false(early__take(b.early, IMAGE + 1, tell_open(&b, in_dir("go.mod"), CALL_OPENAT), false, &s));
	assert_false(early__take(b.early, IMAGE, tell_open(&b, in_dir("go.mod"), CALL_OPENAT), true, &s));
	assert_true(early__take(b.early, IMAGE, tell_open(&b, in_dir("go.mod"), CALL_OPENAT), false, &s));
	assert_string_equal(s.text.s, "module a");
	snapshot__free(&s);
	unlink(in_dir("xgo.mod"));
	expect(&b, "");
}

/* --- cache entries --- */

#define ID "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define OTHER "01112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static void write_entry(const char *id, size_t len)
{
	char text[256];

	snprintf(text, sizeof(text), "v1 %s %s %20d %20d\n", id, OTHER, 3, 1700000000);
	text[len] = '\0';
	write_file("00/" ID "-a", text);
}

static void read_entry(struct bench *b)
{
	ask(b, LOOK_CACHE, in_dir("00/" ID "-a"), CONFIG_NONE, FILE_READ);
}

static void test_entries(void **state)
{
	struct bench b;

	begin(&b);
	mkdir(in_dir("00"), 0700);
	read_entry(&b);
	write_entry(ID, 175);
	read_entry(&b);
	read_entry(&b);
	write_entry(ID, 174);
	read_entry(&b);
	read_entry(&b);
	pass_a_tick();
	write_entry(OTHER, 175);	/* sound, but of another action */
	read_entry(&b);
	write_entry(ID, 0);
	read_entry(&b);
	write_entry(ID, 175);
	read_entry(&b);
	unlink(in_dir("00/" ID "-a"));
	read_entry(&b);			/* the record has what was in it */
	rmdir(in_dir("00"));
	expect(&b, "cache " ID "-a - (gone before it could be read); cache " ID "-a absent; "
	       "cache " ID "-a malformed; cache " ID "-a malformed; cache " ID "-a malformed; "
	       "cache " ID "-a absent");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_other_kinds),
		cmocka_unit_test(test_changed_since),
		cmocka_unit_test(test_within_a_tick),
		cmocka_unit_test(test_written),
		cmocka_unit_test(test_heads),
		cmocka_unit_test(test_early),
		cmocka_unit_test(test_not_early),
		cmocka_unit_test(test_entries),
	};
	int failed;

	if (!mkdtemp(dir))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(in_dir("go.mod"));
	unlink(in_dir("empty"));
	unlink(in_dir("modules.txt"));
	rmdir(dir);
	return failed;
}
