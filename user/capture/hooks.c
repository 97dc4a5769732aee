/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The BPF programs in the kernel: which are used, loaded, attached. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "capture/calls.h"
#include "capture/hooks.h"
#include "capture/host.h"
#include "capture/new_ring.h"
#include "capture/procdir.h"
#include "capture/programs.h"
#include "capture/variants.h"
#include "goenvbpf.skel.h"
#include "util/log.h"
#include "util/str.h"

#define RING_DEFAULT (16ULL << 20)
#define RING_MIN     (64ULL << 10)
#define MAX_CPUS     4096

static const char *const map_names[MAP_CNT] = {
	[MAP_EVENTS] = "events", [MAP_SOON] = "soon",		[MAP_STATS] = "stats",
	[MAP_EXES] = "exes",	 [MAP_VERDICTS] = "verdicts",	[MAP_TARGETS] = "targets",
};

struct hooks {
	struct goenvbpf_bpf *skel;
	struct variant variant;
	uint64_t ring_size;
	struct programs programs;
	int map_fd[MAP_CNT];
};

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
	__close_fd int self = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	__close_fd int root = open("/", O_PATH | O_CLOEXEC);
	struct stat st;

	cfg->file_limit = h->ring_size - life_reserve(h->ring_size);
	cfg->cgroup = opts->cgroup;
	cfg->all = opts->all;
	cfg->net = opts->net;
	cfg->watch = opts->watch;
	cfg->hash = h->variant.hash;
	cfg->pid_ns = host__pid_ns();
	if (!fstat(root, &st)) {
		cfg->root_ino = st.st_ino;
		if (procdir__device(self, root, &cfg->root_dev))
			cfg->root_dev = major(st.st_dev) << 20 | minor(st.st_dev);
	}
	calls__fill((struct call_ids *)h->skel->rodata->calls, opts->net);
}

static bool is_wanted(enum hook_id id, const struct hooks_opts *opts)
{
	if (id == HOOK_ADOPT)
		return opts->adopt;
	return id != HOOK_CGROUP || opts->cgroup;
}

/* Only those are created that the chosen programs use. */
static int choose_maps(const struct hooks *h)
{
	const struct {
		struct bpf_map *map;
		bool wanted;
	} maps[] = {
		{ h->skel->maps.tasks, !h->variant.hash },
		{ h->skel->maps.task_hash, h->variant.hash },
		{ h->skel->maps.bodies, h->variant.tier == TIER_FEXIT },
	};
	int err = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(maps) && !err; i++)
		err = bpf_map__set_autocreate(maps[i].map, maps[i].wanted);
	return err;
}

