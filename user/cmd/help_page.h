/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CMD_HELP_PAGE_H
#define GOENVBPF_CMD_HELP_PAGE_H
/*
 * A verb's page of help, laid out from its table in 80 columns.
 */
#include "cmd/cmd.h"

void help_page__verb(struct str *out, const struct verb *v);
/* "goenvbpf report RECORD [--json]" */
void help_page__synopsis(struct str *out, const struct verb *v);
/* Lines are paragraphs, to be wrapped; what begins with a space is kept as it is. */
void help_page__prose(struct str *out, const char *text);

#endif
