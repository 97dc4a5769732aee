/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_ANSWERS_OBJECTS_H
#define GOENVBPF_ANSWERS_OBJECTS_H
/* What several answers say alike, for the files of this folder only. */
#include "answers/answer.h"
#include "golang/tools.h"
#include "model/proof.h"

#define PROOF "times of the events that show it"

/*
 * How sure a statement is and what shows it, under keys that are the same everywhere: a member, or
 * what a getter says of it; SURE: always proven. MAY: there is nothing to be sure of.
 */
#define CONFIDENCE(need, m) \
	F_NAME("confidence", need, m, confidence__name, LIKELY, PROVEN + 1, "how sure that is")
#define CONFIDENCE_OF(need, get) \
	F_GET_NAME("confidence", need, get, confidence__name, LIKELY, PROVEN + 1, "how sure that is")
#define SURE CONFIDENCE_OF(MUST, sure_value)
#define PROOF_IN(need, m) F_TIMES("proof", need, m.ts, m.cnt, PROOF)

struct process;

struct value sure_value(struct answer *a, const void *data);

/* An array by role, without what counts nothing. */
#define ROLES(key, m, meaning) F_TABLE(key, MUST, m, FIELD_COUNT, tool_role__name, 0, TOOL_CNT, meaning)

/* Of a struct process: who did something; and all of what it was called with. */
extern const struct object program_object, process_object;
/* Of a struct command_settings, without its command. */
extern const struct object settings_part_object;

/* Parts of the report: their data is any, they ask the model. */
extern const struct object toolchains_part_object, search_part_object, modules_part_object, tests_part_object, programs_part_object,
	effects_part_object;
extern const struct object refusal_object;	/* of a struct refusal */
extern const struct object failed_object;	/* of a struct told_failure */
extern const struct object finding_object;	/* of a struct finding */
extern const struct object rule_object;	/* of a struct rule */
extern const struct object not_evaluated_object;	/* of a struct not_evaluated */
extern const struct object command_object;	/* of a struct go_command */
extern const struct object cache_object;	/* of what cache__of() gives */
/* NULL: the go command did nothing with a cache, or see a->err. */
const void *cache__of(struct answer *a, const struct process *go);

#endif
