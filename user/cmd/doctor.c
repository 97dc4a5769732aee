/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* goenvbpf doctor: what this host lets us see, each capability by trying it, and what helps. */
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include "answers/doctor.h"
#include "capture/hooks.h"
#include "capture/host.h"
#include "capture/kconfig.h"
#include "capture/needs.h"
#include "cmd/cmd.h"
#include "output/text.h"
#include "util/log.h"

#define RING_WANTED (16ULL << 20)
#define REMEDY_COLUMN 24
#define BOOT "boot a kernel built with "
#define SUDO "call it through sudo, or give it CAP_BPF and CAP_PERFMON"

static void __attribute__((format(printf, 5, 6)))
add(struct diagnosis *d, const char *name, bool ok, const char *remedy, const char *fmt, ...)
{
	struct capability *c = &d->list[d->cnt];
	va_list ap;

	if (d->cnt == CAPABILITIES_MAX)
		return;
	d->cnt++;
	*c = (struct capability){ .ok = ok, .remedy = ok ? NULL : remedy };
	snprintf(c->name, sizeof(c->name), "%s", name);
	va_start(ap, fmt);
	/* A detail that is too long is cut. */
	(void)vsnprintf(c->detail, sizeof(c->detail), fmt, ap);
	va_end(ap);
}

/* --- the host --- */

static void check_kernel(struct diagnosis *d)
{
	struct utsname u = {};

	(void)uname(&u);	/* cannot fail for a valid address */
	add(d, "kernel", true, NULL, "%s %s", u.release, u.machine);
}

static void check_privileges(struct diagnosis *d)
{
	bool ok = privileges__are_enough();

	add(d, "privileges", ok, SUDO, ok ? "may load programs" : "may not load programs");
}

static void check_types(struct diagnosis *d)
{
	bool ok = host__has_btf();

	add(d, "types", ok, BOOT "CONFIG_DEBUG_INFO_BTF",
	    ok ? "/sys/kernel/btf/vmlinux" : "/sys/kernel/btf/vmlinux is missing");
}

static void check_lockdown(struct diagnosis *d)
{
	const char *mode = host__lockdown();
	bool ok = !mode || !str_eq(mode, "confidentiality");

	add(d, "lockdown", ok, "boot with lockdown=integrity or without it", "%s", mode ?: "none");
}

static void check_ring(struct diagnosis *d)
{
	static const char smaller[] =
		"give a smaller --ring, or raise the limit of locked memory (ulimit -l)";
	int err = host__try_ring(RING_WANTED);
	const char *remedy = privileges__are_enough() ? smaller : SUDO;

	add(d, "ring", !err, err == -EINVAL ? "boot a kernel since 5.8" : remedy,
	    err ? "16 MiB: %s" : "16 MiB", strerror(-err));
}

/* A limit on programs and maps until 5.11, which charges control groups instead. */
static void check_memlock(struct diagnosis *d)
{
	struct rlimit limit = {};
	struct str text = {};
	bool ok = !privileges__are_enough() || !host__try_ring(RING_WANTED);

	(void)getrlimit(RLIMIT_MEMLOCK, &limit);	/* cannot fail for a valid resource */
	if (limit.rlim_cur == RLIM_INFINITY)
		str__addf(&text, "unlimited");
	else
		text__size(&text, limit.rlim_cur);
	add(d, "memlock", ok || limit.rlim_cur == RLIM_INFINITY, "raise it: ulimit -l unlimited",
	    "%s", text.s ?: "");
	str__free(&text);
}

static void check_fanotify(struct diagnosis *d)
{
	int err = host__try_fanotify();

	add(d, "fanotify", !err, "it needs CAP_SYS_ADMIN; without it programs that end within a "
	    "millisecond may stay without build information",
	    err ? "executables as they start: %s" : "executables as they start", strerror(-err));
}

static void check_capabilities(struct diagnosis *d)
{
	struct need_missing m;

	for (unsigned int i = 0; privileges__are_enough() && needs__next_missing(&i, true, &m);)
		add(d, m.name, false, "give it to the program or its container, or call it through sudo",
		    "%s", m.without);
}

static void check_tracefs(struct diagnosis *d)
{
	const char *dir = host__tracefs();

	add(d, "tracefs", dir, "mount -t tracefs tracefs /sys/kernel/tracing (for the last tier)",
	    "%s", dir ?: "not readable");
}

static void check_cgroups(struct diagnosis *d)
{
	const char *mode = host__cgroups();

	add(d, "cgroup", str_eq(mode, "v2") || str_eq(mode, "hybrid"),
	    "mount cgroup2, for attach --cgroup", "%s", mode);
}

