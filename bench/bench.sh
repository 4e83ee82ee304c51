#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Times harmonizer against `cp` with `sync` and an h5py script, in turn, on runs that it makes. All in build/bench.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=tools/setup.sh
. tools/setup.sh
setup_packages test
setup_venv build/venv tests/requirements.txt
setup_meson build/release -Dtests=true
ninja -C build/release >/dev/null
exec build/venv/bin/python bench/bench.py "$@"
