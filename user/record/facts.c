/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a line of a record says, where more than one key has to be read for it. */
#include <stdio.h>
#include <time.h>

#include "record/facts.h"

bool rec__is_directory(const struct rec *rec)
{
	const char *type = rec__str(rec, "type");

	return type && str_eq(type, "dir");
}

bool rec__is_incomplete(const struct rec *rec, const char *fact)
{
	const struct jsonv *v = jsonv__first(jsonv__get(rec->root, "incomplete"));

	for (; v; v = jsonv__next(v))
		if (str_eq(jsonv__string(v) ?: "", fact))
			return true;
	return false;
}

int64_t rec__mtime(const struct rec *rec)
{
	uint64_t ns = rec__uint(rec, "mtime", 0);

	return ns <= INT64_MAX ? (int64_t)ns : 0;
}

int64_t rfc3339__ns(const char *time)
{
	struct tm tm = {};
	int64_t frac = 0, scale = 1000000000, offset = 0;
	const char *p = time ? strptime(time, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
	int h, min;

	if (!p)
		return 0;
	if (*p == '.')
		for (p++; *p >= '0' && *p <= '9'; p++)
			if (scale > 1)
				frac += (*p - '0') * (scale /= 10);
	if ((*p == '+' || *p == '-') && sscanf(p + 1, "%2d:%2d", &h, &min) == 2)
		offset = (*p == '-' ? -1 : 1) * (h * 3600 + min * 60);
	return ((int64_t)timegm(&tm) - offset) * 1000000000 + frac;
}

void rfc3339__utc(int64_t ns, char ret[RFC3339_SZ])
{
	int64_t frac = ns % 1000000000;
	time_t sec = ns / 1000000000 - (frac < 0);
	struct tm tm;
	char day[32];

	if (!gmtime_r(&sec, &tm) || !strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm))
		day[0] = '\0';
	snprintf(ret, RFC3339_SZ, "%s.%09lldZ", day, (long long)(frac < 0 ? frac + 1000000000 : frac));
}
