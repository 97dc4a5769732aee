/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Kernel configurations: values of options, plain and compressed, cut, and what is none. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <zlib.h>
#include <cmocka.h>

#include "capture/kconfig.h"
#include "util/str.h"

static char path[] = "/tmp/test_kconfig.XXXXXX";

static const char sample[] =
	"#\n"
	"# Automatically generated file; DO NOT EDIT.\n"
	"# Linux/x86 6.12.107 Kernel Configuration\n"
	"#\n"
	"CONFIG_CC_VERSION_TEXT=\"x86_64-linux-gnu-gcc-14 (Debian 14.2.0-19) 14.2.0\"\n"
	"CONFIG_GCC_VERSION=140200\n"
	"CONFIG_BPF=y\n"
	"CONFIG_BPF_SYSCALL=y\n"
	"# CONFIG_BPF_PRELOAD is not set\n"
	"# CONFIG_BPF_NOTE is not set here but elsewhere\n"
	"CONFIG_OVERLAY_FS=m\n"
	"CONFIG_NO=n\n"
	"CONFIG_TWICE=y\n"
	"# CONFIG_TWICE is not set\n"
	"CONFIG_MORPH=mixed\n"
	"CONFIG_FANOTIFY=y\n";

static void write_plain(const char *text, size_t len)
{
	__close_file FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
}

static void write_gzip(const char *text, size_t len)
{
	gzFile f = gzopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(gzwrite(f, text, len), len);
	assert_int_equal(gzclose(f), Z_OK);
}

static int read_error(void)
{
	struct kconfig *k = NULL;
	int err = kconfig__read(path, &k);

	assert_null(k);
	return err;
}

static enum kconfig_value value(const char *option)
{
	__free_kconfig struct kconfig *k = NULL;

	assert_int_equal(kconfig__read(path, &k), 0);
	assert_string_equal(kconfig__path(k), path);
	return kconfig__value(k, option);
}

static void check_sample(void)
{
	static const struct {
		const char *option;
		enum kconfig_value value;
	} cases[] = {
		{ "BPF",		KCONFIG_ON },
		{ "BPF_SYSCALL",	KCONFIG_ON },
		{ "FANOTIFY",		KCONFIG_ON },
		{ "CC_VERSION_TEXT",	KCONFIG_ON },
		{ "GCC_VERSION",	KCONFIG_ON },
		{ "MORPH",		KCONFIG_ON },
		{ "OVERLAY_FS",		KCONFIG_MODULE },
		{ "BPF_PRELOAD",	KCONFIG_OFF },
		{ "NO",			KCONFIG_OFF },
		{ "TWICE",		KCONFIG_OFF },	/* the last word counts */
		{ "BPF_NOTE",		KCONFIG_OFF },	/* a remark, so it is absent */
		{ "BPF_SYS",		KCONFIG_OFF },	/* the start of another */
		{ "SYSCALL",		KCONFIG_OFF },	/* the end of another */
		{ "BPF_EVENTS",		KCONFIG_OFF },
		{ "",			KCONFIG_OFF },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		if (value(cases[i].option) != cases[i].value)
			fail_msg("%s is %d", cases[i].option, value(cases[i].option));
}

static void test_plain(void **state)
{
	write_plain(sample, strlen(sample));
	check_sample();
}

static void test_gzip(void **state)
{
	write_gzip(sample, strlen(sample));
	check_sample();
}

/* Whatever is cut off: never another value than the whole file gives, or none. */
static void test_cut_plain(void **state)
{
	static const char *const options[] = { "BPF", "BPF_PRELOAD", "OVERLAY_FS", "FANOTIFY" };
	enum kconfig_value whole[ARRAY_SIZE(options)];
	size_t len, i;

	write_plain(sample, strlen(sample));
	for (i = 0; i < ARRAY_SIZE(options); i++)
		whole[i] = value(options[i]);
	for (len = strlen(sample) - 1; len > strlen(sample) / 2; len--) {
		if (sample[len - 1] == '\n')
			continue;	/* nothing tells that this is not all */
		write_plain(sample, len);
		for (i = 0; i < ARRAY_SIZE(options); i++) {
			enum kconfig_value v = value(options[i]);

			if (v != KCONFIG_UNKNOWN && v != whole[i])
				fail_msg("%s is %d after %zu bytes", options[i], v, len);
		}
	}
	write_plain(sample, strlen(sample) - 1);	/* ends with FANOTIFY=y */
	assert_int_equal(value("FANOTIFY"), KCONFIG_UNKNOWN);
	assert_int_equal(value("OVERLAY_FS"), KCONFIG_MODULE);
	assert_int_equal(value("BPF_EVENTS"), KCONFIG_UNKNOWN);
}

/* Long enough for zlib to give something before the end of it is missed. */
static void test_cut_gzip(void **state)
{
	__free_str struct str text = {};
	struct stat st;
	unsigned int i;

	str__adds(&text, "CONFIG_BPF=y\n");
	for (i = 0; i < 20000; i++)
		str__addf(&text, "CONFIG_N%u=%u\n", i * 2654435761u, i * 40503u);
	str__adds(&text, "CONFIG_FANOTIFY=y\n");
	assert_int_equal(str__err(&text), 0);
	write_gzip(text.s, text.len);
	assert_int_equal(value("FANOTIFY"), KCONFIG_ON);
	assert_int_equal(value("BPF_EVENTS"), KCONFIG_OFF);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size / 2), 0);
	assert_int_equal(value("BPF"), KCONFIG_ON);
	assert_int_equal(value("FANOTIFY"), KCONFIG_UNKNOWN);
	assert_int_equal(value("BPF_EVENTS"), KCONFIG_UNKNOWN);
}

