/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Causes of rebuilds, as data. */
#include "answers/diff.h"
#include "answers/objects.h"

OBJECT(setting_change, struct setting_change, "A setting or flag that differs between two go commands that are alike.",
	F_STRING("name",	MUST, name, "GOFLAGS, or -tags for a flag"),
	F_STRING("old",		OR_NULL, old, "its value in the old run; null: not set, or not known"),
	F_STRING("new",		OR_NULL, new, "its value in the new run, likewise"),
	F_STRING("old_origin",	MAY, old_origin, "where that came from"),
	F_STRING("new_origin",	MAY, new_origin, "where that came from"))

PUBLIC_OBJECT(cause, struct cause, "Why packages were built again.",
	F_NAME("kind",		MUST, kind, cause_kind__name, 0, CAUSE_KIND_CNT, "what changed"),
	F_STRING("detail",	MUST, detail, "the file, the variable, the flag; of unknown: what would tell"),
	F_STRING("old",		MAY, old, "what it was"),
	F_STRING("new",		MAY, new, "what it is"),
	F_STRING("evidence",	MAY, evidence, "what speaks for it, where that is no comparison"),
	F_STRING("first",	MUST, first, "a package whose own input it is"),
	CONFIDENCE(MUST, confidence),
	F_COUNT("proven",	MUST, proven_cnt, "packages of which it is proven"),
	F_COUNT("would_hit",	MUST, would_hit_cnt, "packages that are in the cache under the key that they would have with this one setting as it was"),
	F_STRINGS("packages",	MUST, packages, package_cnt, "that package and those built because of it"),
	F_DURATION("ns",	MUST, ns, "of all tools that ran for these packages; one may have several causes"))

OBJECT(diff_sum, struct causes, "What became of the packages, old and new.",
	F_COUNT("old_made",	MUST, old_made, "packages that the old run built"),
	F_COUNT("old_hits",	MUST, old_hits, "packages that it found"),
	F_COUNT("made",		MUST, made, "packages that the new run built"),
	F_COUNT("hits",		MUST, hits, "packages that it found"),
	F_DURATION("old_ns",	MUST, old_made_ns, "of all tools that the old run needed for packages"),
	F_DURATION("ns",	MUST, made_ns, "of the new run"))

OBJECT(tool_change, struct tool_change, "A program of Go or of the C compiler that is another one.",
	F_STRING("name",	MUST, name, "go, compile, cc1"),
	F_STRING("old",		OR_NULL, old, "its version in the old run; null: not known"),
	F_STRING("new",		OR_NULL, new, "its version in the new run; null: not known"),
	F_STRING("old_path",	MUST, old_path, "the executable"),
	F_STRING("new_path",	MUST, new_path, "the executable"),
	F_STRING("old_build_id", MAY, old_build_id, "its build ID"),
	F_STRING("new_build_id", MAY, new_build_id, "its build ID"))

OBJECT(module_change, struct module_change, "A module that is used in another version, from elsewhere, or by one run.",
	F_STRING("path",	MUST, path, "the module"),
	F_STRING("old",		OR_NULL, old, "its version in the old run; null: it has none, or was not used"),
	F_STRING("new",		OR_NULL, new, "its version in the new run, likewise"),
	F_STRING("old_origin",	MAY, old_origin, "where it came from; absent: the old run did not use it"),
	F_STRING("new_origin",	MAY, new_origin, "where it comes from; absent: the new run does not use it"))

OBJECT(file_change, struct file_change, "A file that was read to build.",
	F_STRING("path",	MUST, path, "the file"),
	F_NAME("change",	MUST, kind, file_change_kind__name, 0, FILE_CHANGE_CNT,
	       "changed: another content; added, removed: only the new, the old run read it"))

OBJECT(file_changes, struct file_changes, "Files that go read to build.",
	F_COUNT("old_read",	MUST, old_read, "how many the old run read"),
	F_COUNT("new_read",	MUST, new_read, "how many the new run read"),
	F_COUNT("unknown",	MUST, unknown, "files that both read, and whose content is not known"),
	F_ARRAY("differ",	MUST, list, cnt, file_change, "those that differ"),
	F_COUNT("omitted",	MUST, omitted, "further ones"))

