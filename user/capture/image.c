/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Programs and maps as this kernel took them: made while libbpf loads, and checked. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>

#include "capture/image.h"

#define BLOB_MAX (4u << 20)

void image__free(struct image *im)
{
	str__free(&im->blob);
	im->head.map_cnt = im->head.program_cnt = 0;
}

/* --- making --- */

static struct image_part add_part(struct image *im, const void *data, size_t n)
{
	struct image_part part;

	while (im->blob.len % 8)
		str__addc(&im->blob, '\0');
	part = (struct image_part){ im->blob.len, n };
	str__add(&im->blob, data, n);
	return part;
}

static void copy_name(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from);
}

/* Called by libbpf with what it gives to the kernel. */
static int keep_program(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie)
{
	struct image_maker *m = (void *)cookie;
	struct image *im = m->image;
	struct image_program *p;

	if (im->head.program_cnt == PROGRAMS_MAX) {
		m->err = -E2BIG;
		return 0;
	}
	if (opts->attach_btf_obj_fd || opts->attach_prog_fd || opts->fd_array ||
	    (opts->func_info_cnt && opts->func_info_rec_size != sizeof(struct bpf_func_info)))
		m->err = -ENOTSUP;
	m->programs[im->head.program_cnt] = prog;
	p = &im->head.programs[im->head.program_cnt++];
	*p = (struct image_program){
		.type = bpf_program__type(prog),
		.attach_type = opts->expected_attach_type,
		.attach_id = opts->attach_btf_id,
		.flags = opts->prog_flags,
		.insns = add_part(im, bpf_program__insns(prog),
				  bpf_program__insn_cnt(prog) * sizeof(struct bpf_insn)),
		.funcs = add_part(im, opts->func_info, opts->func_info_cnt * sizeof(struct bpf_func_info)),
	};
	copy_name(p->name, sizeof(p->name), bpf_program__name(prog));
	return 0;
}

/* libbpf before 1.3 frees its list with the last handler and goes on using it: one of no section stays. */
static void keep_a_handler(void)
{
	static bool is_there;

	if (!is_there)
		is_there = libbpf_register_prog_handler("goenvbpf.none", BPF_PROG_TYPE_UNSPEC, 0, NULL) >= 0;
}

int image_maker__begin(struct image_maker *m, struct image *im)
{
	static const struct {
		const char *section;
		enum bpf_prog_type type;
		enum bpf_attach_type attach_type;
	} kinds[] = {
		{ "tp_btf+", BPF_PROG_TYPE_TRACING,	   BPF_TRACE_RAW_TP },
		{ "fexit+",  BPF_PROG_TYPE_TRACING,	   BPF_TRACE_FEXIT },
		{ "iter+",   BPF_PROG_TYPE_TRACING,	   BPF_TRACE_ITER },
		{ "raw_tp+", BPF_PROG_TYPE_RAW_TRACEPOINT, 0 },
		{ "tp+",     BPF_PROG_TYPE_TRACEPOINT,	   0 },
	};
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .cookie = (long)m, .prog_prepare_load_fn = keep_program);
	int id;

	keep_a_handler();
	*m = (struct image_maker){ .image = im };
	*im = (struct image){};
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		id = libbpf_register_prog_handler(kinds[i].section, kinds[i].type,
						  kinds[i].attach_type, &opts);
		if (id < 0)
			return m->err = id;
		m->handlers[m->handler_cnt++] = id;
	}
	return 0;
}

static int keep_map(struct image *im, const struct bpf_map *map)
{
	struct bpf_map_info info = {};
	uint32_t len = sizeof(info);
	struct image_map *to;
	const void *content;
	size_t size = 0;

	if (im->head.map_cnt == IMAGE_MAPS_MAX)
		return -E2BIG;
	if (bpf_obj_get_info_by_fd(bpf_map__fd(map), &info, &len))
		return -errno;
	content = bpf_map__initial_value((struct bpf_map *)map, &size);
	to = &im->head.maps[im->head.map_cnt++];
	*to = (struct image_map){
		.type = info.type, .key_size = info.key_size, .value_size = info.value_size,
		.max_entries = info.max_entries, .flags = info.map_flags,
		.key_type = info.btf_id ? info.btf_key_type_id : 0,
		.value_type = info.btf_id ? info.btf_value_type_id : 0,
	};
	if (content)
		to->content = add_part(im, content, size);
	copy_name(to->name, sizeof(to->name), info.name);
	return 0;
}

/* The descriptors that stand in the instructions are those of this process: numbers of maps instead. */
static void number_maps(struct image *im, const int *fds)
{
	uint32_t i, j, map;

	for (i = 0; i < im->head.program_cnt; i++) {
		struct bpf_insn *insn = image__at(im, &im->head.programs[i].insns);
		uint32_t cnt = im->head.programs[i].insns.size / sizeof(*insn);

		for (j = 0; j < cnt; j += insn[j].code == (BPF_LD | BPF_IMM | BPF_DW) ? 2 : 1) {
			if (!image__means_map(&insn[j]))
				continue;
			for (map = 0; map < im->head.map_cnt && fds[map] != insn[j].imm; map++)
				;
			insn[j].imm = map;	/* none: image__check() says so */
		}
	}
}

