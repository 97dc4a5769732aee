/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What clients and workers of a service say to each other. */
#include <stdlib.h>

#include "cmd/client.h"
#include "service/config.h"
#include "service/socket.h"

const char *client__socket(void)
{
	const char *own = getenv("GOENVBPF_SOCKET");

	return own && *own ? own : CONFIG_SOCKET;
}

bool client__is_there(void)
{
	return !access(client__socket(), W_OK);
}

int client__connect(void)
{
	return socket__connect(client__socket());
}

void client__fill(struct capture_options *o, const char *task)
{
	o->protocol = CLIENT_PROTOCOL;
	o->task = task;
}
