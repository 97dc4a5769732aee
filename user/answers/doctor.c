/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What this host lets us see, as data. */
#include "answers/doctor.h"

GET(name, struct capability, s, o->name)
GET(detail, struct capability, s, o->detail)

OBJECT(capability, struct capability, "Something that was tried on this host.",
	F_GET("name",		FIELD_STRING, MUST, name, "what was tried: TIER.HOOK for a hook"),
	F_BOOL("ok",		MUST, ok, "it works"),
	F_GET("detail",		FIELD_STRING, MUST, detail, "what was found"),
	F_STRING("remedy",	OR_NULL, remedy, "what helps; null when it works"))

PUBLIC_OBJECT(doctor, struct diagnosis, "What can be observed on this host.",
	F_STRING("tier",	OR_NULL, tier, "the way of hooking into the kernel that a capture takes; null: none works"),
	F_ARRAY("capabilities",	MUST, list, cnt, capability, "all that was tried"))