/* As in a container. */
static void check_pid_ns(struct diagnosis *d)
{
	uint32_t ns = host__pid_ns();

	if (!host__proc_is_ours())
		add(d, "pids", false, "mount /proc of this PID namespace", "/proc is of another PID "
		    "namespace: what already runs, and programs that end at once, are not looked at");
	else
		add(d, "pids", !ns, "none needed for most; --pid=host for a container whose tier is "
		    "tracepoint, or whose kernel is older than 5.13", ns ? "in a PID namespace: those in "
		    "records are the host's" : "the host's");
}

/* --- the hooks --- */

#define KERNEL_ENOTSUPP 524	/* not for user space, but bpf(2) lets it out */

static const char *reason(int err)
{
	return strerror(err == -KERNEL_ENOTSUPP ? ENOTSUP : -err);
}

static void check_hook(struct diagnosis *d, enum tier tier, enum hook_id id)
{
	struct hook_info info = hooks__info(NULL, id);
	int err = hooks__try(tier, id);
	char name[32];

	snprintf(name, sizeof(name), "%s.%s", tier__name(tier), info.name);
	if (err == -ENOTSUP)
		add(d, name, false, "take another tier when that matters", "%s", info.without);
	else if (!err)
		add(d, name, true, NULL, "%s", info.what);
	else
		add(d, name, false, d->tier ? "none needed while another tier works" :
		    host__load_error(err), "%s: %s", info.what, reason(err));
}

static void choose_tier(struct diagnosis *d)
{
	static const struct hooks_opts opts = { .ring_size = 64 << 10 };
	__free_hooks struct hooks *h = NULL;
	const char *why = NULL;

	if (!hooks__load(&opts, &h, &why) && !hooks__attach(h, &why))
		d->tier = hooks__tier_name(h);
}

/* --- the kernel's configuration --- */

/*
 * What is not possible in a kernel that was built without an option. Such a line explains: when one
 * of what should be impossible works, the file is about another kernel, or a name has changed its
 * meaning, and nothing is said. What is missing here follows from what is not: PERF_EVENTS and
 * tracing from BPF_EVENTS. The events raw_syscalls, unlike those of each call, are there without
 * FTRACE_SYSCALLS; the states of tasks need no option of their own.
 */
static const struct option_need {
	const char *option;
	const char *name;
	const char *remedy;
	const char *impossible[3];	/* names of capabilities */
} option_needs[] = {
	{ "BPF_SYSCALL", "config.bpf",
	  "no tier works without it: " BOOT "it",
	  { "ring", "tp_btf.fork", "tracepoint.fork" } },
	{ "BPF_EVENTS", "config.events",
	  "no tier works without it: " BOOT "PERF_EVENTS and UPROBE_EVENTS, which bring it",
	  { "tp_btf.fork", "tracepoint.fork" } },
	{ "DEBUG_INFO_BTF", "config.types",
	  "no tier works without it: " BOOT "it",
	  { "types" } },
	{ "BPF_JIT", "config.jit",
	  "the tier fexit does not work without it: " BOOT "it",
	  { "fexit.files" } },
	{ "KALLSYMS", "config.symbols",
	  "the tier fexit does not work without it: " BOOT "it",
	  { "fexit.files" } },
	{ "DYNAMIC_FTRACE_WITH_DIRECT_CALLS", "config.direct",
	  "the tier fexit does not work without it: " BOOT
	  "FUNCTION_TRACER, which brings it (on arm64 since 6.4)",
	  { "fexit.files" } },
	{ "CGROUPS", "config.cgroup",
	  "attach --cgroup does not work without it: " BOOT "it",
	  { "cgroup" } },
	{ "FANOTIFY", "config.fanotify",
	  "programs that end within a millisecond may stay without build information: " BOOT "it",
	  { "fanotify" } },
};

static const struct capability *find(const struct diagnosis *d, const char *name)
{
	size_t i;

	for (i = 0; i < d->cnt; i++)
		if (str_eq(d->list[i].name, name))
			return &d->list[i];
	return NULL;
}

static bool is_disproved(const struct diagnosis *d, const struct option_need *o)
{
	const struct capability *c;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(o->impossible) && o->impossible[i]; i++) {
		c = find(d, o->impossible[i]);
		if (c && c->ok)
			return true;
	}
	return false;
}

