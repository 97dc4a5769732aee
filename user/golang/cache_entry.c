/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Index entries of the build cache. */
#include <errno.h>
#include <string.h>

#include "golang/cache_entry.h"

#define NUMBER_LEN 20

static bool is_hex(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!(s[i] >= '0' && s[i] <= '9') && !(s[i] >= 'a' && s[i] <= 'f'))
			return false;
	return true;
}

bool cache_entry__is_path(const char *path, size_t n)
{
	const char *name = path + n - (CACHE_ID_LEN + 2);

	if (n < CACHE_ID_LEN + 6 || memcmp(path + n - 2, "-a", 2) || name[-1] != '/' ||
	    name[-4] != '/' || memcmp(name - 3, name, 2))
		return false;
	return is_hex(name, CACHE_ID_LEN);
}

/* A number in a field of 20 bytes, blanks before it. */
static bool parse_number(const char *s, uint64_t *ret)
{
	int i = 0;

	while (i < NUMBER_LEN && s[i] == ' ')
		i++;
	if (i == NUMBER_LEN)
		return false;
	for (*ret = 0; i < NUMBER_LEN; i++) {
		if (s[i] < '0' || s[i] > '9' || __builtin_mul_overflow(*ret, 10, ret) ||
		    __builtin_add_overflow(*ret, s[i] - '0', ret))
			return false;
	}
	return true;
}

int cache_entry__parse(const char *text, size_t n, struct cache_entry *ret)
{
	const char *action = text + 3, *output = action + CACHE_ID_LEN + 1;
	const char *size = output + CACHE_ID_LEN + 1, *time = size + NUMBER_LEN + 1;
	struct cache_entry e = {};
	uint64_t ns;

	if (n != CACHE_ENTRY_LEN || memcmp(text, "v1 ", 3) || output[-1] != ' ' ||
	    size[-1] != ' ' || time[-1] != ' ' || time[NUMBER_LEN] != '\n')
		return -EBADMSG;
	if (!is_hex(action, CACHE_ID_LEN) || !is_hex(output, CACHE_ID_LEN) ||
	    !parse_number(size, &e.size) || !parse_number(time, &ns) || ns > INT64_MAX)
		return -EBADMSG;
	e.time = ns;
	memcpy(e.action, action, CACHE_ID_LEN);
	memcpy(e.output, output, CACHE_ID_LEN);
	*ret = e;
	return 0;
}
