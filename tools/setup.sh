# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Gets what building and testing need; sourced by test.sh and demo.sh from the top folder.
#
#   setup_packages build|test          installs what is missing on Debian and Ubuntu; elsewhere only looks. Names
#                                      every tool and library that lacks. "test" includes "build".
#   setup_venv FOLDER REQUIREMENTS [PYTHON]
#                                      a Python environment made once, and again when REQUIREMENTS changes
#   setup_meson FOLDER OPTIONS         configures a build folder, or does so again when the options are others
#   setup_python                       prints the Python to use: the system's, where there is one
#   setup_spyral_python                prints one that Spyral can run on (3.10 to 3.12)
#
# Each returns 0, or 1 after a message on stderr. A second call costs a fraction of a second.

# list | how it is looked for | Debian and Ubuntu | dnf | brew
# Looked for: cmd NAME (a command), mod NAME (a pkg-config module), run COMMAND (ends with 0); "or" between two.
setup_needs='
build | cmd gcc                         | gcc           | gcc               | gcc
build | run setup_compiles gcc          | libc6-dev     | glibc-devel       | gcc
build | cmd meson                       | meson         | meson             | meson
build | cmd ninja                       | ninja-build   | ninja-build       | ninja
build | cmd pkg-config                  | pkg-config    | pkgconf-pkg-config | pkgconf
build | mod hdf5 or cmd h5cc            | libhdf5-dev   | hdf5-devel        | hdf5
build | mod yaml-0.1                    | libyaml-dev   | libyaml-devel     | libyaml
build | mod jansson                     | libjansson-dev | jansson-devel    | jansson
build | mod libxxhash                   | libxxhash-dev | xxhash-devel      | xxhash
build | mod libzstd                     | libzstd-dev   | libzstd-devel     | zstd
test  | cmd git                         | git           | git               | git
test  | mod cmocka                      | libcmocka-dev | libcmocka-devel   | cmocka
test  | cmd h5repack                    | hdf5-tools    | hdf5              | hdf5
test  | cmd xxh128sum                   | xxhash        | xxhash            | xxhash
test  | cmd clang                       | clang         | clang             | llvm
test  | run setup_compiles clang -fsanitize=address,undefined | libclang-rt | compiler-rt | llvm
test  | cmd clang-format                | clang-format  | clang-tools-extra | clang-format
test  | cmd run-clang-tidy              | clang-tidy    | clang-tools-extra | llvm
test  | cmd shellcheck                  | shellcheck    | ShellCheck        | shellcheck
test  | cmd g++                         | g++           | gcc-c++           | gcc
test  | mod eigen3                      | libeigen3-dev | eigen3-devel      | eigen
test  | run setup_python                | python3       | python3           | python
test  | run setup_has_venv              | python3-venv  | python3           | python
test  | run setup_has_python_header     | python3-dev   | python3-devel     | python
test  | cmd scdoc                       | scdoc         | scdoc             | scdoc
test  | cmd man                         | man-db        | man-db            | man-db
test  | cmd ps                          | procps        | procps-ng         | -
test  | cmd strace                      | strace        | strace            | -
test  | run setup_has_cargo_or_may_lack | cargo         | cargo             | rust
test  | run setup_has_or_may_lack munged    | munge         | munge             | -
test  | run setup_has_or_may_lack slurmctld | slurm-wlm     | slurm-slurmctld   | -
'

# Only the part slurm fails without it, but CI must have it.
setup_has_or_may_lack() {
    [ "${CI:-}" != true ] || [ -x "/usr/sbin/$1" ] || command -v "$1" >/dev/null
}

# One that reads packages of edition 2024.
setup_has_cargo() {
    local version
    version=$(cargo --version 2>/dev/null) &&
        printf '1.85\n%s\n' "${version#cargo }" | sort -VC
}

# Only the parts that need it fail without it, but CI must have it.
setup_has_cargo_or_may_lack() {
    [ "${CI:-}" != true ] || setup_has_cargo
}

setup_compiles() {
    echo 'int main(void) { return 0; }' | "$@" -x c -o /dev/null - 2>/dev/null
}

# Another python3 may come first in PATH; the packages above belong to the system's.
setup_python() {
    if [ -x /usr/bin/python3 ]; then
        echo /usr/bin/python3
    else
        command -v python3
    fi
}

setup_spyral_python() {
    local python
    for python in "$(setup_python)" python3.12 python3.11 python3.10; do
        if "$python" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 13))' 2>/dev/null; then
            command -v "$python"
            return
        fi
    done
    echo "set-up: no Python 3.10, 3.11 or 3.12 found, which Spyral needs" >&2
    return 1
}

setup_has_venv() {
    "$(setup_python)" -c 'import ensurepip, venv'
}

setup_has_python_header() {
    "$(setup_python)" -c 'import os, sysconfig, sys
sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))'
}

