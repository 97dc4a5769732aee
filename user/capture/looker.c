/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The thread that looks at files, so that nobody else has to wait for a disk. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sha2.h>
#include <sys/stat.h>

#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(elt) ((elt)->hash_failed = true)
#include <uthash.h>

#include "capture/cache_output.h"
#include "capture/executables.h"
#include "capture/looker.h"
#include "golang/gocache.h"
#include "util/clock.h"
#include "util/file.h"

#define QUEUE_MAX  65536
#define TEXT_MAX   (1u << 20)	/* a larger configuration file has only its hash recorded */
#define HEAD_MAX   4096		/* of vendor/modules.txt */
#define SEEN_MAX   65536
#define DRAIN_EVERY_NS (100 * NSEC_PER_MSEC)

struct request {
	struct request *next;
	struct look_at at;
	char path[];
};

struct answer {
	struct answer *next;
	struct look_verdict verdict;
};

/* A file that is in the record as it is now. */
struct seen_file {
	uint64_t size;
	int64_t time;
	UT_hash_handle hh;
	bool hash_failed;
	char path[];
};

struct looker {
	struct looker_opts opts;
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t lock;	/* what follows, up to stop */
	pthread_cond_t wake, idle;
	struct request *queue, **queue_tail;
	struct answer *answers, **answers_tail;
	size_t queued;
	bool busy;
	bool stop;

	/* the thread's own */
	struct executables *exes;
	struct seen_file *seen;	/* oldest first */
	struct line line;
	struct str text;
};

/* --- programs --- */

static void add_module(struct json *j, const struct go_module *m)
{
	json__obj(j);
	json__kstr(j, "path", m->path);
	json__kstr(j, "version", m->version);
	if (m->sum && m->sum[0])
		json__kstr(j, "sum", m->sum);
	if (m->replace) {
		json__key(j, "replace");
		add_module(j, m->replace);
	}
	json__end(j);
}

static void add_modules(struct looker *l, const struct buildinfo *b)
{
	struct json j;

	str__cut(&l->text, 0);
	json__init(&j, &l->text);
	if (b->has_main) {
		add_module(&j, &b->main);
		line__raw(&l->line, "main", l->text.s, l->text.len);
	}
	str__cut(&l->text, 0);
	json__init(&j, &l->text);
	json__arr(&j);
	for (size_t i = 0; i < b->dep_cnt; i++)
		add_module(&j, &b->deps[i]);
	json__end(&j);
	line__raw(&l->line, "deps", l->text.s, l->text.len);
}

static void add_settings(struct looker *l, const struct buildinfo *b)
{
	str__cut(&l->text, 0);
	for (size_t i = 0; i < b->setting_cnt; i++) {
		str__adds(&l->text, b->settings[i].key);
		str__addc(&l->text, '=');
		str__add(&l->text, b->settings[i].value, strlen(b->settings[i].value) + 1);
	}
	line__settings(&l->line, l->text.s, l->text.len);
}

static void put_buildinfo(struct looker *l, const struct look_at *at, const struct executable *x)
{
	const struct buildinfo *b = x->info;
	struct line *line = &l->line;
	char dev[32];

	line__begin(line, REC_BUILDINFO, at->ts, at->pid, at->tid, at->proc);
	line__bytes(line, "exe", at->path, strlen(at->path));
	snprintf(dev, sizeof(dev), "%u:%u", at->exe.dev >> 20, at->exe.dev & ((1 << 20) - 1));
	line__str(line, "dev", dev);
	line__uint(line, "ino", at->exe.ino);
	if (b) {
		line__bytes(line, "go", b->go, strlen(b->go));
		if (b->path[0])
			line__bytes(line, "path", b->path, strlen(b->path));
		if (b->has_modinfo) {
			add_modules(l, b);
			add_settings(l, b);
		}
		if (b->build_id)
			line__bytes(line, "build_id", b->build_id, strlen(b->build_id));
		line__str(line, "format", buildinfo_format__name(b->format));
	} else if (x->err == -ESTALE) {
		line__str(line, "error", "the program was gone before it could be read");
		line__incomplete(line, "buildinfo");
	} else {
		line__str(line, "error", buildinfo__strerror(x->err));
	}
	if (!line__end(line))
		record__put(l->opts.record, line);
}

