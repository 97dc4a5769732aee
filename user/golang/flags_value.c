/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which values a flag of cmd/go takes, where parsing it already tells. */
#include <ctype.h>
#include <string.h>

#include "golang/flags_table.h"
#include "util/str.h"

static bool is_one_of(const char *value, const char *const *list)
{
	for (; *list; list++)
		if (str_eq(value, *list))
			return true;
	return false;
}

/* strconv.ParseBool */
static bool is_bool(const char *value)
{
	static const char *const bools[] = {
		"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False", NULL,
	};

	return is_one_of(value, bools);
}

static bool is_buildvcs(const char *value)
{
	return !*value || str_eq(value, "auto") || is_bool(value);
}

static bool is_test_v(const char *value)
{
	return str_eq(value, "test2json") || is_bool(value);
}

/* The digits' base by their prefix, as strconv.ParseInt(…, 0, …) takes it; *s moves behind it. */
static int base_of(const char **s)
{
	static const struct {
		char letter;
		int base;
	} bases[] = { { 'x', 16 }, { 'o', 8 }, { 'b', 2 } };
	size_t i;

	if (**s != '0' || !(*s)[1])
		return 10;
	for (i = 0; i < ARRAY_SIZE(bases); i++)
		if (tolower((unsigned char)(*s)[1]) == bases[i].letter) {
			*s += 2;
			return bases[i].base;
		}
	return 8;
}

static int digit_of(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	return isalpha((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : 99;
}

static bool is_int(const char *s)
{
	uint64_t v = 0, max = INT64_MAX;
	const char *start;
	int base, digit;

	max += *s == '-';
	s += *s == '-' || *s == '+';
	start = s;
	base = base_of(&s);
	if (!*s)
		return false;
	for (; *s; s++) {
		if (*s == '_' && s > start && s[1] && s[1] != '_')
			continue;	/* between digits, or behind a prefix */
		digit = digit_of(*s);
		if (digit >= base || v > (max - digit) / base)
			return false;
		v = v * base + digit;
	}
	return true;
}

/* time.ParseDuration: "10m", "1h30m", "1.5s", "0" */
static bool is_duration(const char *s)
{
	static const char *const units[] = { "ns", "us", "\xc2\xb5s", "\xce\xbcs", "ms", "s", "m", "h" };
	size_t digits, fraction, i, n;

	s += *s == '-' || *s == '+';
	if (str_eq(s, "0"))
		return true;
	if (!*s)
		return false;
	while (*s) {
		digits = strspn(s, "0123456789");
		s += digits;
		fraction = *s == '.' ? strspn(s + 1, "0123456789") : 0;
		s += *s == '.' ? 1 + fraction : 0;
		if (!digits && !fraction)
			return false;
		for (i = 0, n = 0; i < ARRAY_SIZE(units) && !n; i++) {
			n = strlen(units[i]);
			n = strncmp(s, units[i], n) ? 0 : n;
		}
		if (!n)
			return false;
		s += n;
	}
	return true;
}

/* Quotes, where words have them, end. */
static bool are_words(const char *value)
{
	char quote;

	while (*(value += strspn(value, " \t\n\r"))) {
		quote = *value == '"' || *value == '\'' ? *value : '\0';
		if (!quote) {
			value += strcspn(value, " \t\n\r");
			continue;
		}
		value = strchr(value + 1, quote);
		if (!value)
			return false;
		value++;
	}
	return true;
}

/* "-N -l", "pattern=-N -l"; spaces around it do not count. */
static bool are_package_words(const char *value)
{
	const char *equals;

	value += strspn(value, " \t\n\v\f\r");
	if (*value == '-' || !*value)
		return are_words(value);
	equals = strchr(value, '=');
	return equals && equals != value && *value != '"' && *value != '\'' && are_words(equals + 1);
}

static bool is_covermode(const char *value)
{
	static const char *const modes[] = { "", "set", "count", "atomic", NULL };

	return is_one_of(value, modes);
}

static bool is_compiler(const char *value)
{
	static const char *const compilers[] = { "gc", "gccgo", NULL };

	return is_one_of(value, compilers);
}

static bool is_shuffle(const char *s)
{
	static const char *const words[] = { "off", "on", NULL };
	const char *digits = s + (*s == '-' || *s == '+');

	/* A seed is decimal, whatever it begins with. */
	return is_one_of(s, words) || (*digits && !digits[strspn(digits, "0123456789")]);
}

/* Which analyzers there are is not checked. */
static bool is_vet(const char *value)
{
	size_t n = strlen(value);

	if (!n)
		return true;
	return !strpbrk(value, "= ") && value[0] != ',' && value[n - 1] != ',' && !strstr(value, ",,");
}

static bool are_tags(const char *value)
{
	return !strpbrk(value, " '") || are_words(value);
}

static bool is_refused(const char *value)
{
	return false;
}

static bool (*const takes[])(const char *value) = {
	[FORM_BOOL]	 = is_bool,
	[FORM_BUILDVCS]	 = is_buildvcs,
	[FORM_TEST_V]	 = is_test_v,
	[FORM_INT]	 = is_int,
	[FORM_DURATION]	 = is_duration,
	[FORM_WORDS]	 = are_words,
	[FORM_PACKAGES]	 = are_package_words,
	[FORM_TAGS]	 = are_tags,
	[FORM_COVERMODE] = is_covermode,
	[FORM_COMPILER]	 = is_compiler,
	[FORM_SHUFFLE]	 = is_shuffle,
	[FORM_VET]	 = is_vet,
	[FORM_CHDIR]	 = is_refused,
};

bool go_flag__takes(const struct go_flag_kind *kind, const char *value)
{
	if (!value)
		return kind->form < FORM_VALUED;	/* true */
	if (kind->form >= ARRAY_SIZE(takes) || !takes[kind->form])
		return true;
	return takes[kind->form](value);
}
