/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Hashes that all observers of a host have. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "capture/hash_store.h"
#include "in_dir.h"

static const char *fresh_folder(void)
{
	const char *path = in_dir("kept");

	if (geteuid())
		skip();
	assert_int_equal(chmod(in_dir(""), 0700), 0);
	(void)unlink(in_dir("kept/hashes"));
	(void)rmdir(path);
	return path;
}

static struct hash_store *store(void)
{
	struct hash_store *s = NULL;

	assert_int_equal(hash_store__open(in_dir("kept"), &s), 0);
	return s;
}

static struct content_key key(uint64_t ino, int64_t ctime)
{
	return (struct content_key){ .mount = 5, .dev = 8, .ino = ino, .size = 100, .ctime = ctime };
}

static void digest_of(const struct content_key *k, uint8_t ret[static SHA256_SZ])
{
	struct sha256 sha;

	sha256__init(&sha);
	sha256__add(&sha, k, sizeof(*k));
	sha256__end(&sha, ret);
}

static void put(struct hash_store *s, const struct content_key *k)
{
	uint8_t digest[SHA256_SZ];

	digest_of(k, digest);
	hash_store__put(s, k, digest);
}

static bool has(const struct hash_store *s, const struct content_key *k)
{
	uint8_t got[SHA256_SZ], want[SHA256_SZ];

	if (!hash_store__find(s, k, got))
		return false;
	digest_of(k, want);
	assert_memory_equal(got, want, sizeof(want));
	return true;
}

static void another_observer_finds_it(void **state)
{
	const struct content_key k = key(1, 1000), others[] = {
		{ 6, 8, 1, 100, 1000 }, { 5, 9, 1, 100, 1000 }, { 5, 8, 2, 100, 1000 }, { 5, 8, 1, 101, 1000 },
		{ 5, 8, 1, 100, 1001 }, { 0, 8, 1, 100, 1000 }, { 5, 8, 1, 100, 1000, 7 },
	};
	struct hash_store *s;

	(void)fresh_folder();
	s = store();
	assert_false(has(s, &k));
	put(s, &k);
	hash_store__close(s);
	s = store();
	assert_true(has(s, &k));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(has(s, &others[i]));
	hash_store__close(s);
}

static void what_has_no_mount_is_not_kept(void **state)
{
	struct content_key k = key(1, 1000);
	struct hash_store *s;

	(void)fresh_folder();
	k.mount = 0;
	s = store();
	put(s, &k);
	assert_false(has(s, &k));
	hash_store__close(s);
}

static void a_new_state_takes_the_old_ones_place(void **state)
{
	const struct content_key was = key(1, 1000), is = key(1, 2000);
	struct hash_store *s;

	(void)fresh_folder();
	s = store();
	put(s, &was);
	put(s, &is);
	assert_true(has(s, &is));
	assert_false(has(s, &was));
	hash_store__close(s);
}

/* More than there are places: some are forgotten, none is wrong, and most of the last ones are there. */
static void full_it_forgets(void **state)
{
	struct hash_store *s;
	size_t n = 0;

	(void)fresh_folder();
	s = store();
	for (uint64_t i = 0; i < 200000; i++) {
		const struct content_key k = key(i, i * 1000);

		put(s, &k);
		assert_true(has(s, &k));
	}
	for (uint64_t i = 0; i < 200000; i++) {
		const struct content_key k = key(i, i * 1000);

		n += has(s, &k);
	}
	hash_store__close(s);
	assert_in_range(n, 50000, 65536);
}

static void spoil(off_t at, const char *text, size_t n)
{
	int fd = open(in_dir("kept/hashes"), O_WRONLY);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, text, n, at), n);
	close(fd);
}

