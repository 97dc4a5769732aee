/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RULES_CAUSES_STORE_H
#define GOENVBPF_RULES_CAUSES_STORE_H
/*
 * The inside of the comparison, shared by causes*.c: one node for each package of the new run that is
 * asked about, with its counterpart in the old one.
 */
#include "golang/action_id.h"
#include "model/cache/cache.h"
#include "model/commands.h"
#include "model/inputs/inputs.h"
#include "model/settings/settings.h"
#include "rules/causes.h"
#include "util/hash.h"
#include "util/str.h"

/* A package as one command used it. */
struct built {
	const char *path;		/* "p", "p [p.test]" */
	const char *plain;		/* without the variant */
	struct model *m;
	const struct go_command *c;
	struct cache_use use;
	const struct process *compiler;	/* NULL: none ran, or it is not in the record */
	const char *dir;		/* NULL: not known */
	bool is_std, is_main, is_variant, is_cgo;
	struct built *other;		/* the same path in another command of the record */
	UT_hash_handle hh;		/* by path, the last command's */
};

/* A cause that one package has of its own. */
struct own_cause {
	enum cause_kind kind;
	const char *detail, *old, *new;
	enum confidence confidence;
	const char *evidence;		/* NULL: the detail says it all */
};

#define OWN_MAX 32

/* An input file of a package, as the key has it. */
/* In the order of go's. */
enum file_class {
	CLASS_GO, CLASS_CGO, CLASS_C, CLASS_CXX, CLASS_F, CLASS_M, CLASS_H, CLASS_S, CLASS_SYSO, CLASS_SWIG,
	CLASS_EMBED,
};

struct input_file {
	const char *name;		/* below the folder */
	enum file_class class;
	const struct source_state *state;	/* NULL: it is not in the record */
};

struct inputs_of {
	struct input_file *files;	/* in go's order */
	size_t cnt;
	bool is_certain;		/* a compiler was told so; else all that go read there */
};

struct node {
	struct built *now, *then;	/* then NULL: it was not built or used before */
	struct own_cause own[OWN_MAX];
	size_t own_cnt;
	struct node **deps;		/* whose content is another one now */
	size_t dep_cnt;
	bool is_done;
	bool has_would, would_hit;	/* has_would: would_hit is known; see node__would_hit() */
	uint64_t seen, checked;		/* marks of a walk */
	UT_hash_handle hh;
	const char *path;
};

struct run_side {
	struct model *m;
	bool is_before;			/* of one record: only what came before the command in question counts */
	struct built *by_path;
	const struct go_command **commands;	/* that used a cache */
	size_t command_cnt;
	const struct source_state **others;	/* no Go files, in folders without any: embedded, perhaps */
	size_t other_cnt;
};

struct comparison {
	struct run_side old, new;
	struct node *nodes;
	char **strings;			/* that it made */
	size_t string_cnt;
	uint64_t walk;
	size_t cause_cnt, last_cause;	/* of the package that is walked from: how many, places in the list */
	struct causes *out;
};

/* A string that lives as long as the comparison's answer; NULL: out of memory, s is NULL. */
const char *comparison__keep(struct comparison *x, const char *s);
/* 0 or -ENOMEM. The same kind and detail count once. */
int node__add(struct comparison *x, struct node *n, const struct own_cause *cause);
/* The node of a package that the new run used; NULL with *ret_err 0: it did not. */
struct node *comparison__node(struct comparison *x, const char *path, int *ret_err);

/* Both are known, and the archive is the same. */
bool built__is_same(const struct built *then, const struct built *now);
/* A cause of something that is no package of a command; ns of it. -ENOMEM */
int comparison__add(struct comparison *x, const char *what, const struct own_cause *own, int64_t ns);

/* It was built, by tools that ran. */
bool built__is_asked(const struct built *b);