static void test_damaged_gzip(void **state)
{
	struct stat st;
	int fd;

	write_gzip(sample, strlen(sample));
	assert_int_equal(stat(path, &st), 0);
	fd = open(path, O_RDWR);
	assert_int_equal(pwrite(fd, "\xff\xff\xff\xff", 4, st.st_size / 2), 4);
	close(fd);
	assert_int_equal(read_error(), -EBADMSG);
}

/* Also when it is small as a file. */
static void test_oversized(void **state)
{
	size_t len = 3 << 20;
	__free_mem char *text = malloc(len);
	size_t i;

	assert_non_null(text);
	for (i = 0; i < len; i++)
		text[i] = "CONFIG_BPF=y\n"[i % 13];
	write_plain(text, len);
	assert_int_equal(read_error(), -EFBIG);
	write_gzip(text, len);
	assert_int_equal(read_error(), -EFBIG);
}

static void test_no_configuration(void **state)
{
	static const char zeros[4096];

	write_plain("", 0);
	assert_int_equal(read_error(), -EBADMSG);
	write_gzip("", 0);
	assert_int_equal(read_error(), -EBADMSG);
	write_plain("<html>\n", 7);
	assert_int_equal(read_error(), -EBADMSG);
	write_plain("CONFIG_BPF=y", 12);	/* half a line could say anything */
	assert_int_equal(read_error(), -EBADMSG);
	write_plain(zeros, sizeof(zeros));
	assert_int_equal(read_error(), -EBADMSG);
	write_plain("\x1f\x8b", 2);		/* the start of gzip, and no more */
	assert_int_equal(read_error(), -EBADMSG);
}

static void test_no_file(void **state)
{
	struct kconfig *k = NULL;

	assert_int_equal(kconfig__read("/proc/self/no-such-file", &k), -ENOENT);
	assert_int_equal(kconfig__read("/proc/self", &k), -EINVAL);
	assert_int_equal(kconfig__read("/dev/zero", &k), -EINVAL);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(read_error(), -EINVAL);	/* and does not wait for a writer */
	kconfig__free(NULL);
}

static int set_up(void **state)
{
	int fd = mkstemp(path);

	return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_gzip),
		cmocka_unit_test(test_cut_plain),
		cmocka_unit_test(test_cut_gzip),
		cmocka_unit_test(test_damaged_gzip),
		cmocka_unit_test(test_oversized),
		cmocka_unit_test(test_no_configuration),
		cmocka_unit_test(test_no_file),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
