/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_SUMMARY_MODEL_H
#define GOENVBPF_OUTPUT_SUMMARY_MODEL_H
/*
 * The summary's topics as members of its JSON object, one for each file summary_<topic>.c, and what
 * these files share.
 */
#include "model/process.h"
#include "model/proof.h"
#include "output/summary_json.h"

void summary__ladders_json(const struct model *m, struct json *j);	/* "ladders" */
void summary__modules_json(const struct model *m, struct json *j);	/* "modules" */
void summary__tests_json(const struct model *m, struct json *j);	/* "tests" */
void summary__embedded_json(const struct model *m, struct json *j);	/* "programs" */

/* "proven" or "likely", and the events that show it. */
static inline void json__proof(struct json *j, const struct proof *p, enum confidence c)
{
	json__kstr(j, "confidence", confidence__name(c));
	json__key(j, "events");
	json__arr(j);
	for (unsigned int i = 0; i < p->cnt; i++)
		json__int(j, p->ts[i]);
	json__end(j);
}

/* " (likely, at 0.055 s)" */
void text__proof(struct str *out, const struct proof *p, enum confidence c);
/* "go build (pid 5)" */
void text__process(struct str *out, const struct model *m, uint64_t proc);

#endif
