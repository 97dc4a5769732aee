/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The configuration that a kernel was built with, as far as a file tells it. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <zlib.h>

#include "capture/kconfig.h"
#include "util/str.h"

#define TEXT_MAX (2u << 20)	/* those of distributions have 100 to 300 KiB */
#define STEP 65536
#define PREFIX "CONFIG_"

struct kconfig {
	char *path;
	struct str text;	/* whole lines */
	bool is_cut;
};

struct line {
	const char *s;
	size_t len;
};

static bool next_line(const struct kconfig *k, size_t *pos, struct line *ret)
{
	const char *start = k->text.s + *pos, *end;

	if (*pos >= k->text.len)
		return false;
	end = memchr(start, '\n', k->text.len - *pos);
	ret->s = start;
	ret->len = end - start;		/* the text ends with a newline */
	*pos += ret->len + 1;
	return true;
}

static bool take(struct line *l, const char *word)
{
	size_t len = strlen(word);

	if (l->len < len || memcmp(l->s, word, len))
		return false;
	l->s += len;
	l->len -= len;
	return true;
}

/* A file of another kind has no line that names an option. */
static bool is_configuration(const struct kconfig *k)
{
	struct line l;
	size_t pos = 0;

	while (next_line(k, &pos, &l)) {
		(void)take(&l, "# ");	/* there or not */
		if (take(&l, PREFIX))
			return true;
	}
	return false;
}

/* zlib passes on what is not compressed. Takes the descriptor. */
static int inflate_file(int fd, struct kconfig *k)
{
	gzFile file = gzdopen(fd, "rb");
	int n, status;

	if (!file) {
		close(fd);
		return -ENOMEM;
	}
	do {
		if (!str__room(&k->text, STEP)) {
			n = Z_MEM_ERROR;
			break;
		}
		n = gzread(file, k->text.s + k->text.len, STEP);
		if (n > 0)
			k->text.len += n;
	} while (n > 0 && k->text.len <= TEXT_MAX);
	(void)gzerror(file, &status);
	gzclose(file);
	if (n == Z_MEM_ERROR || status == Z_MEM_ERROR)
		return -ENOMEM;
	/* That it ends within the compressed data is known only then. */
	k->is_cut = status == Z_BUF_ERROR;
	if (n < 0 && !k->is_cut)
		return status == Z_ERRNO ? -EIO : -EBADMSG;
	return k->text.len > TEXT_MAX ? -EFBIG : 0;
}

/* Half a line could say anything. */
static void drop_half_line(struct kconfig *k)
{
	const char *last = k->text.len ? memrchr(k->text.s, '\n', k->text.len) : NULL;
	size_t whole = last ? last + 1 - k->text.s : 0;

	if (whole < k->text.len)
		k->is_cut = true;
	str__cut(&k->text, whole);
}

static int read_file(struct kconfig *k)
{
	__close_fd int fd = open(k->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	int err;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	err = inflate_file(steal_fd(&fd), k);
	if (err)
		return err;
	drop_half_line(k);
	return is_configuration(k) ? 0 : -EBADMSG;
}

int kconfig__read(const char *path, struct kconfig **ret)
{
	__free_kconfig struct kconfig *k = calloc(1, sizeof(*k));
	int err;

	if (!k)
		return -ENOMEM;
	k->path = strdup(path);
	if (!k->path)
		return -ENOMEM;
	err = read_file(k);
	if (err)
		return err;
	*ret = STEAL(k);
	return 0;
}

int kconfig__find(struct kconfig **ret)
{
	static const char *const files[][2] = {	/* what is around the release */
		{ "/proc/config.gz" },		/* with CONFIG_IKCONFIG_PROC */
		{ "/boot/config-", "" },	/* Debian and its kin */
		{ "/lib/modules/", "/config" },	/* Fedora, Debian since 14 */
	};
	struct utsname u = {};
	size_t i;

	(void)uname(&u);	/* cannot fail for a valid address */
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		__free_str struct str path = {};
		int err;

		str__adds(&path, files[i][0]);
		if (files[i][1])
			str__addf(&path, "%s%s", u.release, files[i][1]);
		err = str__err(&path) ?: kconfig__read(path.s, ret);
		if (!err || err == -ENOMEM)
			return err;
	}
	return -ENOENT;
}

void kconfig__free(struct kconfig *k)
{
	if (!k)
		return;
	str__free(&k->text);
	free(k->path);
	free(k);
}

const char *kconfig__path(const struct kconfig *k)
{
	return k->path;
}

/* What one line says of an option: KCONFIG_UNKNOWN when it is about something else. */
static enum kconfig_value value_of(struct line l, const char *option)
{
	bool is_comment = take(&l, "# ");

	if (!take(&l, PREFIX) || !take(&l, option))
		return KCONFIG_UNKNOWN;
	if (is_comment)
		return take(&l, " is not set") && !l.len ? KCONFIG_OFF : KCONFIG_UNKNOWN;
	if (!take(&l, "="))
		return KCONFIG_UNKNOWN;
	if (l.len == 1 && *l.s == 'm')
		return KCONFIG_MODULE;
	return l.len == 1 && *l.s == 'n' ? KCONFIG_OFF : KCONFIG_ON;
}

enum kconfig_value kconfig__value(const struct kconfig *k, const char *option)
{
	enum kconfig_value found = k->is_cut ? KCONFIG_UNKNOWN : KCONFIG_OFF, said;
	struct line l;
	size_t pos = 0;

	while (next_line(k, &pos, &l)) {
		said = value_of(l, option);
		if (said != KCONFIG_UNKNOWN)
			found = said;
	}
	return found;
}
