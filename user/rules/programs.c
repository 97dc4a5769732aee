/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rules about programs. */
#include "rules/rule.h"

const struct rule rules_programs[] = {
	{}
};
