/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The service's own health, and what jobs built, as a text file for node_exporter. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "service/metrics.h"
#include "util/clock.h"
#include "util/log.h"

#define INTERVAL_NS (10 * NSEC_PER_SEC)

void metrics__add(struct metrics *m, bool is_job, const struct session_totals *t)
{
	m->sessions[is_job]++;
	m->incomplete += !t->is_complete;
	m->events += t->events;
	m->lost += t->lost;
	m->bytes += t->bytes;
}

void metrics__add_figures(struct metrics *m, const uint64_t figures[static FIGURES_MAX])
{
	for (size_t i = 0; i < FIGURES_MAX; i++)
		m->figures[i] += figures[i];
}

static void head(FILE *f, const char *name, const char *type, const char *help)
{
	fprintf(f, "# HELP goenvbpf_%s %s\n# TYPE goenvbpf_%s %s\n", name, help, name, type);
}

static void one(FILE *f, const char *name, const char *type, const char *help, uint64_t v)
{
	head(f, name, type, help);
	fprintf(f, "goenvbpf_%s %llu\n", name, (unsigned long long)v);
}

static void write_all(FILE *f, const struct metrics *m, const struct workers *ws)
{
	head(f, "service_info", "gauge", "The service's version.");
	fprintf(f, "goenvbpf_service_info{version=\"%s\"} 1\n", GOENVBPF_VERSION);
	head(f, "service_sessions_total", "counter", "Sessions that have ended.");
	fprintf(f, "goenvbpf_service_sessions_total{of=\"client\"} %llu\n", (unsigned long long)m->sessions[0]);
	fprintf(f, "goenvbpf_service_sessions_total{of=\"job\"} %llu\n", (unsigned long long)m->sessions[1]);
	one(f, "service_sessions", "gauge", "Sessions that go on.", workers__sessions(ws, NULL));
	one(f, "service_clients_total", "counter", "Clients that were served.", m->clients);
	one(f, "service_refused_total", "counter", "Clients that were refused.", m->refused);
	one(f, "service_incomplete_sessions_total", "counter", "Sessions whose record is not complete.", m->incomplete);
	one(f, "service_events_total", "counter", "Events in records of sessions that have ended.", m->events);
	one(f, "service_lost_events_total", "counter", "Events that were lost.", m->lost);
	one(f, "service_written_bytes_total", "counter", "Bytes of records of sessions that have ended.", m->bytes);
	one(f, "service_records", "gauge", "Records in the service's folder.", m->use.records);
	one(f, "service_records_bytes", "gauge", "Their size.", m->use.bytes);
	one(f, "service_removed_records_total", "counter", "Records that were removed for their age or size.",
	    m->removed);
	one(f, "service_failed_workers_total", "counter", "Processes for sessions that ended before they were ready.",
	    m->failed_workers);
	one(f, "service_unread_records_total", "counter",
	    "Records of jobs that are in no other figure: too large, cut, or a process was ended.", m->unread);
}

/* What is not there is better than half of it. */
static int write_figures(FILE *f, const struct metrics *m, figures_fn tell)
{
	__free_str struct str text = {};

	tell(m->figures, &text);
	if (str__err(&text))
		return str__err(&text);
	return fwrite(text.s ?: "", 1, text.len, f) == text.len ? 0 : -EIO;
}

void metrics__write(struct metrics *m, const char *path, const struct workers *ws, figures_fn tell)
{
	uint64_t now = clock__boot_ns();
	char part[4096];
	FILE *f;
	int fd, err;

	if (!path || (m->written && now - m->written < INTERVAL_NS) ||
	    (size_t)snprintf(part, sizeof(part), "%s.%d", path, getpid()) >= sizeof(part))
		return;
	m->written = now;
	fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (f)
		write_all(f, m, ws);
	/* Whatever the umask is: the collector is another user. */
	err = !f || write_figures(f, m, tell) || ferror(f) || fchmod(fd, 0644);
	if (f)
		err |= fclose(f);
	if (err || rename(part, path)) {
		log_error("the metrics cannot be written to '%s' (%m)", path);
		(void)unlink(part);
	}
}
