/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Programs and maps as the kernel takes them, given to it. */
#include <bpf/bpf.h>
#include <errno.h>
#include <pthread.h>

#include "capture/image.h"

#define LICENSE "Dual BSD/GPL"	/* of bpf/ */
#define LOADERS_MAX 4

/* --- maps --- */

static int fill_map(const struct image *im, const struct image_map *m, int fd)
{
	uint32_t zero = 0;

	if (!m->content.size)
		return 0;
	if (bpf_map_update_elem(fd, &zero, image__at(im, &m->content), BPF_ANY) ||
	    (m->flags & BPF_F_RDONLY_PROG && bpf_map_freeze(fd)))
		return -errno;
	return 0;
}

static int create_map(const struct image *im, const struct image_map *m, int types_fd, int *ret)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = m->flags);

	if (m->value_type) {
		opts.btf_fd = types_fd;
		opts.btf_key_type_id = m->key_type;
		opts.btf_value_type_id = m->value_type;
	}
	*ret = bpf_map_create(m->type, m->name, m->key_size, m->value_size, m->max_entries, &opts);
	return *ret < 0 ? *ret : fill_map(im, m, *ret);
}

static bool is_ring(const struct image_map *m)
{
	return str_eq(m->name, IMAGE_RING);
}

/* The kernel takes longer for it than for all others. */
static int take_ring(const struct image *im, struct new_ring *ring, int *ret)
{
	__close_fd int fd = new_ring__take(ring);

	for (uint32_t i = 0; i < im->head.map_cnt && fd >= 0; i++)
		if (is_ring(&im->head.maps[i])) {
			ret[i] = steal_fd(&fd);
			return 0;
		}
	return fd < 0 ? fd : -EBADMSG;
}

static int create_maps(const struct image *im, int types_fd, int *ret)
{
	int err = 0;

	for (uint32_t i = 0; i < im->head.map_cnt && !err; i++)
		if (!is_ring(&im->head.maps[i]))
			err = create_map(im, &im->head.maps[i], types_fd, &ret[i]);
	return err;
}

/* --- programs --- */

/* The kernel takes milliseconds to check one: several at a time. */
struct loading {
	const struct image *im;
	const int *maps;
	int types_fd;
	struct programs *ret;
	uint32_t order[PROGRAMS_MAX];	/* the longest first */
	uint32_t next;
	int err;
};

static int load_program(struct loading *l, const struct image_program *p, int *ret)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = p->attach_type,
		    .attach_btf_id = p->attach_id, .prog_flags = p->flags);
	uint32_t i, cnt = p->insns.size / sizeof(struct bpf_insn);
	__free_mem struct bpf_insn *insns = malloc(p->insns.size);

	if (!insns)
		return -ENOMEM;
	memcpy(insns, image__at(l->im, &p->insns), p->insns.size);
	for (i = 0; i < cnt; i += insns[i].code == (BPF_LD | BPF_IMM | BPF_DW) ? 2 : 1)
		if (image__means_map(&insns[i]))
			insns[i].imm = l->maps[insns[i].imm];
	if (p->funcs.size) {
		opts.prog_btf_fd = l->types_fd;
		opts.func_info = image__at(l->im, &p->funcs);
		opts.func_info_cnt = p->funcs.size / sizeof(struct bpf_func_info);
		opts.func_info_rec_size = sizeof(struct bpf_func_info);
	}
	*ret = bpf_prog_load(p->type, p->name, LICENSE, insns, cnt, &opts);
	return *ret < 0 ? *ret : 0;
}

static void *load_some(void *ctx)
{
	struct loading *l = ctx;
	uint32_t i;
	int err;

	while ((i = __atomic_fetch_add(&l->next, 1, __ATOMIC_RELAXED)) < l->im->head.program_cnt) {
		i = l->order[i];
		err = load_program(l, &l->im->head.programs[i], &l->ret->list[i].fd);
		if (err)
			__atomic_store_n(&l->err, err, __ATOMIC_RELAXED);
	}
	return NULL;
}

static int by_length(const void *a, const void *b, void *ctx)
{
	const struct image *im = ctx;
	uint32_t first = im->head.programs[*(const uint32_t *)a].insns.size;
	uint32_t second = im->head.programs[*(const uint32_t *)b].insns.size;

	return (first < second) - (first > second);
}

static int load_programs(struct loading *l)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t threads[LOADERS_MAX];
	int i, cnt = 0;

	for (uint32_t p = 0; p < l->im->head.program_cnt; p++)
		l->order[p] = p;
	qsort_r(l->order, l->im->head.program_cnt, sizeof(l->order[0]), by_length, (void *)l->im);
	while (cnt < LOADERS_MAX && cnt < cpus - 1 && !pthread_create(&threads[cnt], NULL, load_some, l))
		cnt++;
	load_some(l);
	for (i = 0; i < cnt; i++)
		pthread_join(threads[i], NULL);
	return l->err;
}

/* --- all --- */

void image__list_programs(const struct image *im, struct programs *ret)
{
	*ret = (struct programs){ .cnt = im->head.program_cnt };
	for (int i = 0; i < ret->cnt; i++) {
		const struct image_program *p = &im->head.programs[i];
		struct program *to = &ret->list[i];

		*to = (struct program){
			.hook = p->hook, .fd = -1, .link_fd = -1, .type = p->type, .attach_type = p->attach_type,
			.is_body = p->is_body, .is_gated = p->is_gated,
		};
		memcpy(to->section, p->section, sizeof(to->section));
	}
	for (int i = 0; i < HOOK_CNT; i++)
		ret->state[i] = im->head.states[i];
}

int image__load(const struct image *im, struct new_ring *ring, int ret_maps[static IMAGE_MAPS_MAX],
		struct programs *ret)
{
	__close_fd int types_fd = bpf_btf_load(image__at(im, &im->head.types), im->head.types.size, NULL);
	struct loading l = { .im = im, .maps = ret_maps, .types_fd = types_fd, .ret = ret };
	int err;

	image__list_programs(im, ret);
	for (int i = 0; i < IMAGE_MAPS_MAX; i++)
		ret_maps[i] = -1;
	err = types_fd < 0 ? types_fd : create_maps(im, types_fd, ret_maps);
	return take_ring(im, ring, ret_maps) ?: err ?: load_programs(&l);
}