# Prints the rows of list $1 as ways|Debian|dnf|brew.
setup_rows() {
    sed -n 's/ *| */|/g; s/^build|//p' <<<"$setup_needs"
    if [ "$1" = test ]; then
        sed -n 's/ *| */|/g; s/^test|//p' <<<"$setup_needs"
    fi
}

# The sanitizers' runtime is a package of its own whose name has clang's version in it.
setup_clang_runtime() {
    local installed
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 'libclang-rt-*-dev' 2>/dev/null |
        awk '$1 == "installed" && $2 ~ /^libclang-rt-[0-9]+-dev$/ { print $2; exit }')
    if [ -n "$installed" ]; then
        echo "$installed"
    else
        apt-cache depends clang 2>/dev/null |
            sed -n 's/.*Depends: clang-\([0-9][0-9]*\)$/libclang-rt-\1-dev/p' | head -n 1
    fi
}

# Debian 12 has a second, recent one for its browsers. Any other that is recent will do, from wherever it is; one
# that is too old is replaced in CI only.
setup_cargo_package() {
    if setup_has_cargo || { [ "${CI:-}" != true ] && command -v cargo >/dev/null; }; then
        return
    elif [ -n "$(apt-cache show cargo-web 2>/dev/null)" ]; then
        echo cargo-web
    else
        echo cargo
    fi
}

# Prints the Debian packages of list $1 that are not installed.
setup_missing_packages() {
    local wanted
    mapfile -t wanted < <(setup_rows "$1" | cut -d '|' -f 2 | grep -vx -e libclang-rt -e cargo)
    if [ "$1" = test ]; then
        wanted+=("$(setup_clang_runtime)" "$(setup_cargo_package)")
    fi
    comm -23 <(printf '%s\n' "${wanted[@]}" | grep . | sort) \
        <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null |
            sed -n 's/^installed //p' | sort)
}

setup_apt() {
    local missing=() root=() log=build/logs/apt.log
    mapfile -t missing < <(setup_missing_packages "$1")
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "set-up: neither root nor sudo here; please have installed: apt-get install ${missing[*]}" >&2
            return 1
        fi
        root=(sudo)
    fi
    root+=(env DEBIAN_FRONTEND=noninteractive)
    mkdir -p build/logs
    echo "set-up: installing ${missing[*]}" >&2
    "${root[@]}" apt-get update >"$log" 2>&1
    # Where the package lists were empty, only now can the name of the runtime be told.
    mapfile -t missing < <(setup_missing_packages "$1")
    if ! "${root[@]}" apt-get install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
        tail -n 5 "$log" >&2
        echo "set-up: apt-get failed, see $log" >&2
        return 1
    fi
}

# True where one of the ways in "$1" finds the thing: "mod hdf5 or cmd h5cc".
setup_found() {
    local way command
    while read -r way; do
        case $way in
        cmd\ *) command -v "${way#cmd }" >/dev/null && return ;;
        mod\ *) pkg-config --exists "${way#mod }" 2>/dev/null && return ;;
        run\ *)
            read -ra command <<<"${way#run }"
            "${command[@]}" >/dev/null 2>&1 && return
            ;;
        esac
    done <<<"${1// or /$'\n'}"
    return 1
}

setup_check() {
    local ways debian dnf brew lacking=0
    while IFS='|' read -r ways debian dnf brew; do
        if ! setup_found "$ways"; then
            echo "set-up: not found: $ways (Debian: $debian, dnf: $dnf, brew: $brew)" >&2
            lacking=1
        fi
    done < <(setup_rows "$1")
    return $lacking
}

setup_packages() {
    if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
        setup_apt "$1" || return
    fi
    setup_check "$1"
}

setup_venv() {
    local folder=$1 requirements=$2 python=${3:-$(setup_python)} stamp
    stamp=$("$python" --version && sha256sum <"$requirements") || return
    [ "$(cat "$folder/stamp" 2>/dev/null)" = "$stamp" ] && return
    rm -rf "$folder"
    # As a constraint too, so that what a source package builds with is pinned as well.
    if ! { "$python" -m venv "$folder" &&
        PIP_CONSTRAINT=$PWD/$requirements PIP_DISABLE_PIP_VERSION_CHECK=1 \
            "$folder/bin/pip" install --no-input --quiet -r "$requirements" &&
        "$folder/bin/pip" check; }; then
        echo "set-up: $folder could not be made from $requirements" >&2
        return 1
    fi
    echo "$stamp" >"$folder/stamp"
}

setup_meson() {
    local folder=$1
    shift
    if [ -e "$folder/build.ninja" ]; then
        [ "$(cat "$folder/options" 2>/dev/null)" = "$*" ] && return
        # One of another meson or compiler cannot be configured again.
        meson setup --reconfigure "$folder" "$@" || rm -rf "$folder"
    fi
    if [ ! -e "$folder/build.ninja" ]; then
        meson setup "$folder" "$@" || return
    fi
    echo "$*" >"$folder/options"
}