/* causes_built.c: what the record has of packages */
int run_side__read(struct run_side *s, struct model *m);
void run_side__free(struct run_side *s);
/* Its counterpart: of the command that is most like it. */
struct built *built__counterpart(const struct run_side *old, const struct built *now);
struct built *built__unnamed(struct run_side *old, const struct built *now, int *ret_err);
struct built *run_side__find(const struct run_side *s, const char *path);
/* A file that a compiler read is its archive. */
bool built__is_object(const struct built *b, const char *path);
/* As go takes a pattern, "..." for anything; and as of fnmatch(3). */
bool package__matches(const char *pattern, const char *path);
/* Their values differ, for all that is known. */
bool commands__differ(const struct go_command *old, const struct go_command *new, const char *name);
const char *built__setting(const struct built *b, const char *name);	/* its value; NULL */
bool built__is_on(const struct built *b, const char *flag);
/* The arguments of -gcflags, -asmflags that count for it, "" without. */
const char *built__flags_for(const struct built *b, const char *flag, struct str *out);

/* causes_files.c */
/*
 * What it was built from, as far as the record has it; like: its counterpart, which says what go reads
 * there and does not build from. -ENOMEM
 */
int built__files(const struct run_side *s, const struct built *b, const struct built *like,
		 struct inputs_of *ret);
void inputs_of__free(struct inputs_of *i);
int compare_files(struct comparison *x, struct node *n);
/* Settings that differ and choose among files; *ret: there are some. */
int add_choosers(struct comparison *x, struct node *n, bool *ret);

/* causes_cache.c: the key is the same, and was not found */
int compare_cache(struct comparison *x, struct node *n);
/* Nobody had used the package before, as far as the records tell: what its own run says. */
int compare_alone(struct comparison *x, struct node *n);
/* What was kept of it in the old run is in the cache of the new one, as far as the records tell. */
bool node__is_kept(const struct comparison *x, const struct node *n);

/* causes_own.c: the key is another one */
/* The go line of the go.mod that its folder belongs to; NULL: not in the record. */
const char *built__go_line(const struct built *b);
int compare_inputs(struct comparison *x, struct node *n);
/* Path and version ("" of a main module) of the module that it belongs to; false: not known. */
bool built__module(const struct built *b, struct str *ret_path, struct str *ret_version);

/* causes_settings.c */
int compare_commands(struct comparison *x);
void run_side__count(const struct run_side *s, uint64_t *made, uint64_t *hits, int64_t *ns);

/* causes_tests.c: tests that ran again though their binaries are the same */
int compare_tests(struct comparison *x, const struct causes_choice *choice);

/* causes_proof.c: the keys of both follow from what the records have */
int node__prove(struct comparison *x, struct node *n, bool *ret);
/*
 * With the one setting that it has as its own cause, if any, as it was, and with what it imports as it was,
 * its key would be the old one: both were computed, and so was that.
 */
int node__prove_old_key(struct comparison *x, struct node *n, bool *ret);

/*
 * causes_imports.c: in go's order, with room for one more; NULL: not known, or not what was made of them. To
 * be freed. -ENOMEM
 */
int built__imports(const struct run_side *s, const struct built *b, const struct built *like,
		   struct action_import **ret, size_t *ret_cnt);

/* causes_cgo.c: the lines of a package with cgo; NULL, or what it would take. */
const char *built__cgo(const struct built *b, const struct built *like, const struct inputs_of *files,
		       const struct action_inputs *in, struct str *out);

/* A package's key, computed from what the record has, beside the one that go looked up. */
enum key_state {
	KEY_EQUAL,
	KEY_OTHER,		/* something is not as the record has it, or the recipe is another one */
	KEY_UNKNOWN,		/* it cannot be computed: see what it would take */
};

int built__key(const struct run_side *s, const struct built *b, const struct built *like,
	       enum key_state *ret, const char **ret_missing);
/* causes_keys.c: of all packages of a run */
int compare_keys(struct comparison *x);

#endif
