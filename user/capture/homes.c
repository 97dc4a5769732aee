/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Homes: the env file that nobody finds, and start-up files of shells. */
#include <pwd.h>
#include <stdio.h>

#include "capture/files.h"
#include "capture/homes.h"
#include "capture/relay.h"
#include "capture/snapshot.h"

#define TEXT_MAX (1u << 20)

/* By the host's own list: to ask a directory service could take long, and would be seen. */
static void add_home(uid_t uid, struct str *out)
{
	FILE *list = fopen("/etc/passwd", "re");
	struct passwd *p;

	while (list && (p = fgetpwent(list)))
		if (p->pw_uid == uid) {
			str__adds(out, p->pw_dir);
			break;
		}
	if (list)
		fclose(list);
}

/* "export GOFLAGS=-v", "typeset -x GOFLAGS=-v", "setenv GOFLAGS -v", or the mere assignment. */
static bool is_of_go(const char *line, size_t n)
{
	static const char *const words[] = { "export ", "declare -x ", "typeset -x ", "setenv " };

	while (n && (*line == ' ' || *line == '\t'))
		line++, n--;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t len = strlen(words[i]);

		if (n > len && !memcmp(line, words[i], len)) {
			line += len;
			n -= len;
		}
	}
	return (n > 2 && !memcmp(line, "GO", 2)) || (n > 4 && !memcmp(line, "CGO_", 4));
}

/* The other lines are left empty, so that each keeps its number. */
static void pick_lines(const struct str *text, struct str *out)
{
	size_t kept = 0;

	for (const char *at = text->s, *end = at + text->len; at && at < end;) {
		const char *nl = memchr(at, '\n', end - at);
		size_t n = (nl ?: end) - at;

		if (is_of_go(at, n)) {
			str__add(out, at, n);
			kept = out->len + 1;
		}
		str__addc(out, '\n');
		at += n + 1;
	}
	str__cut(out, kept);
}

static void put_file(const struct inspector_opts *opts, struct line *line, const struct look_at *at, const char *path,
		     enum config_kind kind)
{
	__free_snapshot struct snapshot s = {};
	struct file_name name = at->name;
	__free_str struct str lines = {};

	name.path = path;
	if (!files__leave(at))
		return;
	snapshot__take(&name, at->who, TEXT_MAX, &s);
	relay__return();
	if (s.err)
		return;
	if (kind == CONFIG_SHELL) {
		pick_lines(&s.text, &lines);
		if (!lines.len)
			return;
	}
	line__begin(line, REC_FILE, at->ts, at->pid, at->tid, at->proc);
	line__bytes(line, "path", path, strlen(path));
	line__str(line, "what", config_kind__name(kind));
	line__bool(line, "aside", true);
	line__uint(line, "size", s.state.size);
	(void)line__file(line, kind, kind == CONFIG_SHELL ? lines.s : s.text.s ?: "",
			 kind == CONFIG_SHELL ? lines.len : s.text.len, false, 0);
	line__bool(line, "after_fact", true);
	if (!line__end(line))
		record__put(opts->record, line);
}

void homes__inspect(const struct inspector_opts *opts, struct line *line, const struct look_at *at)
{
	static const char *const files[] = { ".profile", ".bash_profile", ".bash_login", ".bashrc", ".zshenv", ".zprofile",
					     ".zshrc", ".kshrc", ".config/fish/config.fish" };
	__free_str struct str home = {}, path = {};

	if (opener__check(at->who, opts->owner))
		return;
	str__adds(&home, at->name.path);
	if (!home.len)
		add_home(at->who->identity.uid, &home);
	if (!home.len)
		return;
	if (!*at->name.path) {
		str__addf(&path, "%s/.config/go/env", home.s);
		put_file(opts, line, at, path.s ?: "", CONFIG_ENV);
	}
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		str__cut(&path, 0);
		str__addf(&path, "%s/%s", home.s, files[i]);
		put_file(opts, line, at, path.s ?: "", CONFIG_SHELL);
	}
}