static void check_config(struct diagnosis *d)
{
	__free_kconfig struct kconfig *k = NULL;
	size_t i, set = 0;

	if (kconfig__find(&k)) {
		add(d, "config", true, NULL, "no readable file tells it, which is no fault");
		return;
	}
	for (i = 0; i < ARRAY_SIZE(option_needs); i++)
		set += kconfig__value(k, option_needs[i].option) > KCONFIG_OFF;
	add(d, "config", true, NULL, "%s%s", kconfig__path(k),
	    set == ARRAY_SIZE(option_needs) ? ": lacks nothing" : "");
	for (i = 0; i < ARRAY_SIZE(option_needs); i++) {
		const struct option_need *o = &option_needs[i];

		if (kconfig__value(k, o->option) == KCONFIG_OFF && !is_disproved(d, o))
			add(d, o->name, false, o->remedy, "CONFIG_%s is not set", o->option);
	}
}

static void check_hooks(struct diagnosis *d)
{
	int tier, id;

	if (!privileges__are_enough()) {
		add(d, "hooks", false, SUDO, "cannot be tried without privileges");
		return;
	}
	choose_tier(d);
	for (tier = 0; tier < TIER_CNT; tier++)
		for (id = 0; id < HOOK_CNT; id++)
			check_hook(d, tier, id);
}

static void diagnose(struct diagnosis *d)
{
	check_kernel(d);
	check_privileges(d);
	check_types(d);
	check_lockdown(d);
	check_ring(d);
	check_memlock(d);
	check_fanotify(d);
	check_capabilities(d);
	check_tracefs(d);
	check_cgroups(d);
	check_pid_ns(d);
	check_hooks(d);
	check_config(d);	/* it explains what was refused */
}

/* --- the answer --- */

/* Below the details, in what 80 columns leave. */
static void print_remedy(struct str *out, bool color, const char *text)
{
	char line[80 - REMEDY_COLUMN];
	size_t len, at, from;

	for (at = 0; text[at]; at += len) {
		at += strspn(text + at, " ");
		len = strlen(text + at);
		if (len >= sizeof(line))
			for (len = sizeof(line) - 1; len && text[at + len] != ' '; len--)
				;
		len = len ?: sizeof(line) - 1;	/* one long word */
		snprintf(line, sizeof(line), "%.*s", (int)len, text + at);
		from = out->len;
		text__pad(out, from, REMEDY_COLUMN);
		text__tone(out, color, TONE_DIM, line);
		str__adds(out, "\n");
	}
}

static void print_text(const struct diagnosis *d, struct str *out)
{
	bool color = text__wants_color(stdout);
	size_t i, from;

	for (i = 0; i < d->cnt; i++) {
		const struct capability *c = &d->list[i];

		text__tone(out, color, c->ok ? TONE_GOOD : d->tier ? TONE_WARN : TONE_BAD,
			   c->ok ? "ok " : "no ");
		str__adds(out, " ");
		from = out->len;
		str__adds(out, c->name);
		text__pad(out, from, REMEDY_COLUMN - strlen("ok  "));
		str__addf(out, "%s\n", c->detail);
		if (!c->ok)
			print_remedy(out, color, c->remedy);
	}
	str__adds(out, "\n");
	if (d->tier) {
		str__adds(out, "tier: ");
		text__tone(out, color, TONE_STRONG, d->tier);
		str__adds(out, "\n");
	} else {
		text__tone(out, color, TONE_BAD, "no tier works: nothing can be observed here");
		str__adds(out, "\n");
	}
}

struct doctor_options {
	bool json;
};

static int doctor(const struct call *call)
{
	const struct doctor_options *o = call->options;
	__free_str struct str out = {};
	struct diagnosis d = {};

	diagnose(&d);
	if (o->json)
		(void)answer__json(&(struct answer){}, &doctor_object, &d, &out);	/* out has the error */
	else
		print_text(&d, &out);
	if (str__err(&out) || fwrite(out.s, 1, out.len, stdout) != out.len || fflush(stdout)) {
		log_error("cannot write the answer to standard output: %m");
		return EXIT_FAILED;
	}
	return d.tier ? EXIT_FINE : EXIT_FAILED;
}

static const struct option_row rows[] = {
	{ "json", OPT_FLAG(struct doctor_options, json), .help = "one object: tier, capabilities" },
	{}
};

static const struct option_group group = { .rows = rows };

const struct verb verb_doctor = {
	.name = "doctor",
	.is_privileged = true,
	.groups = { &group },
	.options_sz = sizeof(struct doctor_options),
	.summary = "what can be observed on this host, and what to do about the rest",
	.details =
"Each capability is tried: programs are really loaded and attached, in each tier, and removed "
"again. A tier is a way of hooking into the kernel; the last line names the one that a capture "
"takes by itself, --hooks forces another. Needs root to be meaningful. The kernel's "
"configuration, where a file tells it, only explains: an option that is not set has a line when "
"what needs it does not work.",
	.notes = "Exit status: 0 when something can be observed, 1 when nothing can.",
	.run = doctor,
};
