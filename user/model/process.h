/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_PROCESS_H
#define GOENVBPF_MODEL_PROCESS_H
/*
 * The processes of a record: one entry for each program image of each process, by its "proc".
 */
#include "golang/tools.h"
#include "model/model.h"

struct image;

enum process_end {
	PROCESS_RUNS,		/* no end was seen */
	PROCESS_EXITED,		/* status is the exit code */
	PROCESS_KILLED,		/* status is the signal */
	PROCESS_REPLACED,	/* by the program image "next" in the same process */
};

/* Arguments beyond this many bytes are not kept (args_cut); the record has them. */
#define PROCESS_MAX_ARGS 65536

struct process {
	uint64_t proc;
	uint64_t parent;	/* 0: unknown */
	uint64_t prev, next;	/* earlier and later image of the same process; 0: none */
	uint64_t go;		/* proc of the go command that it is or works for; 0: none */
	uint32_t pid, ppid;
	int64_t start, finish;	/* ns; -1: not seen */
	const char *exe;	/* of a forked process: its parent's. NULL: unknown */
	const struct image *image;	/* ask model__image_of() */
	const char *cwd;	/* when it started; NULL: unknown */
	const struct environment *env;	/* environment.h; NULL: not known, or of a tool of go's */
	const char *args;	/* arg_cnt strings, each ended by NUL */
	size_t arg_cnt, args_sz;
	bool args_cut;
	bool has_exec;		/* an exec line is there; else forked, or known by its events */
	bool was_running;	/* at the start of the record */
	enum tool_role role;
	bool probe;		/* only asked for its version or its capabilities */
	const char *name;	/* of the tool or program; NULL: unknown */
	const char *subject;	/* go's verb, the package of a tool; NULL: none */
	const char *package;	/* TOOLEXEC_IMPORTPATH; NULL: not given */
	enum process_end end;
	int status;
	uint32_t threads;	/* started beside the first one */
	uint64_t accesses, failed;
};

/* NULL when there is none. */
const struct process *model__process(const struct model *m, uint64_t proc);
/* The one that the line belongs to; by pid when the line has no proc. */
const struct process *model__process_of(const struct model *m, const struct rec *rec);
/* In the order of the record: start with NULL. */
const struct process *model__next_process(const struct model *m, const struct process *p);

/* "go build", "compile fmt", "compile -V", "sh": what a person calls it. */
void process__label(const struct process *p, struct str *out);
/* The next argument after arg, the first one for NULL; NULL at the end. */
const char *process__next_arg(const struct process *p, const char *arg);
/* The arguments as an array that ends with NULL: the caller frees the array. NULL: out of memory. */
const char **process__argv(const struct process *p);
/* The program image that the process ended as. */
const struct process *process__last_image(const struct model *m, const struct process *p);
/* It ended, and not well. NULL is fine. */
bool process__has_failed(const struct process *p);
/* ns; -1 when start or end were not seen. */
int64_t process__duration(const struct process *p);

#endif
