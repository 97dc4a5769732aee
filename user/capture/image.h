/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_IMAGE_H
#define GOENVBPF_CAPTURE_IMAGE_H
/*
 * Programs and maps as this kernel took them: relocated, with the numbers of its types. They can be
 * loaded again without libbpf's object and without reading types, which is most of what starting
 * costs.
 *
 * To make one: image_maker__begin() → libbpf opens and loads an object → image_maker__end(), always →
 * image__take_maps() and the caller fills in who hooks in where. To use it: image__load(). What was loaded
 * from it outlives who did that by its descriptors: image__reuse() makes of it what it was at first.
 */
#include <bpf/libbpf.h>

#include "capture/new_ring.h"
#include "capture/programs.h"
#include "util/fds.h"
#include "util/str.h"

#define IMAGE_MAPS_MAX 24

/* Part of the blob. */
struct image_part {
	uint32_t off, size;
};

struct image_map {
	char name[BPF_OBJ_NAME_LEN];
	uint32_t type, key_size, value_size, max_entries, flags;
	uint32_t key_type, value_type;	/* in the types; both 0: of none */
	struct image_part content;	/* of its only element; empty: zeros */
};

struct image_program {
	char name[BPF_OBJ_NAME_LEN];
	char section[SECTION_SZ];
	uint32_t type, attach_type, attach_id, flags;
	uint32_t hook, is_body, is_gated;
	struct image_part insns;	/* map i is meant where a map's descriptor i stands */
	struct image_part funcs;	/* bpf_func_info */
};

struct image {
	/* What is kept in a file: this and the blob. */
	struct image_head {
		uint32_t map_cnt, program_cnt;
		uint32_t states[HOOK_CNT];
		struct image_part types;
		struct image_map maps[IMAGE_MAPS_MAX];
		struct image_program programs[PROGRAMS_MAX];
	} head;
	struct str blob;
};

/* Can it be loaded without reading or writing anything that is not its own? -EBADMSG. */
int image__check(const struct image *im);
void image__free(struct image *im);	/* of what it owns */

static inline void *image__at(const struct image *im, const struct image_part *p)
{
	return im->blob.s + p->off;
}

/* Does a map's number stand in it, and where the kernel wants its descriptor? It is two long. */
static inline bool image__means_map(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW) &&
	       (insn->src_reg == BPF_PSEUDO_MAP_FD || insn->src_reg == BPF_PSEUDO_MAP_VALUE);
}

/* Watches libbpf load an object. */
struct image_maker {
	struct image *image;
	const struct bpf_program *programs[PROGRAMS_MAX];	/* those of the image */
	int handlers[8];
	int handler_cnt;
	int err;
};

/* Not to be moved until the end. */
int image_maker__begin(struct image_maker *m, struct image *im);
/* Takes over the object's maps and types. -errno: what came of it is not to be used. */
int image_maker__end(struct image_maker *m, const struct bpf_object *obj, const struct programs *p);

#define IMAGE_RING "events"

/*
 * ring: the map of that name, which was begun and is taken here, whatever comes. Descriptors of maps and
 * programs are the caller's then, also when it fails: ret_maps has one for each of the image's maps, -1
 * where there is none.
 */
int image__load(const struct image *im, struct new_ring *ring, int ret_maps[static IMAGE_MAPS_MAX],
		struct programs *ret);

/* The programs as they are in an image, which nobody has loaded or attached. */
void image__list_programs(const struct image *im, struct programs *ret);

/* What is wanted of maps and programs that somebody else has loaded from the same image, and used. */
struct image_reuse {
	struct fds *used;	/* the maps, then the programs, of which nothing is attached; taken whatever comes */
	uint64_t ring_size;
	size_t sweep_at;	/* where in .bss the iterator is told to forget the tasks that were followed */
};

/*
 * -EINVAL: they are not of the image, of other constants or another size of the ring; -ENOTSUP: they cannot be
 * made as new; -errno. What comes back is as by image__load().
 */
int image__reuse(const struct image *im, const struct image_reuse *r, int ret_maps[static IMAGE_MAPS_MAX],
		 struct programs *ret);

#endif
