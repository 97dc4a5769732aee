/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The programs and maps of one way to hook in, in the kernel. */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "capture/calls.h"
#include "capture/host.h"
#include "capture/loaded.h"
#include "capture/new_ring.h"
#include "capture/procdir.h"
#include "goenvbpf.skel.h"
#include "util/log.h"
#include "util/str.h"

#define RING_DEFAULT (16ULL << 20)
#define MAX_CPUS     4096

static const char *const map_names[MAP_CNT] = {
	[MAP_EVENTS] = IMAGE_RING, [MAP_SOON] = "soon",	      [MAP_STATS] = "stats",
	[MAP_EXES] = "exes",	 [MAP_VERDICTS] = "verdicts", [MAP_TARGETS] = "targets",
	[MAP_TASKS] = "tasks",	 [MAP_TASK_HASH] = "task_hash", [MAP_BODIES] = "bodies",
};

/* --- what is told to the programs --- */

static uint64_t round_ring(uint64_t size)
{
	uint64_t v = RING_MIN_SIZE;

	while (v < size && v < 1ULL << 31)
		v <<= 1;
	return v;
}

static uint64_t wanted_ring(const struct hooks_opts *opts)
{
	return round_ring(opts->ring_size ? opts->ring_size : RING_DEFAULT);
}

static uint64_t life_reserve(uint64_t ring_size)
{
	return EV_LIFE_RESERVE < ring_size / 8 ? EV_LIFE_RESERVE : ring_size / 8;
}

static void set_config(const struct loaded *l, const struct hooks_opts *opts,
		       struct goenvbpf_bpf__rodata *to)
{
	__close_fd int self = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	__close_fd int root = open("/", O_PATH | O_CLOEXEC);
	struct stat st;

	to->cfg = (struct ev_config){
		.file_limit = l->ring_size - life_reserve(l->ring_size),
		.cgroup = opts->cgroup,
		.cgroup_tree = opts->cgroup_tree,
		.all = opts->all,
		.net = opts->net,
		.watch = opts->watch,
		.hash = l->variant.hash,
		.pid_ns = host__pid_ns(),
	};
	if (!fstat(root, &st)) {
		to->cfg.root_ino = st.st_ino;
		if (procdir__device(self, root, &to->cfg.root_dev))
			to->cfg.root_dev = major(st.st_dev) << 20 | minor(st.st_dev);
	}
	calls__fill(to->calls, opts->net);
}

static int link_body(struct loaded *l)
{
	uint32_t zero = 0;
	int i;

	for (i = 0; i < l->programs.cnt; i++)
		if (l->programs.list[i].is_body &&
		    bpf_map_update_elem(l->map_fd[MAP_BODIES], &zero, &l->programs.list[i].fd, BPF_ANY))
			return -errno;
	return 0;
}

/* --- by libbpf --- */

/* Only those are created that the chosen programs use. */
static int choose_maps(const struct loaded *l)
{
	const struct {
		struct bpf_map *map;
		bool wanted;
	} maps[] = {
		{ l->skel->maps.tasks, !l->variant.hash },
		{ l->skel->maps.task_hash, l->variant.hash },
		{ l->skel->maps.bodies, l->variant.tier == TIER_FEXIT },
	};
	int err = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(maps) && !err; i++)
		err = bpf_map__set_autocreate(maps[i].map, maps[i].wanted);
	return err;
}

#define SIGHTS_OF_A_TREE 2048	/* threads that wait at once while another changes what they share */

/* Memory, and the time to get it, only for what will be used. */
static int size_maps(struct loaded *l, const struct hooks_opts *opts, int cpus)
{
	const struct {
		struct bpf_map *map;
		uint32_t entries;	/* 0: as declared */
	} sizes[] = {
		{ l->skel->maps.slots, cpus * SLOTS_PER_CPU },
		{ l->skel->maps.exes, opts->watch ? 0 : 1 },
		{ l->skel->maps.verdicts, opts->watch ? 0 : 1 },
		{ l->skel->maps.targets, opts->adopt ? 0 : 1 },
		{ l->skel->maps.sights, opts->watch || opts->adopt || opts->cgroup ? 0 : SIGHTS_OF_A_TREE },
	};
	int err = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes) && !err; i++)
		if (sizes[i].entries)
			err = bpf_map__set_max_entries(sizes[i].map, sizes[i].entries);
	return err;
}

