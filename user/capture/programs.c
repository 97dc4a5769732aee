/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The BPF programs that each tier consists of. */
#include <errno.h>
#include <stdio.h>

#include "capture/calls.h"
#include "capture/programs.h"
#include "util/str.h"

static const char *const tier_names[TIER_CNT] = {
	[TIER_FEXIT] = "fexit",
	[TIER_TP_BTF] = "tp_btf",
	[TIER_TRACEPOINT] = "tracepoint",
};

/* Every hook, what it tells, what is unknown without it, and its programs in each tier. */
static const struct hook_desc hook_descs[HOOK_CNT] = {
	[HOOK_FILES] = { "files", "system calls with a path", "nothing is known", true, {
		[TIER_FEXIT]      = { "ge_fexit" },	/* and one for each call */
		[TIER_TP_BTF]     = { "ge_sys_exit" },
		[TIER_TRACEPOINT] = { "ge_exit_regs" } },
		{ "ge_enter_tp", "ge_exit_tp" } },
	[HOOK_FILES32] = { "files32", "those of 32-bit programs",
			   "calls of 32-bit programs are not recorded, nor what they move", false, {
		[TIER_TP_BTF]     = { "ge_sys_exit" },
		[TIER_TRACEPOINT] = { "ge_exit_regs" } },
		{ "ge_enter_tp", "ge_exit_tp" } },
	[HOOK_FORK] = { "fork", "new processes and threads", "nothing is known", true, {
		[TIER_FEXIT]      = { "ge_fork" },
		[TIER_TP_BTF]     = { "ge_fork" },
		[TIER_TRACEPOINT] = { "ge_fork", "ge_fork_again" } }, { "ge_fork_raw" } },
	[HOOK_EXEC] = { "exec", "programs that start", "nothing is known", true, {
		[TIER_FEXIT]      = { "ge_exec" },
		[TIER_TP_BTF]     = { "ge_exec" },
		[TIER_TRACEPOINT] = { "ge_exec", "ge_exec_again" } }, { "ge_exec_raw" } },
	[HOOK_EXIT] = { "exit", "processes that end", "nothing is known", true, {
		[TIER_FEXIT]      = { "ge_exit" },
		[TIER_TP_BTF]     = { "ge_exit" },
		[TIER_TRACEPOINT] = { "ge_exit_classic" } }, { "ge_exit_classic" } },
	[HOOK_CGROUP] = { "cgroup", "processes that move into the cgroup",
			  "processes that join the cgroup later are not followed", false, {
		[TIER_FEXIT]      = { "ge_cgroup" },
		[TIER_TP_BTF]     = { "ge_cgroup" },
		[TIER_TRACEPOINT] = { "ge_cgroup" } }, { "ge_cgroup" } },
	[HOOK_ADOPT] = { "adopt", "processes that already ran",
			 "processes that ran before are not followed", false, {
		[TIER_FEXIT]      = { "ge_adopt" },
		[TIER_TP_BTF]     = { "ge_adopt" },
		[TIER_TRACEPOINT] = { "ge_adopt" } }, { "ge_adopt" } },
};

const char *tier__name(enum tier tier)
{
	return tier_names[tier];
}

const struct hook_desc *program__hook(enum hook_id id)
{
	return &hook_descs[id];
}

static int add_slot(struct programs *p, enum hook_id id, struct bpf_program *prog, bool gated)
{
	if (!prog || p->cnt == PROGRAMS_MAX)
		return -ENOENT;
	bpf_program__set_autoload(prog, true);
	p->list[p->cnt++] = (struct program){
		.hook = id, .prog = prog, .fd = -1, .link_fd = -1, .is_gated = gated,
	};
	return 0;
}

static int find_target(struct bpf_program *prog, enum call_id call)
{
	char name[64];

	snprintf(name, sizeof(name), CALL_FUNCTION_PREFIX "%s", call__function(call));
	return bpf_program__set_attach_target(prog, 0, name);
}

/* A program for every call that this kernel has; all lead to the one that is loaded here. */
static int choose_fexit(struct programs *p, struct bpf_object *obj, bool net)
{
	struct program *body = &p->list[p->cnt - 1];
	int err = find_target(body->prog, CALL_OPENAT), call;
	char name[64];

	body->is_body = true;
	for (call = CALL_NONE + 1; call < CALL_CNT && !err; call++) {
		struct bpf_program *prog;
		bool is_gated;

		if (call == CALL_CONNECT && !net)
			continue;
		snprintf(name, sizeof(name), "ge_fd_%s", call__name(call));
		prog = bpf_object__find_program_by_name(obj, name);
		is_gated = !prog;
		snprintf(name, sizeof(name), "ge_fx_%s", call__name(call));
		prog = prog ?: bpf_object__find_program_by_name(obj, name);
		if (prog && !find_target(prog, call))
			err = add_slot(p, HOOK_FILES, prog, is_gated);
	}
	return err;
}

static int choose_hook(struct programs *p, struct bpf_object *obj, const struct choice *c,
		       enum hook_id id)
{
	const struct hook_desc *desc = &hook_descs[id];
	const char *const *names = c->tier == TIER_TRACEPOINT && c->hash ? desc->pair :
								    desc->programs[c->tier];
	struct bpf_program *prog;
	int i, err = names[0] ? 0 : -ENOTSUP;

	for (i = 0; i < 2 && names[i] && !err; i++) {
		prog = bpf_object__find_program_by_name(obj, names[i]);
		/* One program can serve two hooks. */
		if (!prog || !bpf_program__autoload(prog))
			err = add_slot(p, id, prog, false);
	}
	if (!err && id == HOOK_FILES && c->tier == TIER_FEXIT)
		err = choose_fexit(p, obj, c->net);
	return err;
}

int programs__choose(struct programs *p, struct bpf_object *obj, const struct choice *c)
{
	struct bpf_program *prog;
	int i, err;

	bpf_object__for_each_program(prog, obj)
		bpf_program__set_autoload(prog, false);
	for (i = 0; i < HOOK_CNT; i++) {
		if (!(c->wanted & 1U << i))
			continue;
		err = choose_hook(p, obj, c, i);
		if (err && hook_descs[i].required)
			return err;
		p->state[i] = err ? HOOK_FAILED : HOOK_ON;
	}
	return 0;
}

/* Those of the fexit tier were told theirs when they were chosen. */
int programs__find_targets(struct programs *p)
{
	int err = 0, i;

	for (i = 0; i < p->cnt && !err; i++) {
		struct bpf_program *prog = p->list[i].prog;
		const char *target = strchr(bpf_program__section_name(prog), '/');

		if (target && bpf_program__type(prog) == BPF_PROG_TYPE_TRACING)
			err = bpf_program__set_attach_target(prog, 0, target + 1);
	}
	return err;
}

void programs__take(struct programs *p)
{
	int i;

	for (i = 0; i < p->cnt; i++) {
		struct program *s = &p->list[i];

		s->fd = bpf_program__fd(s->prog);
		s->type = bpf_program__type(s->prog);
		s->attach_type = bpf_program__expected_attach_type(s->prog);
		snprintf(s->section, sizeof(s->section), "%s", bpf_program__section_name(s->prog));
	}
}
