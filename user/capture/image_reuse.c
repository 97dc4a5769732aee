/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Programs and maps that somebody has used, for the next one: checked they are, which is most of what loading
 * them costs; what is left in the maps is taken out.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "capture/host.h"
#include "capture/image.h"

/* --- are they of the image --- */

static bool is_same_map(const struct image_map *m, int fd, uint64_t ring_size)
{
	struct bpf_map_info info = {};
	uint32_t len = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		return false;
	return info.type == m->type && info.key_size == m->key_size && info.value_size == m->value_size &&
	       info.map_flags == m->flags && !strncmp(info.name, m->name, sizeof(info.name)) &&
	       info.max_entries == (str_eq(m->name, IMAGE_RING) ? ring_size : m->max_entries);
}

/* What programs were verified with never changes; is it what this user of theirs wants? */
static bool has_same_constants(const struct image *im, const struct image_map *m, int fd)
{
	uint32_t zero = 0;
	__free_mem void *content = NULL;

	if (!(m->flags & BPF_F_RDONLY_PROG))
		return true;
	content = malloc(m->value_size);
	return content && m->content.size <= m->value_size && !bpf_map_lookup_elem(fd, &zero, content) &&
	       !memcmp(content, image__at(im, &m->content), m->content.size);
}

static bool is_same_program(const struct image_program *p, int fd, uint64_t *ret_missed)
{
	struct bpf_prog_info info = {};
	uint32_t len = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		return false;
	*ret_missed = info.recursion_misses;
	return info.type == p->type && !strncmp(info.name, p->name, sizeof(info.name));
}

static int check(const struct image *im, uint64_t ring_size, const int *maps, struct programs *programs)
{
	for (uint32_t i = 0; i < im->head.map_cnt; i++)
		if (!is_same_map(&im->head.maps[i], maps[i], ring_size) ||
		    !has_same_constants(im, &im->head.maps[i], maps[i]))
			return -EINVAL;
	for (uint32_t i = 0; i < im->head.program_cnt; i++)
		if (!is_same_program(&im->head.programs[i], programs->list[i].fd, &programs->list[i].missed))
			return -EINVAL;
	return 0;
}

/* --- maps as new --- */

static int clear_hash(const struct image_map *m, int fd)
{
	__free_mem void *key = malloc(m->key_size);
	int err;

	if (!key)
		return -ENOMEM;
	while (!(err = bpf_map_get_next_key(fd, NULL, key)))
		if (bpf_map_delete_elem(fd, key))
			return -errno;
	return errno == ENOENT ? 0 : -errno;
}

/* Nobody writes any more: what is in it is as if it had been read. */
static int clear_ring(int fd)
{
	long page = sysconf(_SC_PAGESIZE);
	unsigned long *consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	unsigned long *producer = mmap(NULL, page, PROT_READ, MAP_SHARED, fd, page);
	int err = consumer == MAP_FAILED || producer == MAP_FAILED ? -errno : 0;

	if (!err)
		__atomic_store_n(consumer, __atomic_load_n(producer, __ATOMIC_ACQUIRE), __ATOMIC_RELEASE);
	if (consumer != MAP_FAILED)
		munmap(consumer, page);
	if (producer != MAP_FAILED)
		munmap(producer, page);
	return err;
}

/* content: of its first element; the rest, and all without it, is zero. */
static int fill_array(const struct image *im, const struct image_map *m, int fd, size_t size)
{
	__free_mem char *value = calloc(1, size);
	int err = value ? 0 : -ENOMEM;

	for (uint32_t i = 0; i < m->max_entries && !err; i++) {
		if (!i && m->content.size)
			memcpy(value, image__at(im, &m->content), m->content.size);
		else if (i == 1)
			memset(value, 0, m->content.size);
		if (bpf_map_update_elem(fd, &i, value, BPF_ANY))
			err = -errno;
	}
	return err;
}

static int clear(const struct image *im, const struct image_map *m, int fd)
{
	switch (m->type) {
	case BPF_MAP_TYPE_HASH:
	case BPF_MAP_TYPE_LRU_HASH:
		return clear_hash(m, fd);
	case BPF_MAP_TYPE_RINGBUF:
		return clear_ring(fd);
	case BPF_MAP_TYPE_ARRAY:
		return m->flags & BPF_F_RDONLY_PROG ? 0 : fill_array(im, m, fd, m->value_size);
	case BPF_MAP_TYPE_PERCPU_ARRAY:
		return fill_array(im, m, fd, (m->value_size + 7) / 8 * 8 * (size_t)host__cpu_numbers());
	case BPF_MAP_TYPE_TASK_STORAGE:
		return 0;	/* swept */
	default:
		return -ENOTSUP;
	}
}

/* The states of tasks: those of the namespace of PIDs that we are in, which has to be the host's. */
static int sweep(const struct image *im, const int *maps, struct programs *programs, size_t at)
{
	uint32_t zero = 0, one = 1;
	int err = host__pid_ns() ? -ENOTSUP : 0;

	for (uint32_t i = 0; i < im->head.map_cnt && !err; i++) {
		const struct image_map *m = &im->head.maps[i];
		__free_mem char *bss = NULL;

		if (!str_has_suffix(m->name, ".bss"))
			continue;
		bss = calloc(1, m->value_size);
		if (!bss || at + sizeof(one) > m->value_size)
			return -ENOMEM;
		memcpy(bss + at, &one, sizeof(one));
		if (bpf_map_update_elem(maps[i], &zero, bss, BPF_ANY))
			return -errno;
		return programs__iterate(programs);
	}
	return err ?: -ENOTSUP;
}

static int make_new(const struct image *im, const struct image_reuse *r, const int *maps, struct programs *programs)
{
	int err;

	/* Who was in a program when it was detached has left it. */
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		return -errno;
	err = check(im, r->ring_size, maps, programs) ?: sweep(im, maps, programs, r->sweep_at);
	for (uint32_t i = 0; i < im->head.map_cnt && !err; i++)
		err = clear(im, &im->head.maps[i], maps[i]);
	return err;
}

int image__reuse(const struct image *im, const struct image_reuse *r, int ret_maps[static IMAGE_MAPS_MAX],
		 struct programs *ret)
{
	uint32_t map_cnt = im->head.map_cnt;

	image__list_programs(im, ret);
	for (int i = 0; i < IMAGE_MAPS_MAX; i++)
		ret_maps[i] = -1;
	if (r->used->cnt != map_cnt + im->head.program_cnt) {
		fds__drop(r->used);
		return -EINVAL;
	}
	memcpy(ret_maps, r->used->fd, map_cnt * sizeof(int));
	for (int i = 0; i < ret->cnt; i++)
		ret->list[i].fd = r->used->fd[map_cnt + i];
	r->used->cnt = 0;
	return make_new(im, r, ret_maps, ret);
}
