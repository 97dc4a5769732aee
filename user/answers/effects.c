/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What came of it outside of caches, as data: outputs, refused calls, connections. */
#include "answers/objects.h"
#include "model/effects/effects.h"
#include "record/kinds.h"

static const char *kind_name(unsigned int kind)
{
	return rec_kind__name(kind);
}

OBJECT(output, struct output, "A file that a go command put into its place.",
	F_STRING("path",	MUST, path, "the file"),
	F_ID("go",		MUST, go, "proc of the go command"),
	F_BOOL("up_to_date",	MAY, was_up_to_date, "it needed no work"),
	F_TIME("ts",		MUST, ts, "when that was done"))

GET(refusal_kind, struct refusal, u, o->kind)

PUBLIC_OBJECT(refusal, struct refusal, "A call that the host refused.",
	F_GET_NAME("kind",	MUST, refusal_kind, kind_name, REC_UNKNOWN + 1, REC_CNT, "of the call's line"),
	F_STRING("path",	MUST, path, "what was refused"),
	F_STRING("err",		MUST, err, "how"),
	F_ID("proc",		MUST, proc, "to whom"),
	F_COUNT("count",	MUST, cnt, "how often"),
	F_TIME("ts",		MUST, ts, "the first time"))

OBJECT(connection, struct connection, "Where a program connected to.",
	F_STRING("addr",	MUST, addr, "the address"),
	F_ID("port",		MUST, port, "the port"),
	F_STRING("err",		MAY, err, "how that failed; EINPROGRESS: what came of it was not seen"),
	F_ID("proc",		MUST, proc, "who connected"),
	F_COUNT("count",	MUST, cnt, "how often"),
	F_TIME("ts",		MUST, ts, "the first time"))

NEXT(next_output, void, model__next_output(a->m, item))
NEXT(next_refusal, void, model__next_refusal(a->m, item))
NEXT(next_connection, void, model__next_connection(a->m, item))

PUBLIC_OBJECT(effects_part, void, NULL,
	F_LIST("outputs",	MUST, next_output, output, "files that go commands put into their place"),
	F_LIST("refused",	MUST, next_refusal, refusal, "calls that the host refused"),
	F_LIST("connections",	MUST, next_connection, connection, "of programs, when --net was given"))
