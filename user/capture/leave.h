/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_LEAVE_H
#define GOENVBPF_CAPTURE_LEAVE_H
/* Descriptors that the kernel takes seconds to close, left to a process that has nothing else to do. */

/*
 * Closes all of fds, each of which becomes -1, without waiting for what that takes. The process that does
 * holds nothing else of ours but the program's file, and ends by itself. To be called when there are no
 * other threads.
 */
void leave_closing(int *const fds[], int cnt);

#endif