static int use_ring(struct loaded *l, struct new_ring *ring)
{
	__close_fd int fd = new_ring__take(ring);	/* libbpf takes a copy */

	return fd < 0 ? fd : bpf_map__reuse_fd(l->skel->maps.events, fd);
}

static int load_object(struct loaded *l, const struct hooks_opts *opts, unsigned int wanted)
{
	const struct choice choice = {
		.tier = l->variant.tier, .hash = l->variant.hash, .net = opts->net, .wanted = wanted,
	};
	int cpus = host__cpu_numbers(), err, i;
	struct new_ring ring;

	l->skel = goenvbpf_bpf__open();
	if (!l->skel)
		return -errno;
	if (cpus < 1 || cpus > MAX_CPUS)
		return -ERANGE;
	set_config(l, opts, l->skel->rodata);
	err = new_ring__start(&ring, l->ring_size);
	if (err)
		return err;
	err = programs__choose(&l->programs, l->skel->obj, &choice) ?: programs__find_targets(&l->programs);
	err = use_ring(l, &ring) ?: err ?: choose_maps(l) ?: size_maps(l, opts, cpus) ?:
	      goenvbpf_bpf__load(l->skel);
	if (err)
		return err;
	programs__take(&l->programs);
	for (i = 0; i < MAP_CNT; i++)
		l->map_fd[i] = bpf_object__find_map_fd_by_name(l->skel->obj, map_names[i]);
	l->adopted_cnt = &l->skel->bss->adopted_cnt;
	return link_body(l);
}

/* And makes an image of it, when there may be one. */
static int load_by_libbpf(struct loaded *l, const struct hooks_opts *opts, unsigned int wanted,
			  bool makes_image)
{
	struct image_maker maker;
	int err, image_err;

	if (!makes_image)
		return load_object(l, opts, wanted);
	image_err = image_maker__begin(&maker, &l->image);
	err = load_object(l, opts, wanted);
	image_err = image_maker__end(&maker, err ? NULL : l->skel->obj, &l->programs) ?: image_err;
	if (err || image_err)
		image__free(&l->image);
	if (!err && image_err)
		log_debug("the programs cannot be kept for the next start: %s", strerror(-image_err));
	return err;
}

/*
 * With a smaller ring when there is no memory for the wanted one. Before 5.11 that is a limit,
 * whose answer is EPERM: it is to blame unless there is room for a ring of twice the size.
 */
static int load_with_ring(struct loaded *l, const struct hooks_opts *opts, unsigned int wanted,
			  bool makes_image)
{
	uint64_t size = wanted_ring(opts);
	int err;

	for (l->ring_size = size; ; l->ring_size >>= 1) {
		err = load_by_libbpf(l, opts, wanted, makes_image);
		if (!err)
			break;
		loaded__unload(l);
		if ((err != -ENOMEM && err != -EPERM) || l->ring_size <= RING_MIN_SIZE ||
		    !host__try_ring(l->ring_size * 2))
			return err;
	}
	if (l->ring_size < size)
		log_warn("memory for a ring of %llu KiB is not to be had, going on with %llu KiB: "
			 "bursts may be lost (they are counted)",
			 (unsigned long long)size >> 10, (unsigned long long)l->ring_size >> 10);
	return 0;
}

int loaded__try(struct loaded *l, const struct hooks_opts *opts, const struct variant *v,
		unsigned int wanted)
{
	l->variant = *v;
	return load_with_ring(l, opts, wanted, false);
}

/* --- by an image --- */

static int take_maps(struct loaded *l, const struct image *im)
{
	uint32_t i;
	int m;

	for (i = 0; i < im->head.map_cnt; i++) {
		const char *name = im->head.maps[i].name;

		for (m = 0; m < MAP_CNT; m++)
			if (str_eq(name, map_names[m]))
				l->map_fd[m] = l->image_fds[i];
		if (str_has_suffix(name, ".bss")) {
			l->bss = mmap(NULL, sizeof(struct goenvbpf_bpf__bss), PROT_READ, MAP_SHARED,
				      l->image_fds[i], 0);
			if (l->bss == MAP_FAILED)
				return -errno;
		}
	}
	if (!l->bss)
		return -EBADMSG;
	l->adopted_cnt = &((struct goenvbpf_bpf__bss *)l->bss)->adopted_cnt;
	return link_body(l);
}

