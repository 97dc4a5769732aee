/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_ANSWERS_OBJECTS_H
#define GOENVBPF_ANSWERS_OBJECTS_H
/* What several answers say alike, for the files of this folder only. */
#include "answers/answer.h"
#include "model/proof.h"

#define PROOF "times of the events that show it"

/* A member that is an enum confidence, under the key that is the same everywhere. */
#define CONFIDENCE(m) \
	F_NAME("confidence", MUST, m, confidence__name, NOT_EVALUATED, PROVEN + 1, "how sure that is")

/* Of a struct process: who did something; and all of what it was called with. */
extern const struct object program_object, process_object;

#endif