OBJECT(cache_value, struct cache_value, "What the build cache was worth in a run.",
	F_COUNT("restored",	MUST, restored, "outputs that a program which is none of Go's wrote into it"),
	F_COUNT("restored_used", MUST, restored_used, "of these, found by a go command; the others were of no use"),
	F_SIZE("restored_bytes", MAY, restored_bytes, "what was restored, as --tag restored_bytes=N says"),
	F_SIZE("unused_bytes",	MAY, unused_bytes, "of these, what no go command found"),
	F_COUNT("hits",		MUST, hits, "packages that were found"),
	F_SIZE("hit_bytes",	MUST, hit_bytes, "their size"),
	F_COUNT("put",		MUST, put, "entries written"),
	F_SIZE("put_bytes",	MUST, put_bytes, "their size"),
	F_COUNT("saved_files",	MUST, saved_files, "files of entries that such a program read, to keep them elsewhere"),
	F_DURATION("restore_ns", MAY, restore_ns, "what restoring took"),
	F_BOOL("restore_is_told", MAY, is_told, "by --tag restore_ms=N; else it was observed"),
	F_DURATION("save_ns",	MAY, save_ns, "what saving took"),
	F_DURATION("compile_saved_ns", MAY, saved_ns, "what the hits took where they were made, in either record"),
	F_COUNT("compile_saved_of", MUST, timed, "hits of which that is known"))

OBJECT(key_counts, struct key_counts, "Keys of packages, as go looked them up and as they follow from the record.",
	F_COUNT("equal",	MUST, equal, "computed keys that are the ones that go looked up"),
	F_COUNT("other",	MUST, other, "computed keys that are not"),
	F_COUNT("unknown",	MUST, unknown, "keys that cannot be computed"))

OBJECT(open_key, struct open_key, "A package of which the record does not show to have all inputs.",
	F_STRING("package",	MUST, package, "the package"),
	F_BOOL("in_old",	MAY, is_old, "in the old run; else in the new one"),
	F_STRING("missing",	MAY, missing, "what it would take to compute its key; absent: the key is another one"))

GET(old_keys, struct causes, p, &o->old_keys)
GET(new_keys, struct causes, p, &o->keys)
GET(keys, struct causes, p, o)

OBJECT(keys, struct causes, "How far the records have all inputs of packages, proven by their keys.",
	F_GET_OBJECT("old",	MUST, old_keys, key_counts, "in the old run"),
	F_GET_OBJECT("new",	MUST, new_keys, key_counts, "in the new run"),
	F_ARRAY("open",		MUST, open_keys, open_key_cnt, open_key, "those that are not equal, the first ones"))

GET(cause_sum, struct causes, p, o)
GET(no_sources, struct causes, b, !o->has_sources)

OBJECT(causes_part, struct causes, NULL,
	F_ARRAY("settings",	MUST, settings, setting_cnt, setting_change, "that differ, whether they count or not"),
	F_ARRAY("causes",	MUST, list, cnt, cause, "the costliest first"),
	F_GET_OBJECT("packages", MUST, cause_sum, diff_sum, "how many were built and found"),
	F_GET_OBJECT("keys",	MUST, keys, keys, "computed keys of packages"),
	F_GET("no_sources",	FIELD_BOOL, MAY, no_sources, "a record has no hashes of sources, so that edits are not known"))

GET(files, struct changes, p, &o->files)
GET(old_value, struct changes, p, &o->old_value)
GET(new_value, struct changes, p, &o->new_value)
GET(values, struct changes, p, o)

OBJECT(cache_values, struct changes, "What the build cache was worth.",
	F_GET_OBJECT("old",	MUST, old_value, cache_value, "in the old run"),
	F_GET_OBJECT("new",	MUST, new_value, cache_value, "in the new run"))

OBJECT(changes_part, struct changes, NULL,
	F_ARRAY("toolchains",	MUST, tools, tool_cnt, tool_change, "programs that both ran and that are not the same"),
	F_ARRAY("modules",	MUST, modules, module_cnt, module_change, "that differ"),
	F_GET_OBJECT("files",	MUST, files, file_changes, "files that were read"),
	F_GET_OBJECT("cache",	MUST, values, cache_values, "what the build cache was worth"))

PUBLIC_OBJECT(diff, struct diff_answer, "What differs between two runs, what was built again, and why.",
	F_INLINE_POINTER(causes, causes_part),
	F_INLINE_POINTER(changes, changes_part))

int diff__json(const struct diff_answer *d, struct str *out)
{
	return answer__json(&(struct answer){}, &diff_object, d, out);
}
