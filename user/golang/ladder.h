/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_LADDER_H
#define GOENVBPF_GOLANG_LADDER_H
/*
 * What a path is tried for. Programs look for one thing in several places, in order, until one is
 * there: go.work and go.mod in folder after folder, a program in each folder of PATH, certificates
 * where each distribution keeps them. Attempts of equal purpose and key are steps of one ladder.
 */
#include <stdbool.h>
#include <stddef.h>

/* X(id, name, what is looked for) */
#define LADDER_LIST(X)									\
	X(GO_WORK,	"go.work",	"the workspace file")				\
	X(GO_MOD,	"go.mod",	"the main module")				\
	X(GO_ENV,	"go/env",	"the user's Go settings")			\
	X(GOROOT_ENV,	"go.env",	"the toolchain's Go settings")			\
	X(VENDOR,	"vendor",	"the vendored modules")				\
	X(PROGRAM,	"program",	"a program on PATH")				\
	X(LIBRARY,	"library",	"a shared library")				\
	X(CERTIFICATES,	"certificates",	"the system's CA certificates")			\
	X(TIME_ZONE,	"time zone",	"a time zone")					\
	X(MIME,		"mime",		"the types of files")				\
	X(RESOLVER,	"resolver",	"how names are resolved")			\
	X(NETRC,	"netrc",	"credentials of hosts")				\
	X(CONFIG,	"config",	"a configuration file")

enum ladder_purpose {
	LADDER_NONE,
#define X(id, name, title) LADDER_##id,
	LADDER_LIST(X)
#undef X
	LADDER_CNT,
};

const char *ladder_purpose__name(enum ladder_purpose purpose);	/* "none" for LADDER_NONE */
const char *ladder_purpose__title(enum ladder_purpose purpose);	/* "" likewise */

struct ladder_step {
	enum ladder_purpose purpose;
	const char *key;	/* what is looked for: "gcc", "libc.so.6", "config", "Europe/Berlin" */
	size_t key_len;		/* 0 when the purpose says it all */
	/*
	 * For one alternative of several, what any of them is good for: "nm" of gnm and nm, which
	 * collect2 looks for in turn; "libz" of libz.so and libz.a, as the linker does. That one is
	 * nowhere says nothing then. group_len 0: the key has no alternatives. Points into path or is
	 * static.
	 */
	const char *group;
	size_t group_len;
};

/*
 * Tells the purpose of an absolute path; path_list is the process's PATH (NULL: not known). False,
 * and LADDER_NONE, when it is nothing that is looked for in several places. The key points into path.
 */
bool ladder__classify(const char *path, const char *path_list, struct ladder_step *ret);
/* The last name is one that files of settings have: "app.yaml", ".env", ".toolrc". */
bool ladder__is_config(const char *path);
/* The library lies where systems and their packages have such. */
bool library__is_of_system(const char *path);

#endif
