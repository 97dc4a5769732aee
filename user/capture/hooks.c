/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The BPF programs in the kernel: which are used, loaded, attached. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "capture/calls.h"
#include "capture/hooks.h"
#include "goenvbpf.skel.h"
#include "util/log.h"
#include "util/str.h"

#define RING_DEFAULT (16ULL << 20)
#define RING_MIN     (64ULL << 10)
#define MAX_CPUS     4096

static const char *const tier_names[TIER_CNT] = {
	[TIER_TP_BTF] = "tp_btf",
};

/* Every hook, what it tells, what is unknown without it, and its program in each tier. */
static const struct hook_desc {
	const char *name, *what, *without;
	bool required;
	const char *programs[TIER_CNT];
} hook_descs[HOOK_CNT] = {
	[HOOK_FILES] = { "files", "system calls with a path", "nothing is known", true,
			 { [TIER_TP_BTF] = "ge_sys_exit" } },
	[HOOK_FORK] = { "fork", "new processes and threads", "nothing is known", true,
			{ [TIER_TP_BTF] = "ge_fork" } },
	[HOOK_EXEC] = { "exec", "programs that start", "nothing is known", true,
			{ [TIER_TP_BTF] = "ge_exec" } },
	[HOOK_EXIT] = { "exit", "processes that end", "nothing is known", true,
			{ [TIER_TP_BTF] = "ge_exit" } },
	[HOOK_CGROUP] = { "cgroup", "processes that move into the cgroup",
			  "processes that join the cgroup later are not followed", false,
			  { [TIER_TP_BTF] = "ge_cgroup" } },
	[HOOK_ADOPT] = { "adopt", "processes that already ran",
			 "processes that ran before are not followed", false,
			 { [TIER_TP_BTF] = "ge_adopt" } },
};

static const char *const map_names[MAP_CNT] = {
	[MAP_EVENTS] = "events", [MAP_STATS] = "stats",		[MAP_TASKS] = "tasks",
	[MAP_EXES] = "exes",	 [MAP_VERDICTS] = "verdicts",	[MAP_TARGETS] = "targets",
};

struct hooks {
	struct goenvbpf_bpf *skel;
	enum tier tier;
	uint64_t ring_size;
	enum hook_state state[HOOK_CNT];
	struct bpf_program *prog[HOOK_CNT];
	struct bpf_link *link[HOOK_CNT];
	int map_fd[MAP_CNT];
};

/* libbpf's own messages help with -v only: for people there is load_error() below. */
static int print_libbpf(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	__free_mem char *text = NULL;
	char *line, *next;

	if (log__level() < LOG_LEVEL_DEBUG)
		return 0;
	if (vasprintf(&text, fmt, ap) < 0) {
		text = NULL;	/* undefined then; libbpf cannot use an error */
		return 0;
	}
	/* The verifier's log comes as one message of many lines, the reason at its end. */
	for (next = text; (line = strsep(&next, "\n"));)
		if (*line)
			log_debug("%s", line);
	return 0;
}

bool privileges__are_enough(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {};
	uint64_t caps;

	if (syscall(SYS_capget, &head, data))
		return false;
	caps = (uint64_t)data[1].effective << 32 | data[0].effective;
	if (caps & 1ULL << CAP_SYS_ADMIN)
		return true;
	return caps & 1ULL << CAP_BPF && caps & 1ULL << CAP_PERFMON;
}

static bool is_locked_down(void)
{
	char text[64] = "";
	__close_file FILE *f = fopen("/sys/kernel/security/lockdown", "re");

	return f && fgets(text, sizeof(text), f) && strstr(text, "[confidentiality]");
}

static const char *load_error(int err)
{
	if (!privileges__are_enough())
		return "loading eBPF programs needs root (or CAP_BPF and CAP_PERFMON): use sudo";
	if (is_locked_down())
		return "the kernel is locked down for confidentiality, which forbids eBPF to read "
		       "kernel memory: boot with lockdown=integrity or without it";
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		return "the kernel does not describe its types (/sys/kernel/btf/vmlinux is missing): "
		       "it needs CONFIG_DEBUG_INFO_BTF, as distributions have since 2020";
	if (err == -EPERM || err == -EACCES)
		return "the kernel refuses the programs although privileges look sufficient: "
		       "run with -v to see its reason, and in a container allow bpf(2)";
	if (err == -ENOMEM)
		return "there is not enough memory, not even for a small ring";
	return "the kernel did not accept the programs: run with -v to see its reason";
}

static uint64_t round_ring(uint64_t size)
{
	uint64_t v = RING_MIN;

	while (v < size && v < 1ULL << 31)
		v <<= 1;
	return v;
}

