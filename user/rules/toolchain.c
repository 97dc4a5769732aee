/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rules about toolchain. */
#include "rules/rule.h"

const struct rule rules_toolchain[] = {
	{}
};
