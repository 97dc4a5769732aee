/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_SERVICE_NOTIFY_H
#define GOENVBPF_SERVICE_NOTIFY_H
/*
 * How a service tells systemd how it is, see sd_notify(3): one datagram, for which libsystemd, which is not
 * on every system, would be the larger part of the program. Without systemd nothing happens.
 */
#include <stdint.h>

/* "READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=…" */
void notify__send(const char *state);
/* After how long without WATCHDOG=1 it is held for dead, in ms; 0: never. */
uint64_t notify__watchdog_ms(void);

#endif
