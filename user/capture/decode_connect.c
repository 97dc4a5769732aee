/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What became of a system call; and those that connect a socket. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "capture/decoder.h"

#define ERRNO_MAX 4095

/*
 * Is it made again, or told as EINTR, when the signal that ended it has been handled? Neither is
 * known yet, and neither is a failure to find something. ERESTARTSYS, -NOINTR, -NOHAND,
 * _RESTARTBLOCK.
 */
static bool is_interrupted(int64_t ret)
{
	return ret == -512 || ret == -513 || ret == -514 || ret == -516;
}

void decoder__add_outcome(struct decoder *d, int64_t ret, unsigned int notes)
{
	struct line *l = &d->line;

	if (is_interrupted(ret))
		line__bool(l, "interrupted", true);
	else if (ret < 0 && ret >= -ERRNO_MAX)
		line__err(l, -ret);
	if (notes & EVN_ANSWERED)
		line__str(l, "answered", notes & EVN_SECCOMP ? "seccomp" : "tracer");
	else if (notes & EVN_MAYBE)
		line__incomplete(l, "answered");
}


static void add_address(struct line *l, const struct ev_connect *ev)
{
	const struct sockaddr_in6 *in6 = (const void *)ev->addr;
	const struct sockaddr_in *in = (const void *)ev->addr;
	const struct sockaddr_un *un = (const void *)ev->addr;
	const size_t path_off = offsetof(struct sockaddr_un, sun_path);
	char text[INET6_ADDRSTRLEN];

	switch (ev->family) {
	case AF_INET:
		line__str(l, "addr", inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text)));
		line__int(l, "port", ntohs(in->sin_port));
		break;
	case AF_INET6:
		line__str(l, "addr", inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof(text)));
		line__int(l, "port", ntohs(in6->sin6_port));
		break;
	case AF_UNIX:
		if (ev->addr_len > path_off && un->sun_path[0])
			line__bytes(l, "path", un->sun_path,
				    strnlen(un->sun_path, ev->addr_len - path_off));
		break;
	}
}

void decode__connect(struct decoder *d, const struct ev_hdr *h)
{
	const struct ev_connect *ev = (const void *)h;
	struct proc *p = decoder__proc(d, h);

	if (!p)
		return;
	decoder__begin(d, REC_CONNECT, h, p);
	if (h->flags & EVF_BAD_BUF)
		line__incomplete(&d->line, "addr");
	else
		add_address(&d->line, ev);
	decoder__add_outcome(d, ev->ret, ev->notes);
	decoder__put(d, p);
}
