/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The first that a client hears, when it is no. */
#include <errno.h>
#include <sys/socket.h>

#include "service/refusal.h"

void refusal__send(int fd, const char *why)
{
	char text[1 + REFUSAL_MAX] = { REPLY_REFUSED };
	size_t n = strnlen(why, REFUSAL_MAX);

	memcpy(text + 1, why, n);
	(void)send(fd, text, 1 + n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void refusal__receive(int fd, struct str *why)
{
	char text[REFUSAL_MAX];
	ssize_t n;

	while (why->len < REFUSAL_MAX) {
		n = recv(fd, text, sizeof(text), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		str__add(why, text, n);
	}
}
