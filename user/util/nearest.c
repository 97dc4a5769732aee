/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which of some names was meant by one that is not among them. */
#include <string.h>

#include "util/nearest.h"
#include "util/str.h"

#define MAX_NAME 32
#define TOO_FAR  3	/* slips: further away it is another word */

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Characters to change, insert, remove or swap with their neighbour to make b from a. */
static size_t distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), d[MAX_NAME + 1][MAX_NAME + 1];

	if (n > MAX_NAME || m > MAX_NAME)
		return MAX_NAME;
	for (size_t i = 0; i <= n; i++)
		d[i][0] = i;
	for (size_t j = 0; j <= m; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		for (size_t j = 1; j <= m; j++) {
			d[i][j] = min3(d[i - 1][j] + 1, d[i][j - 1] + 1,
				       d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    d[i - 2][j - 2] + 1 < d[i][j])
				d[i][j] = d[i - 2][j - 2] + 1;
		}
	}
	return d[n][m];
}

void nearest__try(struct nearest *n, const char *candidate)
{
	size_t d = distance(n->name, candidate);

	/* "time" for timeline */
	if (strlen(n->name) >= 3 && str_has_prefix(candidate, n->name))
		d = 0;
	if (d >= TOO_FAR || d >= strlen(candidate) || (n->best && d >= n->distance))
		return;
	n->best = candidate;
	n->distance = d;
}
