/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_INSPECTOR_H
#define GOENVBPF_CAPTURE_INSPECTOR_H
/*
 * Who looks at files: embedded build information of programs that ran, small configuration files and
 * cache entries that were opened. The ring's consumer only leaves requests.
 *
 * Programs live shorter than any reader is quick, and are deleted: so the kernel hands over an open
 * descriptor of everything that is executed (fanotify), which is read at once. /proc/PID/exe is the
 * fallback where fanotify is refused.
 *
 * A file system that does not answer costs its own files, which are told as not readable, and nothing
 * else.
 *
 * Lifecycle: inspector__new() before the hooks are attached → inspector__ask() from one thread,
 * inspector__check() several times a second from another → inspector__finish() (all requests are
 * answered) → inspector__free().
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "bpf/event.h"
#include "capture/early.h"
#include "capture/opener.h"
#include "record/record.h"

struct inspector;

struct inspector_opts {
	struct record *record;	/* gets buildinfo, file and cache lines */
	uint64_t boot_ns;	/* the record's start on the boot clock */
	struct early *early;	/* texts that were read at once; NULL: none are */
	const struct identity *owner;	/* of the record; NULL: root, for whom all is read */
	size_t queue_max;	/* requests that may wait; 0: 65536 */
};

int inspector__new(const struct inspector_opts *opts, struct inspector **ret);
void inspector__free(struct inspector *l);
/* Sees to it that nothing waits for a file system that hangs. */
void inspector__check(struct inspector *l);
/* Returns when all requests so far are answered, but for what hangs; verdicts can be taken then. */
void inspector__flush(struct inspector *l);
/* Answers all requests and stops the threads. */
void inspector__finish(struct inspector *l);
/* False when programs that end at once may be missed: fanotify is refused. */
bool inspector__has_descriptors(const struct inspector *l);

enum look {
	LOOK_VERDICT,		/* is the program Go? only the answer is wanted */
	LOOK_PROGRAM,		/* what it embeds: a buildinfo line, once per file */
	LOOK_HOME,		/* what lies in a home, and go did not open */
	LOOK_BESIDE,		/* what lies near settings that a program did not find, or where they led */
	LOOK_OUTPUT,		/* the same of a file that go has just put into its place */
	LOOK_CONFIG,		/* a small configuration file: its text */
	LOOK_CACHE,		/* a build cache entry (…-a) */
	LOOK_SOURCE,		/* an input of a build: sources.h, not the inspector */
};

/* What they did to a file. */
enum file_use {
	FILE_READ,		/* its content says what they did next */
	FILE_WRITTEN,		/* opened to write, cut, or put into place */
	FILE_CREATED,		/* it was not there before: only who reads it tells what is in it */
	FILE_MISSED,		/* it was not there */
};

/* Who made us look. */
struct look_at {
	enum look what;
	struct ev_exe exe;	/* of programs */
	uint64_t key;		/* the programs' number of the program image, for the verdict */
	uint64_t ts;		/* ns since the record's start */
	uint64_t proc;
	uint32_t pid;
	uint32_t tid;
	uint32_t mnt_ns;	/* theirs, 0: ours */
	struct file_name name;
	uint64_t mount;		/* of sources: its unique number, where the kernel told what they opened; else 0 */
	struct file_state state;	/* and what that was */
	struct opener *who;	/* with whose rights, NULL: not known; borrowed */
	enum config_kind config;
	enum file_use use;
};

/* Copies what it is given, and keeps who. -EAGAIN: too much is waiting, the request is dropped; -ENOMEM. */
int inspector__ask(struct inspector *l, const struct look_at *at);

struct look_verdict {
	uint64_t key;
	struct ev_exe exe;
	bool is_go;
	bool is_fresh;		/* for this image alone, see struct executable */
};

/* The next answer to LOOK_VERDICT; false when there is none yet. */
bool inspector__next_verdict(struct inspector *l, struct look_verdict *ret);

DEFINE_CLEANUP(inspector, struct inspector *, inspector__free);
#define __free_inspector __cleanup_with(inspector)

#endif
