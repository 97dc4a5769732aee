/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_EXPORT_ESCAPE_H
#define GOENVBPF_OUTPUT_EXPORT_ESCAPE_H
/*
 * Texts of the traced side in formats that others read. What a reader would not see (control
 * characters, bidirectional overrides) is shown as text__safe() does, then the format's own is escaped.
 */
#include "output/text.h"
#include "rules/rules.h"
#include "util/json.h"

void escape__xml(struct str *out, const char *text);	/* of an attribute, or of an element */
void escape__markdown(struct str *out, const char *text);	/* words between other words, or in a cell */
void escape__label(struct str *out, const char *text);	/* Prometheus: the value of a label, in quotes */

void escape__json(struct json *j, const char *key, const char *text);	/* key and value */
void escape__json_item(struct json *j, const char *text);
void escape__json_pair(struct json *j, const char *name, const char *text);	/* of an object of names */
/* A finding in one text: title, subject, detail, what to do. Nothing is escaped but what nobody would see. */
void escape__finding(struct str *out, const struct finding *f);
/* A path in a URI: bytes that it has no letter for as %XX (RFC 3986), so that nothing is lost. */
void escape__uri(struct str *out, const char *path);

#endif
