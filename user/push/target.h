/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_PUSH_TARGET_H
#define GOENVBPF_PUSH_TARGET_H
/*
 * Where it is sent to and with which headers. The headers are secrets: they come from a file, go to
 * the receiver and are never shown.
 *
 * Lifecycle: zeroed → target__set_url() → target__read_headers() → target__free().
 */
#include "util/options.h"

#define TARGET_MAX_HEADERS 64

struct target {
	char *url;				/* without a slash at its end */
	char *headers[TARGET_MAX_HEADERS];	/* "Name: value" */
	size_t header_cnt;
};

/* -EINVAL with a sentence in why; -ENOMEM. */
int target__set_url(struct target *t, const char *url, bool insecure_http, struct str *why);
int target__read_headers(struct target *t, const char *path, struct str *why);
/* The text has something that only a header has. */
bool target__is_secret(const struct target *t, const char *text);
void target__free(struct target *t);

#endif
