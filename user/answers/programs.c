/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Go programs as data: what is embedded in them, and what contradicts it. */
#include "answers/objects.h"
#include "model/programs/programs.h"

OBJECT(contradiction, struct program_fact, "What is embedded and what was seen do not agree.",
	F_NAME("kind",		MUST, kind, contradiction__name, 0, CONTRADICTION_CNT, "what does not agree"),
	F_STRING("subject",	MAY, subject, "a variable, a module or a path"),
	F_STRING("embedded",	MAY, embedded, "what is embedded"),
	F_STRING("seen",	MAY, seen, "what was seen beside it"),
	F_ID("proc",		MAY, proc, "whose; absent: of all its processes"),
	CONFIDENCE(MUST, confidence),
	PROOF_IN(MUST, proof))

OBJECT(setting, struct program_setting, NULL,
	F_STRING("key",		MUST, key, "name of the setting"),
	F_STRING("value",	MUST, value, "its value"))

OBJECT(go_program, struct program, "A Go program that ran, with build information.",
	F_STRING("exe",		MUST, exe, "the executable"),
	F_NAME("role",		MUST, role, tool_role__name, 0, TOOL_CNT, "what it is"),
	F_STRING("go",		MUST, go, "the Go version that built it"),
	F_STRING("package",	MAY, package, "its main package"),
	F_STRING("module",	MAY, module, "its main module"),
	F_STRING("version",	MAY, version, "version of that"),
	F_STRING("build_id",	MAY, build_id, "its build ID"),
	F_ARRAY_MAP("settings",	MUST, settings, setting_cnt, setting, "the build settings that are embedded"),
	F_COUNT("deps",		MUST, deps, "modules that it was built with"),
	F_COUNT("replaced",	MUST, replaced, "those that are replaced"),
	F_COUNT("runs",		MUST, runs, "how often it ran"),
	F_COUNT("accesses",	MUST, accesses, "accesses of paths"),
	F_COUNT("failed",	MUST, failed, "those that failed"),
	F_ARRAY("contradictions", MUST, facts, fact_cnt, contradiction, "what does not agree with what is embedded"),
	F_COUNT("omitted",	MUST, facts_left_out, "further ones"))

NEXT(next_program, void, model__next_program(a->m, item))

PUBLIC_OBJECT(programs_part, void, NULL,
	F_LIST("programs",	MUST, next_program, go_program, "Go programs that ran, beside the toolchain"))
