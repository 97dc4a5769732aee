/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Executables and toolchains, as data: what ran, and why it was that. */
#include "answers/objects.h"
#include "answers/toolchains.h"
#include "model/toolchain/toolchain.h"

/* --- executables --- */

static struct value goroot(struct answer *a, const void *data)
{
	const struct image *i = data;
	size_t n = image__is_toolchain(i) ? toolchain__goroot_len(i->exe) : 0;

	return (struct value){ .s = n ? answer__own(a, strndup(i->exe, n), free) : NULL };
}

const char *image__version(const struct image *i)
{
	return i->go ?: i->cc.version;
}

GET(version, struct image, s, image__version(o))
GET(role, struct image, u, image__role(o))
GET(cc_confidence, struct image, u, o->cc.version ? o->cc.confidence : NOT_EVALUATED)
NEXT(next_cc_proof, struct image, o->cc.version && !item ? &o->cc.ts : NULL)

OBJECT(executable, struct image, "An executable that ran.",
	F_STRING("path",	MUST, exe, "the executable"),
	F_GET("goroot",		FIELD_STRING, MAY, goroot, "the GOROOT that it lies in"),
	F_GET("version",	FIELD_STRING, MAY, version, "the Go version that it is of; a C compiler's own"),
	CONFIDENCE_OF(MAY, cc_confidence),
	F_TIME_LIST("proof",	MAY, next_cc_proof, PROOF),
	F_GET_NAME("role",	MUST, role, tool_role__name, 0, TOOL_CNT, "what it did most often"),
	F_STRING("package",	MAY, package, "its main package"),
	F_STRING("module_version", MAY, version, "version of its main module"),
	F_STRING("build_id",	MAY, build_id, "its build ID"),
	F_STRING("error",	MAY, error, "why it has no build information"),
	F_COUNT("runs",		MUST, runs, "how often it ran"),
	F_COUNT("probes",	MUST, probes, "runs that only asked for its version"))

const struct image *toolchains__next(const struct model *m, const struct image *i)
{
	do {
		i = model__next_image(m, i);
	} while (i && !image__is_toolchain(i));
	return i;
}

const struct image *executables__next(const struct model *m, const struct image *i)
{
	do {
		i = model__next_image(m, i);
	} while (i && (image__is_toolchain(i) || !i->go));
	return i;
}

/* --- switches, downloads --- */

OBJECT(pick, struct toolchain_pick, NULL,
	F_STRING("path",	MAY, by.path, "the file that asked for it"),
	F_ID("line",		MAY, by.line, "its line there"),
	F_STRING("text",	MAY, text, "the line, or the value of GOTOOLCHAIN"),
	CONFIDENCE(MUST, confidence))

GET(reason, struct toolchain_switch, u, o->pick ? o->pick->by.source : SOURCE_UNKNOWN)
GET(pick, struct toolchain_switch, p, o->pick)

OBJECT(toolchain_switch, struct toolchain_switch, "A go command handed over to another Go, or should have.",
	F_ID("from",		MUST, from, "proc of the go command"),
	F_ID("to",		MAY, to, "proc of the other one"),
	F_TIME("ts",		MUST, ts, "when it handed over"),
	F_STRING("version",	MAY, version, "of the other one"),
	F_STRING("failure",	MAY, failure, "why it did not come to that"),
	F_GET_NAME("reason",	MUST, reason, source__name, 0, SOURCE_CNT, "what asked for it"),
	F_GET_INLINE(MAY, pick, pick),
	PROOF_IN(MUST, proof))

OBJECT(toolchain_download, struct toolchain_download, "A toolchain that was downloaded.",
	F_STRING("version",	MUST, version, "of the toolchain"),
	F_ID("proc",		MUST, proc, "who wrote its files"),
	F_TIME("ts",		MUST, ts, "the first time"),
	F_COUNT("writes",	MUST, writes, "files and folders written"),
	F_BOOL("complete",	MUST, is_done, "it was unpacked, or ran"))

NEXT(next_tool, void, toolchains__next(a->m, item))
NEXT(next_executable, void, executables__next(a->m, item))
NEXT(next_switch, void, model__next_switch(a->m, item))
NEXT(next_download, void, model__next_download(a->m, item))

PUBLIC_OBJECT(toolchains_part, void, NULL,
	F_LIST("toolchains",	MUST, next_tool, executable, "go, its tools and those of the C compiler"),
	F_LIST("toolchain_switches", MUST, next_switch, toolchain_switch, "from one go to another one"),
	F_LIST("toolchain_downloads", MUST, next_download, toolchain_download, "for such a switch"),
	F_LIST("executables",	MUST, next_executable, executable, "other Go programs"))