/* The content of the constants, which the verifier counts on: ours, and what no option changes. */
static const struct image_map *find_constants(const struct image *im)
{
	for (uint32_t i = 0; i < im->head.map_cnt; i++)
		if (im->head.maps[i].flags & BPF_F_RDONLY_PROG &&
		    im->head.maps[i].content.size >= sizeof(struct goenvbpf_bpf__rodata))
			return &im->head.maps[i];
	return NULL;
}

static int load_image(struct loaded *l, const struct hooks_opts *opts, struct image *im)
{
	const struct image_map *constants = find_constants(im);
	struct new_ring ring;
	int err;

	if (!constants)
		return -EBADMSG;
	l->ring_size = wanted_ring(opts);
	set_config(l, opts, image__at(im, &constants->content));
	l->image_fd_cnt = im->head.map_cnt;
	if (opts->used && opts->used->cnt)
		return image__reuse(im, &(struct image_reuse){
			opts->used, l->ring_size, offsetof(struct goenvbpf_bpf__bss, is_sweeping),
		}, l->image_fds, &l->programs) ?: take_maps(l, im);
	err = new_ring__start(&ring, l->ring_size);
	if (err)
		return err;
	return image__load(im, &ring, l->image_fds, &l->programs) ?: take_maps(l, im);
}

static int load_kept(struct loaded *l, const struct hooks_opts *opts)
{
	bool is_used = opts->used && opts->used->cnt;
	struct image im = {};
	int err = image_cache__find(KEPT_FOLDER, &l->key, &im);

	err = err ?: load_image(l, opts, &im);
	image__free(&im);
	if (err) {
		loaded__unload(l);
		log_debug("no programs are taken %s: %s", is_used ? "over" : "from " KEPT_FOLDER, strerror(-err));
	} else {
		log_debug("the programs of an earlier %s", is_used ? "session are used" : "start are loaded, from " KEPT_FOLDER);
	}
	return err;
}

/* The same programs and maps that another one has used, or such as they were at first. */
static int load_image_of(struct loaded *l, const struct hooks_opts *opts)
{
	size_t used = opts->used ? opts->used->cnt : 0;
	int err = load_kept(l, opts);

	return err && used && !opts->used->cnt ? load_kept(l, opts) : err;
}

int loaded__load(struct loaded *l, const struct hooks_opts *opts, const struct variant *v,
		 unsigned int wanted)
{
	const struct image_choice choice = {
		.tier = v->tier, .hash = v->hash, .wanted = wanted, .net = opts->net, .watch = opts->watch,
		.adopt = opts->adopt,
	};
	/* What does not work without an image does not work with one: an answer is not a matter of luck. */
	bool may_keep = host__has_btf() && !image_key__make(&choice, &l->key);

	l->variant = *v;
	if (may_keep && !load_image_of(l, opts))
		return 0;
	return load_with_ring(l, opts, wanted, may_keep);
}

void loaded__keep(struct loaded *l)
{
	int err;

	if (!l->image.head.program_cnt)
		return;
	err = image_cache__store(KEPT_FOLDER, &l->key, &l->image);
	if (err)
		log_debug("the programs are not kept in " KEPT_FOLDER ": %s", strerror(-err));
	image__free(&l->image);
}

void loaded__leave(const struct loaded *l, struct fds *ret)
{
	ret->cnt = 0;
	if (!l->image_fd_cnt || (size_t)(l->image_fd_cnt + l->programs.cnt) > ARRAY_SIZE(ret->fd))
		return;
	for (int i = 0; i < l->image_fd_cnt; i++)
		ret->fd[ret->cnt++] = l->image_fds[i];
	for (int i = 0; i < l->programs.cnt; i++)
		ret->fd[ret->cnt++] = l->programs.list[i].fd;
}

void loaded__unload(struct loaded *l)
{
	int i;

	if (l->bss && l->bss != MAP_FAILED)
		munmap(l->bss, sizeof(struct goenvbpf_bpf__bss));
	for (i = 0; l->image_fd_cnt && i < l->programs.cnt; i++)
		close_fd_cleanup(&l->programs.list[i].fd);
	for (i = 0; i < l->image_fd_cnt; i++)
		close_fd_cleanup(&l->image_fds[i]);
	goenvbpf_bpf__destroy(STEAL(l->skel));
	image__free(&l->image);
	l->bss = NULL;
	l->adopted_cnt = NULL;
	l->image_fd_cnt = 0;
	l->programs = (struct programs){};
	for (i = 0; i < MAP_CNT; i++)
		l->map_fd[i] = -1;
}
