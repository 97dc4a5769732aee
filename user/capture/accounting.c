/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Event accounting of the programs, one per CPU: their sum. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>

#include "capture/accounting.h"
#include "util/cleanup.h"

int accounting__read(int map_fd, struct ev_stats *ret)
{
	int cpus = libbpf_num_possible_cpus(), cpu, i;
	__free_mem struct ev_stats *all = NULL;
	uint32_t zero = 0;

	if (cpus < 1)
		return -EINVAL;
	all = calloc(cpus, sizeof(*all));
	if (!all)
		return -ENOMEM;
	if (bpf_map_lookup_elem(map_fd, &zero, all))
		return -errno;
	*ret = (struct ev_stats){};
	for (cpu = 0; cpu < cpus; cpu++) {
		for (i = 0; i < CLASS_CNT; i++)
			ret->seen[i] += all[cpu].seen[i];
		for (i = 0; i < LOSS_CNT; i++) {
			ret->lost[i] += all[cpu].lost[i];
			ret->told[i] += all[cpu].told[i];
		}
		ret->fstat += all[cpu].fstat;
		if (all[cpu].first_lost &&
		    (!ret->first_lost || all[cpu].first_lost < ret->first_lost))
			ret->first_lost = all[cpu].first_lost;
	}
	return 0;
}
