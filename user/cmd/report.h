/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CMD_REPORT_H
#define GOENVBPF_CMD_REPORT_H
/*
 * The report of a record that has no name: what run and watching print at their end.
 */
#include <stdio.h>

/* fd: the record, read from its start. 0 or an exit status, having said why. */
int report__page_fd(int fd, FILE *out);

#endif
