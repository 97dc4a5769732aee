/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Texts of the traced side in formats that others read. */
#include "output/export/escape.h"

void escape__xml(struct str *out, const char *text)
{
	__free_str struct str safe = {};

	text__safes(&safe, text);
	for (const char *s = safe.s ?: ""; *s; s++)
		switch (*s) {
		case '<':	str__adds(out, "&lt;"); break;
		case '>':	str__adds(out, "&gt;"); break;
		case '&':	str__adds(out, "&amp;"); break;
		case '"':	str__adds(out, "&quot;"); break;
		default:	str__addc(out, *s);
		}
}

/* Nothing of it begins a link, an element, a cell, or a mention of somebody. */
void escape__markdown(struct str *out, const char *text)
{
	__free_str struct str safe = {};

	text__safes(&safe, text);
	for (const char *s = safe.s ?: ""; *s; s++) {
		if (*s == '<' || *s == '>' || *s == '&' || *s == '@')
			str__addf(out, "&#%d;", *s);
		else if (strchr("\\`*_{}[]()#+-.!|~:$", *s) && !(strchr("-.:+()", *s) && s != safe.s))
			str__addf(out, "\\%c", *s);
		else
			str__addc(out, *s);
	}
}

void escape__label(struct str *out, const char *text)
{
	__free_str struct str safe = {};

	text__safes(&safe, text);
	str__addc(out, '"');
	for (const char *s = safe.s ?: ""; *s; s++) {
		if (*s == '"' || *s == '\\')
			str__addc(out, '\\');
		str__addc(out, *s);
	}
	str__addc(out, '"');
}

void escape__json_item(struct json *j, const char *text)
{
	__free_str struct str safe = {};

	text__safes(&safe, text);
	json__str(j, safe.s ?: "");
}

void escape__json(struct json *j, const char *key, const char *text)
{
	json__key(j, key);
	escape__json_item(j, text);
}

void escape__json_pair(struct json *j, const char *name, const char *text)
{
	__free_str struct str safe = {};

	text__safes(&safe, name);
	json__key_bytes(j, safe.s ?: "", safe.len);
	escape__json_item(j, text);
}

void escape__finding(struct str *out, const struct finding *f)
{
	str__adds(out, f->rule->title);
	str__adds(out, ". ");
	text__safes(out, f->subject);
	if (f->detail && *f->detail) {
		str__adds(out, ": ");
		text__safes(out, f->detail);
	}
	str__adds(out, ". What to do: ");
	text__safes(out, f->remedy);
}

void escape__uri(struct str *out, const char *path)
{
	for (; *path; path++)
		if (strchr("-._~/", *path) || (*path >= '0' && *path <= '9') || ((*path | 32) >= 'a' && (*path | 32) <= 'z'))
			str__addc(out, *path);
		else
			str__addf(out, "%%%02X", (unsigned char)*path);
}
