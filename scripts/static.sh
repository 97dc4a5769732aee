#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Builds build/static/goenvbpf, which needs no library of the system: for older systems and small containers.
#
#   scripts/static.sh [MAKE-ARGUMENT...]
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=scripts/debian-pkg.sh
. "$top/scripts/debian-pkg.sh"
need apt-get dpkg tar make

debian_lock
source=$(debian_source "$(. /etc/os-release && echo "$VERSION_CODENAME")" cjson)
exec 9>&-
exec make -C "$top" STATIC=1 CJSON_C="$source/cJSON.c" "$@"
