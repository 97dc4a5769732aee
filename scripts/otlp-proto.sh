#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Fetches OpenTelemetry's official .proto files, as Debian packages them, into the cache; nothing is
# installed. Prints the folder to give to protoc -I.
set -euo pipefail
# shellcheck source=scripts/debian-pkg.sh
. "$(dirname "$0")/debian-pkg.sh"

SUITE=trixie	# bookworm has none

[ $# = 0 ] || die "usage: scripts/otlp-proto.sh"
need apt-get dpkg-deb flock
debian_lock
echo "$(debian_tree "$SUITE" "$(dpkg --print-architecture)" otlp-proto opentelemetry-proto)/usr/include"
