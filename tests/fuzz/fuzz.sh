#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Fuzzes one target with libFuzzer, address and undefined behaviour sanitizers; needs clang. The new inputs and what
# was found (crash-…, timeout-…, oom-…) go to build/fuzz/found/TARGET.
#
#     tests/fuzz/fuzz.sh TARGET SECONDS [OPTIONS OF LIBFUZZER]      TARGET: config, index, scan, state, table
#
# scan runs libhdf5, which is not built with sanitizers and has faults of its own: there fuzzing goes on after each
# finding, and only those with a frame of this program on top of the stack are ours (the log says).
set -eu -o pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tools/setup.sh
. tools/setup.sh
target=$1 seconds=$2
shift 2
CC=clang setup_meson build/fuzz -Dtests=true -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false
ninja -C build/fuzz "tests/fuzz/fuzz_$target"
found=build/fuzz/found/$target
mkdir -p "$found/corpus"
options=(-max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -artifact_prefix="$found/")
if [ "$target" = scan ]; then
    export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1
    options+=(-fork=1 -ignore_crashes=1 -ignore_timeouts=1 -ignore_ooms=1 -max_len=40000)
fi
exec "build/fuzz/tests/fuzz/fuzz_$target" "${options[@]}" "$@" "$found/corpus" "tests/fuzz/corpus/$target"
