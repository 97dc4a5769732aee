/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The JSON Schema of an answer, from the same tables as the answer itself. */
#include <stdio.h>

#include "answers/answer.h"

#define MAX_OBJECTS 64
#define BROKEN_DEPTH 4	/* objects down to here have a line for each member */

/* The objects of one schema, each defined once. */
struct definitions {
	struct {
		const struct object *object;
		const struct field *fields;	/* those of a map come without the key */
	} list[MAX_OBJECTS];
	size_t cnt;
};

static bool is_scalar_map(const struct field *f)
{
	return f->type == FIELD_MAP && !f->object->fields()[2].key;
}

static void collect(struct definitions *d, const struct object *o, const struct field *fields)
{
	bool is_known = d->cnt == MAX_OBJECTS;	/* then a reference has no definition: tests find it */

	for (size_t i = 0; i < d->cnt && o; i++)
		is_known |= d->list[i].object == o;
	if (is_known)
		return;
	if (o) {
		d->list[d->cnt].object = o;
		d->list[d->cnt++].fields = fields;
	}
	for (const struct field *f = fields; f->key; f++) {
		if (f->type == FIELD_INLINE || is_scalar_map(f))
			collect(d, NULL, f->object->fields());
		else if (f->object)
			collect(d, f->object, f->object->fields() + (f->type == FIELD_MAP));
	}
}

/* --- one value --- */

static void key_obj(struct json *j, const char *key)
{
	json__key(j, key);
	json__obj(j);
}

static void key_arr(struct json *j, const char *key)
{
	json__key(j, key);
	json__arr(j);
}

static void add_ref(struct json *j, const char *name)
{
	char ref[64];

	snprintf(ref, sizeof(ref), "#/$defs/%s", name);
	json__kstr(j, "$ref", ref);
}

/* One of two objects; without a second one, null. */
static void add_either(struct json *j, const struct object *one, const struct object *other)
{
	key_arr(j, "anyOf");
	json__obj(j);
	add_ref(j, one->name);
	json__end(j);
	json__obj(j);
	if (other)
		add_ref(j, other->name);
	else
		json__kstr(j, "type", "null");
	json__end(j);
	json__end(j);
}

static void add_type(struct json *j, const char *type, bool or_null)
{
	if (!or_null) {
		json__kstr(j, "type", type);
		return;
	}
	key_arr(j, "type");
	json__str(j, type);
	json__str(j, "null");
	json__end(j);
}

static void add_names(struct json *j, const struct field *f, bool or_null)
{
	key_arr(j, "enum");
	for (unsigned int i = f->first; i < f->end; i++)
		json__str(j, f->name(i));
	if (or_null)
		json__null(j);
	json__end(j);
}

static void add_value(struct json *j, const struct field *f, enum field_type type, enum field_need need);

/* An object of any keys, or of those that an enum has. */
static void add_map(struct json *j, const struct field *f)
{
	const struct field *inner = f->type == FIELD_MAP ? f->object->fields() : NULL;

	json__kstr(j, "type", "object");
	key_obj(j, "propertyNames");
	if (inner)
		json__kstr(j, "description", inner[0].meaning);
	else
		add_names(j, f, false);
	json__end(j);
	key_obj(j, "additionalProperties");
	if (!inner)
		add_value(j, f, f->of, MUST);
	else if (is_scalar_map(f))
		add_value(j, &inner[1], inner[1].type, inner[1].need);
	else
		add_ref(j, f->object->name);
	json__end(j);
}

static void add_list(struct json *j, const struct field *f)
{
	json__kstr(j, "type", "array");
	if (f->need == MAY)
		json__kuint(j, "minItems", 1);
	key_obj(j, "items");
	add_value(j, f, f->of, MUST);
	json__end(j);
}

static void add_value(struct json *j, const struct field *f, enum field_type type, enum field_need need)
{
	static const char *const units[] = {
#define X(id, unit) [FIELD_##id] = unit,
		NUMBER_LIST(X)
#undef X
	};

	switch (type) {
	case FIELD_STRING:
	case FIELD_BYTES:
		add_type(j, "string", need == OR_NULL);
		break;
	case FIELD_HEX:
		add_type(j, "string", need == OR_NULL);
		json__kstr(j, "pattern", "^([0-9a-f]{2})*$");
		break;
	case FIELD_BOOL:
		if (need == MAY)
			json__kbool(j, "const", true);
		else
			json__kstr(j, "type", "boolean");
		break;
	case FIELD_NAME:
		add_names(j, f, need == OR_NULL);
		break;
	case FIELD_ID:
		add_type(j, "integer", need == OR_NULL);
		json__kuint(j, "minimum", need == MAY);
		break;
	case FIELD_INT:
		add_type(j, "integer", need == OR_NULL);
		break;
	case FIELD_LIST:
		add_list(j, f);
		break;
	case FIELD_MAP:
	case FIELD_TABLE:
		add_map(j, f);
		break;
	case FIELD_OBJECT:
	case FIELD_INLINE:
		if (need == OR_NULL)
			add_either(j, f->object, NULL);
		else
			add_ref(j, f->object->name);
		break;
	default:
		if (units[type])
			json__kstr(j, "unit", units[type]);
		add_ref(j, "integer");
	}
}