static void tell_verdict(struct looker *l, const struct look_at *at, bool is_go)
{
	struct answer *a = calloc(1, sizeof(*a));

	if (!a)
		return;	/* the image stays undecided, and is kept */
	a->verdict = (struct look_verdict){ .key = at->key, .exe = at->exe, .is_go = is_go };
	pthread_mutex_lock(&l->lock);
	*l->answers_tail = a;
	l->answers_tail = &a->next;
	pthread_mutex_unlock(&l->lock);
}

static void look_at_program(struct looker *l, const struct look_at *at)
{
	struct executable *x = executables__find(l->exes, at);

	if (at->what == LOOK_VERDICT) {
		/* What could not be looked at is kept: too much is better than too little. */
		tell_verdict(l, at, x->info || x->err == -ESTALE);
	} else if (x->err == -ESTALE || executables__is_new(l->exes, &at->exe)) {
		put_buildinfo(l, at, x);
	}
}

/* --- files --- */

int look__open(const struct look_at *at, int flags)
{
	int fd;

	if (!at->own_root) {
		fd = open(at->path, flags);
		return fd < 0 ? -errno : fd;
	}
	fd = procdir__open_below_root(&at->self, at->path, flags);
	return fd == -ESRCH ? procdir__open_below_root(&at->elder, at->path, flags) : fd;
}

static int open_file(const struct look_at *at)
{
	return look__open(at, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOATIME);
}

static int64_t mtime_of(const struct stat *st)
{
	return st->st_mtim.tv_sec * (int64_t)NSEC_PER_SEC + st->st_mtim.tv_nsec;
}

/* time: the file's, or of a cache entry its own, for its file's is refreshed with every use. */
static bool is_news(struct looker *l, const char *path, uint64_t size, int64_t time)
{
	size_t n = strlen(path);
	struct seen_file *s;

	HASH_FIND(hh, l->seen, path, n, s);
	if (s && s->size == size && s->time == time)
		return false;
	if (s || HASH_COUNT(l->seen) >= SEEN_MAX) {
		struct seen_file *old = s ?: l->seen;

		HASH_DEL(l->seen, old);
		free(old);
	}
	s = calloc(1, sizeof(*s) + n + 1);
	if (!s)
		return true;
	memcpy(s->path, path, n);
	s->size = size;
	s->time = time;
	HASH_ADD(hh, l->seen, path[0], n, s);
	if (s->hash_failed)
		free(s);
	return true;
}

static void put_config(struct looker *l, const struct look_at *at, const struct stat *st, int err)
{
	size_t n = strlen(at->path), len = l->text.len;
	char hash[SHA256_DIGEST_STRING_LENGTH], mtime[24];
	struct line *line = &l->line;
	bool head = str_has_suffix(at->path, "/modules.txt") && len > HEAD_MAX;

	line__begin(line, REC_FILE, at->ts, at->pid, at->tid, at->proc);
	line__bytes(line, "path", at->path, n);
	line__uint(line, "size", st->st_size);
	snprintf(mtime, sizeof(mtime), "%lld", (long long)mtime_of(st));
	line__str(line, "mtime", mtime);
	if (!err)
		line__str(line, "sha256", SHA256Data((const uint8_t *)(l->text.s ?: ""), len, hash));
	if (head)
		while (len > HEAD_MAX || (len && l->text.s[len - 1] != '\n'))
			len--;
	if (!err)
		line__file_text(line, at->what == LOOK_SETTINGS ? "go/env" : at->path,
				l->text.s ?: "", len);
	if (err || head)
		line__incomplete(line, "text");
	line__bool(line, "after_fact", true);
	if (!line__end(line))
		record__put(l->opts.record, line);
}

