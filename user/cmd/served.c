/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A session on behalf of whoever is at the other end of a socket. */
#include <errno.h>
#include <stdlib.h>

#include "cmd/served.h"
#include "util/fds.h"
#include "util/request.h"

int served__decode(struct served *r, struct str *why)
{
	int err = request__decode(observer_groups, &r->opts, r->text.s ?: "", r->text.len, &r->command, why);

	if (err && !why->len)
		str__adds(why, strerror(-err));
	return err;
}

int served__receive(int fd, struct served *r, struct ucred *sender, struct str *why)
{
	int err = peer__receive(fd, &r->text, r->fds, sender);

	if (err)
		str__adds(why, err == -EPIPE ? "the other half is gone" : strerror(-err));
	return err ?: served__decode(r, why);
}

int served__finish(int fd, struct session *s)
{
	struct peer_verdict verdict = {};
	int ended = -1;

	if (peer__put(fd, "", 1))
		return EXIT_FAILED;
	if (!session__wait(s, fd)) {
		s->is_over = true;	/* somebody else has ended it: who is alive goes on unseen */
	} else if (peer__get(fd, &ended, sizeof(ended))) {
		ended = -1;		/* the other half is gone */
		s->is_over = true;
	} else {
		session__wait_for_rest(s, fd);
	}
	verdict.status = session__close(s, ended);
	verdict.record_err = s->record_err;
	/* The kernel takes 15 ms to close fanotify: nobody has to wait for that. */
	(void)peer__put(fd, &verdict, sizeof(verdict));
	return verdict.status;
}

void served__free(struct served *r)
{
	options__free(observer_groups, &r->opts);
	free(r->command.v);
	str__free(&r->text);
	fds__close(r->fds, PEER_FD_CNT);
}