/* As the kernel has them: libbpf leaves out what an older one does not know. */
static int keep_types(struct image *im, const struct bpf_object *obj)
{
	struct bpf_btf_info info = {};
	uint32_t len = sizeof(info), size;
	__free_mem void *raw = NULL;
	int fd = bpf_object__btf_fd(obj);

	if (fd < 0)
		return -ENODATA;
	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		return -errno;
	size = info.btf_size;
	raw = malloc(size);
	if (!raw)
		return -ENOMEM;
	info = (struct bpf_btf_info){ .btf = (uintptr_t)raw, .btf_size = size };
	len = sizeof(info);
	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		return -errno;
	im->head.types = add_part(im, raw, size);
	return 0;
}

static int keep_object(struct image *im, const struct bpf_object *obj)
{
	const struct bpf_map *map;
	int fds[IMAGE_MAPS_MAX] = {};
	int err = keep_types(im, obj);

	if (err)
		return err;
	bpf_object__for_each_map(map, obj) {
		if (bpf_map__fd(map) < 0)
			continue;
		err = keep_map(im, map);
		if (err)
			return err;
		fds[im->head.map_cnt - 1] = bpf_map__fd(map);
	}
	if (!str__err(&im->blob))
		number_maps(im, fds);
	return 0;
}

/* Who hooks in where, in the order in which that is done and undone. */
static int keep_choice(struct image_maker *m, const struct programs *chosen)
{
	struct image_program sorted[PROGRAMS_MAX];
	struct image_head *h = &m->image->head;
	uint32_t at;
	int i;

	if ((uint32_t)chosen->cnt != h->program_cnt)
		return -ENOENT;
	for (i = 0; i < chosen->cnt; i++) {
		const struct program *p = &chosen->list[i];

		for (at = 0; at < h->program_cnt && m->programs[at] != p->prog; at++)
			;
		if (at == h->program_cnt)
			return -ENOENT;
		sorted[i] = h->programs[at];
		sorted[i].hook = p->hook;
		sorted[i].is_body = p->is_body;
		sorted[i].is_gated = p->is_gated;
		copy_name(sorted[i].section, sizeof(sorted[i].section), p->section);
	}
	memcpy(h->programs, sorted, chosen->cnt * sizeof(sorted[0]));
	for (i = 0; i < HOOK_CNT; i++)
		h->states[i] = chosen->state[i];
	return 0;
}

int image_maker__end(struct image_maker *m, const struct bpf_object *obj, const struct programs *chosen)
{
	struct image *im = m->image;
	int i, err = m->err;

	for (i = m->handler_cnt - 1; i >= 0; i--)
		(void)libbpf_unregister_prog_handler(m->handlers[i]);	/* it was registered */
	m->handler_cnt = 0;
	if (err || !obj)
		return err ?: -ENODATA;
	err = keep_object(im, obj) ?: keep_choice(m, chosen);
	return err ?: str__err(&im->blob) ?: image__check(im);
}

/* --- checking --- */

static bool is_inside(const struct image *im, const struct image_part *p, size_t unit)
{
	return p->off % 8 == 0 && p->size % unit == 0 && p->off <= im->blob.len &&
	       p->size <= im->blob.len - p->off;
}

static bool is_text(const char *s, size_t size)
{
	return memchr(s, '\0', size);
}

static bool is_good_map(const struct image *im, const struct image_map *m)
{
	return is_text(m->name, sizeof(m->name)) && is_inside(im, &m->content, 1) &&
	       (!m->content.size || (m->content.size == m->value_size && m->type == BPF_MAP_TYPE_ARRAY));
}

static bool is_good_program(const struct image *im, const struct image_program *p)
{
	uint32_t i, cnt = p->insns.size / sizeof(struct bpf_insn);
	const struct bpf_insn *insn;

	if (!is_text(p->name, sizeof(p->name)) || !is_text(p->section, sizeof(p->section)) ||
	    !is_inside(im, &p->insns, sizeof(*insn)) || !cnt || p->hook >= HOOK_CNT ||
	    !is_inside(im, &p->funcs, sizeof(struct bpf_func_info)))
		return false;
	insn = image__at(im, &p->insns);
	for (i = 0; i < cnt; i += insn[i].code == (BPF_LD | BPF_IMM | BPF_DW) ? 2 : 1)
		if (image__means_map(&insn[i]) && (uint32_t)insn[i].imm >= im->head.map_cnt)
			return false;
	return true;
}

int image__check(const struct image *im)
{
	const struct image_head *h = &im->head;
	bool good = h->map_cnt <= IMAGE_MAPS_MAX && h->program_cnt && h->program_cnt <= PROGRAMS_MAX &&
		    im->blob.len <= BLOB_MAX &&
		    is_inside(im, &h->types, 1);
	uint32_t i;

	for (i = 0; good && i < h->map_cnt; i++)
		good = is_good_map(im, &h->maps[i]);
	for (i = 0; good && i < h->program_cnt; i++)
		good = is_good_program(im, &h->programs[i]);
	for (i = 0; good && i < HOOK_CNT; i++)
		good = h->states[i] <= HOOK_FAILED;
	return good ? 0 : -EBADMSG;
}