static void put_unseen(struct looker *l, const struct look_at *at)
{
	line__begin(&l->line, REC_FILE, at->ts, at->pid, at->tid, at->proc);
	line__bytes(&l->line, "path", at->path, strlen(at->path));
	line__incomplete(&l->line, "text");
	if (!line__end(&l->line))
		record__put(l->opts.record, &l->line);
}

/* What the entry points at; keys of the line that is being written. */
static void add_output(struct looker *l, const struct look_at *at, const struct gocache_entry *e)
{
	__free_str struct str path = {};
	struct look_at data = *at;
	__close_fd int fd = -1;

	str__add(&path, at->path, strlen(at->path) - GOCACHE_ENTRY_TAIL);
	str__addf(&path, "/%.2s/%s-d", e->output, e->output);
	if (str__err(&path))
		return;
	data.path = path.s;
	fd = open_file(&data);
	cache_output__add(&l->line, fd, e);
}

static void look_at_entry(struct looker *l, const struct look_at *at)
{
	struct gocache_entry e;
	char time[24];

	/* A malformed entry is none, to the go command as well: the record has the open of it. */
	if (gocache__parse_entry(l->text.s ?: "", l->text.len, &e) ||
	    !is_news(l, at->path, e.size, e.time))
		return;
	line__begin(&l->line, REC_CACHE, at->ts, at->pid, at->tid, at->proc);
	line__bytes(&l->line, "path", at->path, strlen(at->path));
	line__str(&l->line, "action", e.action);
	line__str(&l->line, "output", e.output);
	line__uint(&l->line, "size", e.size);
	snprintf(time, sizeof(time), "%lld", (long long)e.time);
	line__str(&l->line, "time", time);
	add_output(l, at, &e);
	if (!line__end(&l->line))
		record__put(l->opts.record, &l->line);
}

static void look_at_file(struct looker *l, const struct look_at *at)
{
	__close_fd int fd = open_file(at);
	struct stat st;
	int err;

	/* It was there, but nobody is left who could see it. */
	if (fd == -ESRCH && at->what != LOOK_CACHE)
		put_unseen(l, at);
	/* Gone again: a temporary file. That it was opened is in the record. */
	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode))
		return;
	if (at->what == LOOK_CONFIG && !is_news(l, at->path, st.st_size, mtime_of(&st)))
		return;
	str__cut(&l->text, 0);
	err = file__read_fd(fd, TEXT_MAX, &l->text);
	if (at->what == LOOK_CACHE)
		look_at_entry(l, at);
	else
		put_config(l, at, &st, err);
}

/* --- the thread --- */

static struct request *take_requests(struct looker *l, bool *ret_stop)
{
	struct timespec until;
	struct request *all;

	pthread_mutex_lock(&l->lock);
	l->busy = false;
	pthread_cond_broadcast(&l->idle);
	if (!l->queue && !l->stop) {
		uint64_t t = clock__ns(CLOCK_MONOTONIC) + DRAIN_EVERY_NS;

		until = (struct timespec){ t / NSEC_PER_SEC, t % NSEC_PER_SEC };
		pthread_cond_timedwait(&l->wake, &l->lock, &until);
	}
	all = l->queue;
	l->queue = NULL;
	l->queue_tail = &l->queue;
	l->queued = 0;
	l->busy = all;
	*ret_stop = l->stop;
	pthread_mutex_unlock(&l->lock);
	return all;
}