static void of_another_boot_or_layout_it_is_made_anew(void **state)
{
	const struct content_key k = key(1, 1000);
	struct hash_store *s;

	for (int i = 0; i < 3; i++) {
		(void)fresh_folder();
		s = store();
		put(s, &k);
		hash_store__close(s);
		if (i == 0)
			spoil(0, "x", 1);
		else if (i == 1)
			spoil(12, "x", 1);
		else
			assert_int_equal(truncate(in_dir("kept/hashes"), 100), 0);
		s = store();
		assert_false(has(s, &k));
		put(s, &k);
		assert_true(has(s, &k));
		hash_store__close(s);
	}
}

static void make_readable(const char *path)
{
	assert_int_equal(chmod(path, 0620), 0);
}

static void give_away(const char *path)
{
	assert_int_equal(chown(path, 65534, 0), 0);
}

static void link_elsewhere(const char *path)
{
	assert_int_equal(rename(path, in_dir("elsewhere")), 0);
	assert_int_equal(symlink("../elsewhere", path), 0);
}

static void name_twice(const char *path)
{
	assert_int_equal(link(path, in_dir("elsewhere")), 0);
}

/* It is whole, and may be somebody else's: another one is put into its place. */
static void others_files_are_not_taken(void **state)
{
	static void (*const spoil_it[])(const char *path) = { make_readable, give_away, link_elsewhere, name_twice };
	const struct content_key k = key(1, 1000);

	for (size_t i = 0; i < sizeof(spoil_it) / sizeof(spoil_it[0]); i++) {
		struct hash_store *s;

		(void)fresh_folder();
		s = store();
		put(s, &k);
		hash_store__close(s);
		spoil_it[i](in_dir("kept/hashes"));
		s = store();
		assert_false(has(s, &k));
		hash_store__close(s);
		(void)unlink(in_dir("elsewhere"));
	}
}

static void others_folders_are_not_taken(void **state)
{
	struct hash_store *s = NULL;
	const char *folder = fresh_folder();

	hash_store__close(store());
	assert_int_equal(chmod(in_dir("kept"), 0755), 0);
	assert_int_equal(hash_store__open(folder, &s), -EACCES);
	assert_int_equal(chmod(in_dir("kept"), 0700), 0);
	assert_int_equal(chmod(in_dir(""), 0777), 0);
	assert_int_equal(hash_store__open(folder, &s), -EACCES);
	assert_int_equal(chmod(in_dir(""), 0700), 0);
	assert_null(s);
}

#define WRITERS 3
#define FILES	8	/* few, so that they meet */

/* What is found while others write is whole; has() compares it. Who is killed meanwhile spoils nothing. */
static void many_at_once(void **state)
{
	struct hash_store *s;
	pid_t pids[WRITERS];
	size_t n = 0;

	(void)fresh_folder();
	s = store();
	for (int w = 0; w < WRITERS; w++) {
		pids[w] = fork();
		for (uint64_t i = 0; !pids[w]; i++) {
			const struct content_key k = key(i % FILES, i / FILES % 50 * 1000);

			put(s, &k);
		}
	}
	for (uint64_t i = 0; i < 2000000; i++) {
		const struct content_key k = key(i % FILES, i / FILES % 50 * 1000);

		n += has(s, &k);
	}
	for (int w = 0; w < WRITERS; w++) {
		kill(pids[w], SIGKILL);
		assert_int_equal(waitpid(pids[w], NULL, 0), pids[w]);
	}
	assert_true(n > 0);
	for (uint64_t i = 0; i < FILES; i++)
		for (uint64_t t = 0; t < 50; t++)
			(void)has(s, &(struct content_key[]){ key(i, t * 1000) }[0]);
	hash_store__close(s);
}

static int make_dir(void **state)
{
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)unlink(in_dir("kept/hashes"));
	(void)rmdir(in_dir("kept"));
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_observer_finds_it),
		cmocka_unit_test(what_has_no_mount_is_not_kept),
		cmocka_unit_test(a_new_state_takes_the_old_ones_place),
		cmocka_unit_test(full_it_forgets),
		cmocka_unit_test(of_another_boot_or_layout_it_is_made_anew),
		cmocka_unit_test(others_files_are_not_taken),
		cmocka_unit_test(others_folders_are_not_taken),
		cmocka_unit_test(many_at_once),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