static uint64_t life_reserve(uint64_t ring_size)
{
	return EV_LIFE_RESERVE < ring_size / 8 ? EV_LIFE_RESERVE : ring_size / 8;
}

static void set_config(struct hooks *h, const struct hooks_opts *opts)
{
	typeof(h->skel->rodata->cfg) *cfg = &h->skel->rodata->cfg;
	struct stat root;

	cfg->ring_size = h->ring_size;
	cfg->life_reserve = life_reserve(h->ring_size);
	cfg->cgroup = opts->cgroup;
	cfg->all = opts->all;
	cfg->net = opts->net;
	cfg->watch = opts->watch;
	if (!stat("/", &root)) {
		cfg->root_ino = root.st_ino;
		cfg->root_dev = major(root.st_dev) << 20 | minor(root.st_dev);
	}
	calls__fill((unsigned char *)h->skel->rodata->calls,
		    (unsigned char *)h->skel->rodata->compat_calls, opts->net);
}

static bool is_wanted(enum hook_id id, const struct hooks_opts *opts)
{
	if (id == HOOK_ADOPT)
		return opts->adopt;
	return id != HOOK_CGROUP || opts->cgroup;
}

static int choose_programs(struct hooks *h, const struct hooks_opts *opts)
{
	struct bpf_program *p;
	int i;

	bpf_object__for_each_program(p, h->skel->obj)
		bpf_program__set_autoload(p, false);
	for (i = 0; i < HOOK_CNT; i++) {
		if (!is_wanted(i, opts))
			continue;
		p = bpf_object__find_program_by_name(h->skel->obj,
						     hook_descs[i].programs[h->tier]);
		if (!p)
			return -ENOENT;
		bpf_program__set_autoload(p, true);
		h->prog[i] = p;
		h->state[i] = HOOK_ON;
	}
	return 0;
}

/* Memory, and the time to get it, only for what will be used. */
static int size_maps(struct hooks *h, const struct hooks_opts *opts, int cpus)
{
	const struct {
		struct bpf_map *map;
		uint32_t entries;	/* 0: as declared */
	} sizes[] = {
		{ h->skel->maps.events, h->ring_size },
		{ h->skel->maps.scratch, cpus * SCRATCH_SLOTS },
		{ h->skel->maps.walk_bufs, cpus },
		{ h->skel->maps.exes, opts->watch ? 0 : 1 },
		{ h->skel->maps.verdicts, opts->watch ? 0 : 1 },
		{ h->skel->maps.targets, opts->adopt ? 0 : 1 },
	};
	int err = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes) && !err; i++)
		if (sizes[i].entries)
			err = bpf_map__set_max_entries(sizes[i].map, sizes[i].entries);
	return err;
}

static int try_load(struct hooks *h, const struct hooks_opts *opts)
{
	int cpus = libbpf_num_possible_cpus(), err, i;

	h->skel = goenvbpf_bpf__open();
	if (!h->skel)
		return -errno;
	if (cpus < 1 || cpus > MAX_CPUS)
		return -ERANGE;
	set_config(h, opts);
	err = choose_programs(h, opts);
	if (!err)
		err = size_maps(h, opts, cpus);
	if (!err)
		err = goenvbpf_bpf__load(h->skel);
	if (err)
		return err;
	for (i = 0; i < MAP_CNT; i++)
		h->map_fd[i] = bpf_object__find_map_fd_by_name(h->skel->obj, map_names[i]);
	return 0;
}

static int parse_tier(const char *name, enum tier *ret)
{
	int i;

	*ret = 0;
	if (!name || str_eq(name, "auto"))
		return 0;
	for (i = 0; i < TIER_CNT; i++) {
		if (str_eq(name, tier_names[i])) {
			*ret = i;
			return 0;
		}
	}
	return -EINVAL;
}

bool hooks__is_tier(const char *name)
{
	enum tier tier;

	return !parse_tier(name, &tier);
}

