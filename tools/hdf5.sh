# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Builds other libhdf5 than the system's, to test against; sourced from the top folder, after setup.sh.
#
#   hdf5_install VERSION     makes build/hdf5/VERSION/prefix, once, and again when what it is made from changes
#
# The C sources come in a package for cargo, which is not what builds them.

# HDF5 | version of the package hdf5-metno-src | its SHA-256
hdf5_packages='
1.14.6 0.9.5  36b0303729f84fb0f2dc510d28b64cb716fb13e6a139a17e88db329123ecff82
2.2.0  0.10.4 69c883c565498492954e344c482f8622525e58c7a71100dd9498c4940da82885
'

# The C library alone, with deflate, and without the calls that libhdf5 calls deprecated: we need none of them.
hdf5_options=(
    -DCMAKE_BUILD_TYPE=Release "-DCMAKE_C_FLAGS_RELEASE=-O1 -DNDEBUG" -DHDF5_DISABLE_COMPILER_WARNINGS=ON
    -DCMAKE_INSTALL_LIBDIR=lib -DHDF5_NO_PACKAGES=ON
    -DBUILD_SHARED_LIBS=ON -DBUILD_STATIC_LIBS=OFF -DBUILD_TESTING=OFF
    -DHDF5_BUILD_TOOLS=OFF -DHDF5_BUILD_EXAMPLES=OFF -DHDF5_BUILD_HL_LIB=OFF -DHDF5_BUILD_UTILS=OFF
    -DHDF5_ENABLE_DEPRECATED_SYMBOLS=OFF -DHDF5_ENABLE_SZIP_SUPPORT=OFF
    -DHDF5_ENABLE_ZLIB_SUPPORT=ON -DHDF5_ENABLE_Z_LIB_SUPPORT=ON # one option: its name in 2.x, and in 1.14
)

# hdf5_fetch PACKAGE-VERSION SHA-256 FOLDER
hdf5_fetch() {
    mkdir -p "$3" && cat >"$3/Cargo.toml" <<EOF || return
[package]
name = "only-to-fetch"
version = "0.0.0"
edition = "2024"
rust-version = "1.85"
[lib]
path = "none.rs"
[dependencies]
hdf5-metno-src = "=$1"
EOF
    cargo vendor --versioned-dirs --manifest-path "$3/Cargo.toml" "$3/vendor" || return
    # cargo checks the files against the package, and the package against what it was told of it.
    if ! grep -qF "\"package\":\"$2\"" "$3/vendor/hdf5-metno-src-$1/.cargo-checksum.json"; then
        echo "set-up: hdf5-metno-src $1 is not the one with SHA-256 $2" >&2
        return 1
    fi
}

# hdf5_build SOURCES FOLDER
hdf5_build() {
    build/cmake-venv/bin/cmake -S "$1" -B "$2/objects" -G Ninja "${hdf5_options[@]}" \
        -DCMAKE_INSTALL_PREFIX="$PWD/$2/prefix" &&
        ninja -C "$2/objects" install
}

hdf5_install() {
    local version=$1 folder=build/hdf5/$1 stamp package checksum
    stamp=$(gcc --version && cat tools/hdf5.sh tests/cmake-requirements.txt | sha256sum) || return
    [ "$(cat "$folder/stamp" 2>/dev/null)" = "$stamp" ] && return
    if ! setup_has_cargo; then
        echo "set-up: the sources of HDF5 $version need cargo 1.85 or later, which is not found" >&2
        return 1
    fi
    read -r _ package checksum < <(grep "^$version " <<<"$hdf5_packages")
    rm -rf "$folder"
    if ! { setup_venv build/cmake-venv tests/cmake-requirements.txt &&
        hdf5_fetch "$package" "$checksum" "$folder" &&
        hdf5_build "$folder/vendor/hdf5-metno-src-$package/ext/hdf5" "$folder"; }; then
        echo "set-up: HDF5 $version could not be made" >&2
        return 1
    fi
    rm -rf "$folder/objects" "$folder/vendor"
    echo "$stamp" >"$folder/stamp"
}