/* Memory, and the time to get it, only for what will be used. */
static int size_maps(struct hooks *h, const struct hooks_opts *opts, int cpus)
{
	const struct {
		struct bpf_map *map;
		uint32_t entries;	/* 0: as declared */
	} sizes[] = {
		{ h->skel->maps.slots, cpus * SLOTS_PER_CPU },
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

static int link_body(struct hooks *h)
{
	uint32_t zero = 0;
	int i, fd;

	for (i = 0; i < h->programs.cnt; i++) {
		if (!h->programs.list[i].is_body)
			continue;
		fd = bpf_program__fd(h->programs.list[i].prog);
		if (bpf_map_update_elem(bpf_map__fd(h->skel->maps.bodies), &zero, &fd, BPF_ANY))
			return -errno;
	}
	return 0;
}

static int use_ring(struct hooks *h, struct new_ring *ring)
{
	__close_fd int fd = new_ring__take(ring);	/* libbpf takes a copy */

	return fd < 0 ? fd : bpf_map__reuse_fd(h->skel->maps.events, fd);
}

static int try_load(struct hooks *h, const struct hooks_opts *opts, unsigned int wanted)
{
	const struct choice choice = {
		.tier = h->variant.tier, .hash = h->variant.hash, .net = opts->net, .wanted = wanted,
	};
	int cpus = host__cpu_numbers(), err, i;
	struct new_ring ring;

	h->skel = goenvbpf_bpf__open();
	if (!h->skel)
		return -errno;
	if (cpus < 1 || cpus > MAX_CPUS)
		return -ERANGE;
	set_config(h, opts);
	err = new_ring__start(&ring, h->ring_size);
	if (err)
		return err;
	err = programs__choose(&h->programs, h->skel->obj, &choice);
	if (!err)
		programs__read_types(&h->programs);
	err = use_ring(h, &ring) ?: err ?: choose_maps(h) ?: size_maps(h, opts, cpus) ?:
	      goenvbpf_bpf__load(h->skel) ?: link_body(h);
	if (err)
		return err;
	for (i = 0; i < MAP_CNT; i++)
		h->map_fd[i] = bpf_object__find_map_fd_by_name(h->skel->obj, map_names[i]);
	return 0;
}

static void destroy_links(struct hooks *h, bool gated)
{
	int i;

	for (i = h->programs.cnt - 1; i >= 0; i--)
		if (h->programs.list[i].is_gated == gated)
			bpf_link__destroy(STEAL(h->programs.list[i].link));
}

/*
 * Each link of the fexit tier waits for a grace period of its own, 6 s in all. Without the body
 * they lead nowhere, so they can go when the record is done.
 */
void hooks__detach(struct hooks *h)
{
	uint32_t zero = 0;

	/* Fails when loading did not come that far. */
	if (h->skel && h->variant.tier == TIER_FEXIT)
		(void)bpf_map_delete_elem(bpf_map__fd(h->skel->maps.bodies), &zero);
	destroy_links(h, false);
}

static void unload(struct hooks *h)
{
	hooks__detach(h);
	destroy_links(h, true);
	goenvbpf_bpf__destroy(STEAL(h->skel));
	h->programs = (struct programs){};
}

/*
 * With a smaller ring when there is no memory for the wanted one. Before 5.11 that is a limit,
 * whose answer is EPERM: it is to blame unless there is room for a ring of twice the size.
 */
static int load_programs(struct hooks *h, const struct hooks_opts *opts, unsigned int wanted)
{
	uint64_t size = round_ring(opts->ring_size ? opts->ring_size : RING_DEFAULT);
	int err;

	for (h->ring_size = size; ; h->ring_size >>= 1) {
		err = try_load(h, opts, wanted);
		if (!err)
			break;
		unload(h);
		if ((err != -ENOMEM && err != -EPERM) || h->ring_size <= RING_MIN ||
		    !host__try_ring(h->ring_size * 2))
			return err;
	}
	if (h->ring_size < size)
		log_warn("memory for a ring of %llu KiB is not to be had, going on with %llu KiB: "
			 "bursts may be lost (they are counted)",
			 (unsigned long long)size >> 10, (unsigned long long)h->ring_size >> 10);
	return 0;
}

/* sample: of programs that are all alike one is enough */
static int attach_hook(struct hooks *h, enum hook_id id, bool sample)
{
	int i;

	for (i = 0; i < h->programs.cnt; i++) {
		struct program *s = &h->programs.list[i];

		if (s->hook != id || s->is_body)
			continue;
		s->link = bpf_program__attach(s->prog);
		if (!s->link)
			return -errno;
		if (sample && s->is_gated)
			break;
	}
	return 0;
}

/* Without the optional hooks when they are what does not load. */
static int load_variant(struct hooks *h, const struct hooks_opts *opts, const struct variant *v)
{
	unsigned int wanted = 0, optional = 0;
	int err, i;

	for (i = 0; i < HOOK_CNT; i++) {
		if (is_wanted(i, opts))
			wanted |= 1U << i;
		if (!program__hook(i)->required)
			optional |= 1U << i;
	}
	h->variant = *v;
	err = load_programs(h, opts, wanted);
	if (err && wanted & optional) {
		err = load_programs(h, opts, wanted & ~optional);
		for (i = 0; i < HOOK_CNT && !err; i++)
			if (wanted & optional & 1U << i)
				h->programs.state[i] = HOOK_FAILED;
	}
	/* The place where tiers differ, and where nothing happens until somebody is followed. */
	err = err ?: attach_hook(h, HOOK_FILES, false);
	if (err)
		unload(h);
	return err;
}

/* The hash goes by the host's numbers of tasks, which are not known in a PID namespace. */
static int has_foreign_ids(const struct variant *v)
{
	return v->hash && host__pid_ns() ? -EXDEV : 0;
}

bool hooks__is_tier(const char *name)
{
	return variant__next(NULL, name);
}

int hooks__load(const struct hooks_opts *opts, struct hooks **ret, const char **ret_why)
{
	__free_hooks struct hooks *h = calloc(1, sizeof(*h));
	const struct variant *v = NULL;
	int err, first = 0;

	if (!h)
		return -ENOMEM;
	if (!hooks__is_tier(opts->tier)) {
		*ret_why = "there is no such tier, only " HOOKS_TIERS;
		return -EINVAL;
	}
	host__hush_libbpf();
	while ((v = variant__next(v, opts->tier))) {
		err = has_foreign_ids(v) ?: load_variant(h, opts, v);
		if (!err) {
			*ret = STEAL(h);
			return 0;
		}
		log_debug("tier %s%s: %s", tier__name(v->tier),
			  v->hash ? " without task storage" : "", strerror(-err));
		first = first ?: err;
		if (!privileges__are_enough())
			break;
	}
	*ret_why = host__load_error(first);
	return first;
}

int hooks__attach(struct hooks *h, const char **ret_why)
{
	/* Whoever decides to follow comes last, after what inherits and ends it. */
	static const enum hook_id order[] = { HOOK_FORK, HOOK_EXIT, HOOK_EXEC, HOOK_CGROUP };
	int i, err;

	for (i = 0; i < (int)ARRAY_SIZE(order); i++) {
		enum hook_id id = order[i];

		if (h->programs.state[id] != HOOK_ON)
			continue;
		err = attach_hook(h, id, false);
		if (!err)
			continue;
		h->programs.state[id] = HOOK_FAILED;
		if (program__hook(id)->required) {
			*ret_why = host__load_error(err);
			return err;
		}
		log_warn("the hook '%s' is refused (%s): %s", program__hook(id)->name, strerror(-err),
			 program__hook(id)->without);
	}
	return 0;
}

/* Reading the iterator to its end is what runs it over all tasks; it writes nothing. */
static int run_iterator(struct hooks *h)
{
	struct bpf_link *link;
	__close_fd int fd = -1;
	char buf[64];
	int err = 0, i;

	for (i = 0; i < h->programs.cnt && h->programs.list[i].hook != HOOK_ADOPT; i++)
		;
	if (i == h->programs.cnt)
		return -ENOTSUP;
	link = bpf_program__attach_iter(h->programs.list[i].prog, NULL);
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

int hooks__try(enum tier tier, enum hook_id id)
{
	static const struct hooks_opts opts = { .ring_size = RING_MIN, .cgroup = 1, .adopt = true };
	__free_hooks struct hooks *h = calloc(1, sizeof(*h));
	const struct variant *v = NULL;
	int err = -ENOTSUP;

	if (!h)
		return -ENOMEM;
	if (!program__hook(id)->programs[tier][0])
		return -ENOTSUP;
	host__hush_libbpf();
	while (err && (v = variant__next(v, tier__name(tier)))) {
		h->variant = *v;
		err = has_foreign_ids(v) ?: load_programs(h, &opts, 1U << id);
	}
	if (!err && h->programs.state[id] != HOOK_ON)
		err = -ENOTSUP;
	if (!err)
		err = id == HOOK_ADOPT ? run_iterator(h) : attach_hook(h, id, true);
	return err;
}

void hooks__free(struct hooks *h)
{
	if (!h)
		return;
	unload(h);
	free(h);
}

const char *hooks__tier_name(const struct hooks *h)
{
	return tier__name(h->variant.tier);
}

bool hooks__uses_hash(const struct hooks *h)
{
	return h->variant.hash;
}

struct hook_info hooks__info(const struct hooks *h, enum hook_id id)
{
	const struct hook_desc *d = program__hook(id);

	return (struct hook_info){
		.name = d->name,
		.what = d->what,
		.without = d->without,
		.required = d->required,
		.state = h ? h->programs.state[id] : HOOK_OFF,
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

static uint64_t missed_by(const struct program *s)
{
	struct bpf_prog_info info = {};
	uint32_t len = sizeof(info);

	return bpf_obj_get_info_by_fd(bpf_program__fd(s->prog), &info, &len) ? 0 : info.recursion_misses;
}

uint64_t hooks__missed(const struct hooks *h)
{
	uint64_t by_hook[HOOK_CNT] = {}, missed = 0;
	bool is_seen[HOOK_CNT] = {};
	int i;

	for (i = 0; i < h->programs.cnt; i++) {
		const struct program *s = &h->programs.list[i];
		uint64_t n = missed_by(s);

		/* Second copies are there for what the first ones miss. */
		if (is_seen[s->hook] && (s->hook == HOOK_FORK || s->hook == HOOK_EXEC))
			by_hook[s->hook] = n < by_hook[s->hook] ? n : by_hook[s->hook];
		else
			by_hook[s->hook] += n;
		is_seen[s->hook] = true;
	}
	for (i = 0; i < HOOK_CNT; i++)
		missed += by_hook[i];
	return missed;
}

int hooks__follow(const struct hooks *h, pid_t pid, const struct task_state *state)
{
	const struct task_entry e = { .s = *state, .nr = NR_NONE };
	__close_fd int pidfd = -1;
	uint32_t tid = pid;
	int err;

	if (h->variant.hash) {
		err = bpf_map_update_elem(bpf_map__fd(h->skel->maps.task_hash), &tid, &e, BPF_ANY);
		return err ? -errno : 0;
	}
	pidfd = syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		return -errno;
	err = bpf_map_update_elem(bpf_map__fd(h->skel->maps.tasks), &pidfd, state, BPF_ANY);
	return err ? -errno : 0;
}

int hooks__adopt(struct hooks *h)
{
	uint64_t before;
	int err;

	if (h->programs.state[HOOK_ADOPT] != HOOK_ON)
		return -ENOTSUP;
	do {
		before = h->skel->bss->adopted_cnt;
		err = run_iterator(h);
	} while (!err && h->skel->bss->adopted_cnt != before);
	if (err)
		h->programs.state[HOOK_ADOPT] = HOOK_FAILED;
	return err;
}