static void *run(void *ctx)
{
	struct sched_param none = {};
	struct looker *l = ctx;
	struct request *r, *next;
	bool stop = false;

	/* Yields to everything; what it reads about is over anyway. */
	(void)pthread_setschedparam(pthread_self(), SCHED_IDLE, &none);
	while (!stop) {
		r = take_requests(l, &stop);
		if (!r)
			executables__drain(l->exes);
		for (; r; r = next) {
			next = r->next;
			if (r->at.what <= LOOK_PROGRAM)
				look_at_program(l, &r->at);
			else
				look_at_file(l, &r->at);
			free(r);
		}
	}
	return NULL;
}

int looker__new(const struct looker_opts *opts, struct looker **ret)
{
	__free_looker struct looker *l = calloc(1, sizeof(*l));
	pthread_condattr_t attr;
	int err;

	if (!l)
		return -ENOMEM;
	l->opts = *opts;
	l->queue_tail = &l->queue;
	l->answers_tail = &l->answers;
	pthread_mutex_init(&l->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&l->wake, &attr);
	pthread_condattr_destroy(&attr);
	pthread_cond_init(&l->idle, NULL);
	l->exes = executables__new();
	if (!l->exes)
		return -ENOMEM;
	err = pthread_create(&l->thread, NULL, run, l);
	if (err)
		return -err;
	l->has_thread = true;
	*ret = STEAL(l);
	return 0;
}

static void hurry(struct looker *l)
{
	struct sched_param none = {};

	(void)pthread_setschedparam(l->thread, SCHED_OTHER, &none);
}

void looker__flush(struct looker *l)
{
	hurry(l);
	pthread_mutex_lock(&l->lock);
	while (l->queue || l->busy)
		pthread_cond_wait(&l->idle, &l->lock);
	pthread_mutex_unlock(&l->lock);
}

void looker__finish(struct looker *l)
{
	if (!l->has_thread)
		return;
	hurry(l);
	pthread_mutex_lock(&l->lock);
	l->stop = true;
	pthread_cond_signal(&l->wake);
	pthread_mutex_unlock(&l->lock);
	pthread_join(l->thread, NULL);
	l->has_thread = false;
}

void looker__free(struct looker *l)
{
	struct seen_file *s, *s_next;
	struct answer *a, *a_next;

	if (!l)
		return;
	looker__finish(l);
	HASH_ITER(hh, l->seen, s, s_next) {
		HASH_DEL(l->seen, s);
		free(s);
	}
	for (a = l->answers; a; a = a_next) {
		a_next = a->next;
		free(a);
	}
	executables__free(l->exes);
	line__free(&l->line);
	str__free(&l->text);
	pthread_mutex_destroy(&l->lock);
	pthread_cond_destroy(&l->wake);
	pthread_cond_destroy(&l->idle);
	free(l);
}

bool looker__has_descriptors(const struct looker *l)
{
	return executables__has_descriptors(l->exes);
}

int looker__ask(struct looker *l, const struct look_at *at)
{
	size_t n = strlen(at->path);
	struct request *r;
	bool idle;

	if (__atomic_load_n(&l->queued, __ATOMIC_RELAXED) >= QUEUE_MAX)
		return -EAGAIN;
	r = malloc(sizeof(*r) + n + 1);
	if (!r)
		return -ENOMEM;
	*r = (struct request){ .at = *at };
	memcpy(r->path, at->path, n + 1);
	r->at.path = r->path;
	pthread_mutex_lock(&l->lock);
	idle = !l->queue;
	*l->queue_tail = r;
	l->queue_tail = &r->next;
	l->queued++;
	if (idle)
		pthread_cond_signal(&l->wake);
	pthread_mutex_unlock(&l->lock);
	return 0;
}

bool looker__next_verdict(struct looker *l, struct look_verdict *ret)
{
	struct answer *a;

	pthread_mutex_lock(&l->lock);
	a = l->answers;
	if (a) {
		l->answers = a->next;
		if (!l->answers)
			l->answers_tail = &l->answers;
	}
	pthread_mutex_unlock(&l->lock);
	if (!a)
		return false;
	*ret = a->verdict;
	free(a);
	return true;
}
