/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The toolchains in the summary's JSON object: what ran, and why it was that. */
#include "model/toolchain/toolchain.h"
#include "output/summary_model.h"

static void add_images(struct json *j, const struct model *m, const char *key, bool toolchain)
{
	json__key(j, key);
	json__arr(j);
	for (const struct image *i = model__next_image(m, NULL); i; i = model__next_image(m, i)) {
		enum tool_role role = image__role(i);
		size_t n;

		if (image__is_toolchain(i) != toolchain || (!toolchain && !i->go))
			continue;
		json__obj(j);
		json__kstr(j, "path", i->exe);
		n = toolchain ? toolchain__goroot_len(i->exe) : 0;
		if (n) {
			json__key(j, "goroot");
			json__bytes(j, i->exe, n);
		}
		json__kknown(j, "version", i->go ?: i->cc.version);
		if (i->cc.version)
			json__proof(j, &(struct proof){ .ts = { i->cc.ts }, .cnt = 1 }, i->cc.confidence);
		json__kstr(j, "role", tool_role__name(role));
		json__kknown(j, "package", i->package);
		json__kknown(j, "module_version", i->version);
		json__kknown(j, "build_id", i->build_id);
		json__kknown(j, "error", i->error);
		json__kcount(j, "runs", i->runs);
		if (i->probes)
			json__kcount(j, "probes", i->probes);
		json__end(j);
	}
	json__end(j);
}

static void add_switches(struct json *j, const struct model *m)
{
	const struct toolchain_switch *s;

	json__key(j, "toolchain_switches");
	json__arr(j);
	for (s = model__next_switch(m, NULL); s; s = model__next_switch(m, s)) {
		json__obj(j);
		json__kuint(j, "from", s->from);
		if (s->to)
			json__kuint(j, "to", s->to);
		json__kint(j, "ts", s->ts);
		json__kknown(j, "version", s->version);
		json__kknown(j, "failure", s->failure);
		json__kstr(j, "reason", source__name(s->pick ? s->pick->by.source : SOURCE_UNKNOWN));
		if (s->pick) {
			json__kknown(j, "path", s->pick->by.path);
			if (s->pick->by.line)
				json__kuint(j, "line", s->pick->by.line);
			json__kknown(j, "text", s->pick->text);
			json__proof(j, &s->pick->proof, s->pick->confidence);
		}
		json__end(j);
	}
	json__end(j);
}

static void add_downloads(struct json *j, const struct model *m)
{
	const struct toolchain_download *d;

	json__key(j, "toolchain_downloads");
	json__arr(j);
	for (d = model__next_download(m, NULL); d; d = model__next_download(m, d)) {
		json__obj(j);
		json__kstr(j, "version", d->version);
		json__kuint(j, "proc", d->proc);
		json__kint(j, "ts", d->ts);
		json__kcount(j, "writes", d->writes);
		json__kbool(j, "complete", d->is_done);
		json__end(j);
	}
	json__end(j);
}

void summary_json__toolchains(struct json *j, const struct model *m)
{
	add_images(j, m, "toolchains", true);
	add_switches(j, m);
	add_downloads(j, m);
	add_images(j, m, "executables", false);
}

void summary_json__go_versions(struct json *j, const struct model *m, const struct process *go)
{
	const char *const *versions;
	size_t n = model__go_versions(m, go, &versions);

	json__key(j, "go_versions");
	json__arr(j);
	for (size_t i = 0; i < n; i++)
		json__str(j, versions[i]);
	json__end(j);
}
