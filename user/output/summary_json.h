/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_SUMMARY_JSON_H
#define GOENVBPF_OUTPUT_SUMMARY_JSON_H
/*
 * The larger parts of the summary's JSON object, a file each: a part adds its key and value to the
 * object that is open, or nothing when there is nothing to say. 0 or -ENOMEM.
 */
#include "model/model.h"
#include "util/json.h"

struct process;

/* "cache" of one command. */
int summary_json__cache(struct json *j, const struct model *m, const struct process *go);	/* summary_json_cache.c */
/* "toolchains", "toolchain_switches", "toolchain_downloads", "executables" */
void summary_json__toolchains(struct json *j, const struct model *m);	/* summary_json_toolchains.c */
/* "go_versions" of one command: more than one do not fit together. */
void summary_json__go_versions(struct json *j, const struct model *m, const struct process *go);

/* A number; those above 2^53 are strings. */
void json__kcount(struct json *j, const char *key, uint64_t v);
void json__kknown(struct json *j, const char *key, const char *s);	/* nothing when s is NULL */

#endif