int hooks__load(const struct hooks_opts *opts, struct hooks **ret, const char **ret_why)
{
	__free_hooks struct hooks *h = calloc(1, sizeof(*h));
	uint64_t wanted;
	int err;

	if (!h)
		return -ENOMEM;
	err = parse_tier(opts->tier, &h->tier);
	if (err) {
		*ret_why = "there is no such tier, only " HOOKS_TIERS;
		return err;
	}
	libbpf_set_print(print_libbpf);
	wanted = round_ring(opts->ring_size ? opts->ring_size : RING_DEFAULT);
	for (h->ring_size = wanted; h->ring_size >= RING_MIN; h->ring_size >>= 1) {
		err = try_load(h, opts);
		if (err != -ENOMEM && !(err == -EPERM && privileges__are_enough()))
			break;
		/* Before 5.11 the memlock limit answers EPERM: a smaller ring may still fit. */
		goenvbpf_bpf__destroy(STEAL(h->skel));
	}
	if (err) {
		*ret_why = load_error(err);
		return err;
	}
	if (h->ring_size < wanted)
		log_warn("memory for a ring of %llu KiB is not to be had, going on with %llu KiB: "
			 "bursts may be lost (they are counted)",
			 (unsigned long long)wanted >> 10, (unsigned long long)h->ring_size >> 10);
	*ret = STEAL(h);
	return 0;
}

int hooks__attach(struct hooks *h, const char **ret_why)
{
	int i;

	/* Life first: a task that forks between two attachments must not escape. */
	static const enum hook_id order[] = {
		HOOK_FORK, HOOK_EXEC, HOOK_EXIT, HOOK_CGROUP, HOOK_FILES,
	};

	for (i = 0; i < (int)ARRAY_SIZE(order); i++) {
		enum hook_id id = order[i];

		if (h->state[id] != HOOK_ON)
			continue;
		h->link[id] = bpf_program__attach(h->prog[id]);
		if (h->link[id])
			continue;
		h->state[id] = HOOK_FAILED;
		if (hook_descs[id].required) {
			*ret_why = load_error(-errno);
			return -errno;
		}
		log_warn("the hook '%s' is refused (%m): %s", hook_descs[id].name,
			 hook_descs[id].without);
	}
	return 0;
}

void hooks__detach(struct hooks *h)
{
	int i;

	for (i = HOOK_CNT - 1; i >= 0; i--)
		bpf_link__destroy(STEAL(h->link[i]));
}

void hooks__free(struct hooks *h)
{
	if (!h)
		return;
	hooks__detach(h);
	goenvbpf_bpf__destroy(h->skel);
	free(h);
}

const char *hooks__tier_name(const struct hooks *h)
{
	return tier_names[h->tier];
}

struct hook_info hooks__info(const struct hooks *h, enum hook_id id)
{
	const struct hook_desc *d = &hook_descs[id];

	return (struct hook_info){
		.name = d->name,
		.what = d->what,
		.without = d->without,
		.program = h->state[id] == HOOK_ON ? d->programs[h->tier] : NULL,
		.state = h->state[id],
	};
}

uint64_t hooks__ring_size(const struct hooks *h)
{
	return h->ring_size;
}

int hooks__map_fd(const struct hooks *h, enum hooks_map map)
{
	return h->map_fd[map];
}

int hooks__stats(const struct hooks *h, struct ev_stats *ret)
{
	int cpus = libbpf_num_possible_cpus(), cpu, i;
	__free_mem struct ev_stats *all = NULL;
	uint32_t zero = 0;

	if (cpus < 1)
		return -EINVAL;
	all = calloc(cpus, sizeof(*all));
	if (!all)
		return -ENOMEM;
	if (bpf_map_lookup_elem(h->map_fd[MAP_STATS], &zero, all))
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

uint64_t hooks__missed(const struct hooks *h)
{
	uint64_t missed = 0;
	int i;

	for (i = 0; i < HOOK_CNT; i++) {
		struct bpf_prog_info info = {};
		uint32_t len = sizeof(info);

		if (h->prog[i] && h->state[i] == HOOK_ON &&
		    !bpf_obj_get_info_by_fd(bpf_program__fd(h->prog[i]), &info, &len))
			missed += info.recursion_misses;
	}
	return missed;
}

/* Reading the iterator to its end is what runs it over all tasks; it writes nothing. */
static int run_iterator(struct hooks *h)
{
	struct bpf_link *link = bpf_program__attach_iter(h->prog[HOOK_ADOPT], NULL);
	__close_fd int fd = -1;
	char buf[64];
	int err = 0;

	if (!link)
		return -errno;
	fd = bpf_iter_create(bpf_link__fd(link));
	if (fd < 0)
		err = -errno;
	while (!err && read(fd, buf, sizeof(buf)) > 0)
		;
	bpf_link__destroy(link);
	return err;
}

int hooks__adopt(struct hooks *h)
{
	uint64_t before;
	int err;

	if (h->state[HOOK_ADOPT] != HOOK_ON)
		return -ENOTSUP;
	do {
		before = h->skel->bss->adopted_cnt;
		err = run_iterator(h);
	} while (!err && h->skel->bss->adopted_cnt != before);
	if (err)
		h->state[HOOK_ADOPT] = HOOK_FAILED;
	return err;
}