/* --- one object --- */

static void add_property(struct json *j, const struct field *f)
{
	char key[64];

	key_obj(j, f->key);
	json__kstr(j, "description", f->meaning);
	add_value(j, f, f->type, f->need);
	json__end(j);
	if (f->type != FIELD_BYTES)
		return;
	snprintf(key, sizeof(key), "%s_hex", f->key);
	key_obj(j, key);
	json__kstr(j, "description", "its true bytes, when they are not UTF-8");
	json__kstr(j, "type", "string");
	json__end(j);
}

static void add_properties(struct json *j, const struct field *f)
{
	for (; f->key; f++) {
		if (f->type == FIELD_INLINE)
			add_properties(j, f->object->fields());
		else
			add_property(j, f);
	}
}

static void add_required(struct json *j, const struct field *f)
{
	for (; f->key; f++) {
		if (f->need == MAY)
			continue;
		if (f->type == FIELD_INLINE)
			add_required(j, f->object->fields());
		else
			json__str(j, f->key);
	}
}

static void add_definition(struct json *j, const struct object *o, const struct field *fields)
{
	key_obj(j, o->name);
	json__kstr(j, "description", o->meaning);
	json__kstr(j, "type", "object");
	key_arr(j, "required");
	add_required(j, fields);
	json__end(j);
	json__kbool(j, "additionalProperties", false);
	key_obj(j, "properties");
	add_properties(j, fields);
	json__end(j);
	json__end(j);
}

static void add_integer(struct json *j)
{
	key_obj(j, "integer");
	json__kstr(j, "description", "Above 2^53 a string, for readers that take numbers for doubles.");
	key_arr(j, "anyOf");
	json__obj(j);
	json__kstr(j, "type", "integer");
	json__kuint(j, "maximum", JSON_EXACT_MAX);
	json__end(j);
	json__obj(j);
	json__kstr(j, "type", "string");
	json__kstr(j, "pattern", "^[0-9]{16,20}$");
	json__end(j);
	json__end(j);
	json__end(j);
}

/* --- all of it --- */

/* Brackets that are open in the text so far. */
struct nesting {
	unsigned int depth, arrays;
	bool in_string;
};

static void add_break(struct str *out, unsigned int depth)
{
	str__addf(out, "\n%*s", (int)depth * 2, "");
}

/* One line for each member of the outer objects: schemas are read and compared by people, too. */
static void lay_out_byte(struct nesting *n, char c, struct str *out)
{
	bool opens = c == '{' || c == '[', closes = c == '}' || c == ']';

	n->arrays -= c == ']';
	if (closes && n->depth-- <= BROKEN_DEPTH && !n->arrays && c == '}')
		add_break(out, n->depth);
	str__addc(out, c);
	n->depth += opens;
	n->arrays += c == '[';
	if ((c == '{' || c == ',') && n->depth <= BROKEN_DEPTH && !n->arrays)
		add_break(out, n->depth);
	else if (c == ',' || c == ':')
		str__addc(out, ' ');
}

static void lay_out(const struct str *json, struct str *out)
{
	struct nesting n = {};

	for (size_t i = 0; i < json->len; i++) {
		char c = json->s[i];

		if (!n.in_string && c != '"') {
			lay_out_byte(&n, c, out);
			continue;
		}
		str__addc(out, c);
		if (c == '\\')
			str__addc(out, json->s[++i]);
		else if (c == '"')
			n.in_string = !n.in_string;
	}
	str__addc(out, '\n');
}

static void add_head(struct json *j, const struct answer_kind *k)
{
	char title[64];

	snprintf(title, sizeof(title), "goenvbpf %s --json", k->name);
	json__kstr(j, "$schema", "https://json-schema.org/draft/2020-12/schema");
	json__kstr(j, "title", title);
	json__kstr(j, "description", "A key that is not there: not known, or it does not apply; of a "
		   "flag: not so.");
	if (!k->other) {
		add_ref(j, k->object->name);
		return;
	}
	json__kstr(j, "type", "array");
	key_obj(j, "items");
	add_either(j, k->object, k->other);
	json__end(j);
}

int answer__schema(const struct answer_kind *k, struct str *out)
{
	__free_str struct str text = {};
	struct definitions d = {};
	struct json j;

	collect(&d, k->object, k->object->fields());
	if (k->other)
		collect(&d, k->other, k->other->fields());
	json__init(&j, &text);
	json__obj(&j);
	add_head(&j, k);
	key_obj(&j, "$defs");
	for (size_t i = 0; i < d.cnt; i++)
		add_definition(&j, d.list[i].object, d.list[i].fields);
	add_integer(&j);
	json__end(&j);
	json__end(&j);
	lay_out(&text, out);
	return str__err(&text) ?: str__err(out);
}
