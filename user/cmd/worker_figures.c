/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What records of jobs tell in numbers. */
#include <errno.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#include "answers/figures.h"
#include "cmd/worker_figures.h"
#include "output/export/prometheus.h"
#include "record/pass.h"
#include "util/log.h"
#include "util/privileges.h"

#define NOBODY 65534
#define CPU_S 60			/* some 20,000,000 lines; a record that takes longer is not counted */
#define MEMORY (1ULL << 30)

_Static_assert(sizeof(struct figures) <= FIGURES_MAX * sizeof(uint64_t), "figures do not fit into a message");
_Static_assert(sizeof(struct figures) % sizeof(uint64_t) == 0, "figures are no array of numbers");

void worker_figures__tell(const uint64_t sums[static FIGURES_MAX], struct str *out)
{
	struct figures f;

	memcpy(&f, sums, sizeof(f));
	prometheus__figures(out, &f, true);
}

/* What is in a record comes from those who were observed. */
static int give_up_rights(void)
{
	const struct identity nobody = { .is_other = true, .uid = NOBODY, .gid = NOBODY };
	const struct rlimit cpu = { CPU_S, CPU_S }, memory = { MEMORY, MEMORY };
	int err = privileges__become(&nobody) ?: privileges__no_new();

	if (err)
		return err;
	(void)setpriority(PRIO_PROCESS, 0, 19);	/* builds go on beside it */
	return setrlimit(RLIMIT_CPU, &cpu) || setrlimit(RLIMIT_DATA, &memory) ? -errno : 0;
}

/* From standard input. A record that cannot be read is counted as one, as "goenvbpf records" lists it. */
static int read_record(struct figures *f)
{
	__free_model struct model *m = model__new(MODEL_ALL);
	__free_findings struct findings *found = NULL;
	struct sink_of_lines sink;
	int err;

	if (!m)
		return -ENOMEM;
	sink = model__sink(m);
	err = pass__file("-", &sink, 1);
	if (err && err != -ENOMEM) {
		f->records[OUTCOME_UNREADABLE]++;
		return 0;
	}
	found = err ? NULL : rules__evaluate(m);
	if (!found)
		return -ENOMEM;
	figures__add(f, m, found);
	return 0;
}

void worker_figures__send(int service, int record, int turn)
{
	struct message m = { .kind = MESSAGE_FIGURES };
	struct figures f = {};
	int err;

	err = give_up_rights();
	if (!err && (flock(turn, LOCK_EX) || lseek(record, 0, SEEK_SET) || dup2(record, STDIN_FILENO) < 0))
		err = -errno;
	err = err ?: read_record(&f);
	memcpy(m.figures, &f, sizeof(f));
	err = err ?: message__send(service, &m, NULL, 0);
	if (err)
		log_error("a record is not in the metrics: %s", strerror(-err));
}
