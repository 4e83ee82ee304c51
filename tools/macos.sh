#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Compiles every source of the program for macOS, for both processors, with zig's compiler: tools/macos.sh ZIG-PYTHON
# BUILD-FOLDER. Nothing is linked or run. ZIG-PYTHON is a Python that has ziglang; BUILD-FOLDER is configured.
set -eu -o pipefail
cd "$(dirname "$0")/.."
python=$1
build=$2
headers=build/macos/headers
export ZIG_GLOBAL_CACHE_DIR=$PWD/build/macos/cache ZIG_LOCAL_CACHE_DIR=$PWD/build/macos/cache

# Headers of the libraries, without those of this system's C library beside them.
collect_headers() {
    local name found
    rm -rf "$headers"
    mkdir -p "$headers"
    for name in yaml.h jansson.h jansson_config.h xxhash.h zstd.h zstd_errors.h; do
        found=$(echo "#include <$name>" | gcc -E - 2>/dev/null | sed -n "s|^# 1 \"\(/.*/$name\)\".*|\1|p" | head -n 1)
        if [ -z "$found" ]; then
            echo "macos.sh: $name is not found" >&2
            return 1
        fi
        cp "$found" "$headers"
    done
    : >"$headers/features.h" # of glibc, which hdf5.h of a Linux includes
}

# The objects lie in a folder of their own: the compiler leaves them where it is started.
compile() {
    local target=$1 top=$PWD objects=build/macos/$1 folder flags=()
    for folder in lib/* cli "$build/lib/base" "$headers"; do
        flags+=("-I$top/$folder")
    done
    rm -rf "$objects"
    mkdir -p "$objects"
    # shellcheck disable=SC2046 # flags
    git ls-files 'lib/*.c' 'cli/*.c' | sed "s|^|$top/|" |
        (cd "$objects" && xargs -n 1 -P 2 "$top/$python" -m ziglang cc -target "$target" -c -std=c17 -D_GNU_SOURCE \
            -D_FILE_OFFSET_BITS=64 -Wall -Wextra -Werror -include "$top/lib/base/banned.h" "${flags[@]}" \
            $(pkg-config --cflags hdf5))
    [ "$(find "$objects" -name '*.o' | wc -l)" -eq "$(git ls-files 'lib/*.c' 'cli/*.c' | wc -l)" ]
}

collect_headers
for target in aarch64-macos x86_64-macos; do
    echo "$target"
    compile "$target"
done
