/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Requests that were not accepted, for the next push. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "push/spool.h"
#include "util/clock.h"
#include "util/file.h"

#define MAX_NAME 200
#define TRY_NS 100000000	/* between two tries for the lock */

/* Under sudo, HOME may be another one's. */
static const char *home(void)
{
	const char *said = getenv("HOME");
	struct passwd *pw = said && *said && !getenv("SUDO_USER") ? NULL : getpwuid(geteuid());

	return pw ? pw->pw_dir : said;
}

static int make_folders(char *path)
{
	for (char *s = path + 1; *s; s++) {
		if (*s != '/')
			continue;
		*s = '\0';
		if (mkdir(path, 0700) && errno != EEXIST)
			return -errno;
		*s = '/';
	}
	return 0;
}

int spool__place(const char *url, struct str *ret)
{
	const char *state = getenv("XDG_STATE_HOME"), *dir = home();
	size_t name;

	if (state && *state == '/' && !getenv("SUDO_USER"))
		str__addf(ret, "%s/goenvbpf/", state);
	else if (dir && *dir == '/')
		str__addf(ret, "%s/.local/state/goenvbpf/", dir);
	else
		return -ENOENT;
	name = ret->len;
	str__adds(ret, "otlp-");
	for (const char *s = url; *s; s++)
		if (strchr(".-", *s) || (*s >= '0' && *s <= '9') || ((*s | 32) >= 'a' && (*s | 32) <= 'z'))
			str__addc(ret, *s);
		else
			str__addf(ret, "%%%02X", (unsigned char)*s);
	if (ret->len - name > MAX_NAME)
		return -ENAMETOOLONG;
	str__adds(ret, ".jsonl");
	return str__err(ret) ?: make_folders(ret->s);
}

static int lock(int fd, uint64_t until)
{
	const struct timespec pause = { .tv_nsec = TRY_NS };

	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (clock__ns(CLOCK_MONOTONIC) >= until)
			return -EBUSY;
		nanosleep(&pause, NULL);
	}
	return 0;
}

/* 1: it is the file of that name; 0: another push has replaced or removed it meanwhile. */
static int check(int fd, const char *path)
{
	struct stat st, named;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_nlink > 1)
		return -EPERM;
	if (st.st_mode & (S_IRWXG | S_IRWXO) && fchmod(fd, S_IRUSR | S_IWUSR))
		return -errno;
	return !lstat(path, &named) && named.st_dev == st.st_dev && named.st_ino == st.st_ino;
}

/* Half a line is of a push that was killed: its record still has it. */
static int cut_half_line(int fd, off_t *ret_end)
{
	off_t end = lseek(fd, 0, SEEK_END), at = end;
	char c;

	while (at > 0 && pread(fd, &c, 1, at - 1) == 1 && c != '\n')
		at--;
	if (at != end && ftruncate(fd, at))
		return -errno;
	*ret_end = at;
	return 0;
}

static int open_locked(const char *path, uint64_t until)
{
	int fd, is_it, err;

	do {
		fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, S_IRUSR | S_IWUSR);
		if (fd < 0)
			return errno == ELOOP ? -EPERM : -errno;
		err = lock(fd, until);
		is_it = err ?: check(fd, path);
		if (is_it <= 0)
			close(fd);
	} while (!is_it);
	return is_it < 0 ? is_it : fd;
}

int spool__open(struct spool *s, const char *path, uint64_t until)
{
	int fd, reader, err;

	*s = (struct spool){ .fd = -1, .path = strdup(path) };
	if (!s->path)
		return -ENOMEM;
	fd = open_locked(path, until);
	if (fd < 0)
		return fd;
	s->fd = fd;
	err = cut_half_line(fd, &s->old_end);
	if (err)
		return err;
	lseek(fd, 0, SEEK_SET);
	reader = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	s->old = reader < 0 ? NULL : fdopen(reader, "r");
	if (s->old)
		return 0;
	err = -errno;
	if (reader >= 0)
		close(reader);
	return err;
}

int spool__next(struct spool *s, char **line, size_t *room, size_t *ret_n)
{
	ssize_t n;

	s->last.at += s->last.len;
	s->last.len = 0;
	if (s->last.at >= s->old_end)
		return 0;
	n = getline(line, room, s->old);
	if (n < 0)
		return ferror(s->old) ? -EIO : 0;
	s->last.len = n;
	s->old_cnt++;
	*ret_n = n;
	return 1;
}

int spool__keep(struct spool *s)
{
	struct spool_line *kept = realloc(s->kept, (s->kept_cnt + 1) * sizeof(*kept));

	if (!kept)
		return -ENOMEM;
	s->kept = kept;
	kept[s->kept_cnt++] = s->last;
	return 0;
}

int spool__add(struct spool *s, const char *line, size_t n)
{
	off_t end = lseek(s->fd, 0, SEEK_END);
	int err = file__write(s->fd, line, n);

	if (err)
		(void)!ftruncate(s->fd, end);	/* what fails here is cut when it is opened again */
	return err;
}

static int copy(int to, int from, off_t at, off_t end)
{
	char buf[65536];

	while (at < end) {
		off_t left = end - at;
		ssize_t n = pread(from, buf, left < (off_t)sizeof(buf) ? (size_t)left : sizeof(buf), at);
		int err = n > 0 ? file__write(to, buf, n) : n < 0 ? -errno : -EIO;

		if (err)
			return err;
		at += n;
	}
	return 0;
}

/* A new file without what was accepted takes the place of the old one. */
static int replace(struct spool *s, off_t end)
{
	__free_str struct str part = {};
	__close_fd int fd = -1;
	int err = 0;

	str__addf(&part, "%s.part", s->path);
	if (str__err(&part))
		return -ENOMEM;
	(void)unlink(part.s);	/* of one that was killed; we have the lock */
	fd = open(part.s, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (fd < 0)
		return -errno;
	for (size_t i = 0; i < s->kept_cnt && !err; i++)
		err = copy(fd, s->fd, s->kept[i].at, s->kept[i].at + (off_t)s->kept[i].len);
	err = err ?: copy(fd, s->fd, s->old_end, end);
	if (!err && (fsync(fd) || rename(part.s, s->path)))
		err = -errno;
	if (err)
		(void)unlink(part.s);
	return err;
}

static int finish(struct spool *s)
{
	off_t end = lseek(s->fd, 0, SEEK_END);
	bool is_read = s->last.at + (off_t)s->last.len >= s->old_end;

	if (!s->kept_cnt && is_read && end == s->old_end)
		return unlink(s->path) ? -errno : 0;
	if (s->kept_cnt < s->old_cnt && is_read)
		return replace(s, end);
	return fsync(s->fd) ? -errno : 0;
}

int spool__close(struct spool *s)
{
	int err = s->fd < 0 ? 0 : finish(s);

	if (s->old)
		fclose(s->old);
	if (s->fd >= 0)
		close(s->fd);
	free(s->kept);
	free(s->path);
	return err;
}
