#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs a command in a clone of HEAD on a bare Debian 12. See tools/bare_root.sh --help.
set -eu -o pipefail
cd "$(dirname "$0")/.."

usage() {
    cat <<'END'
Usage: tools/bare_root.sh COMMAND [ARGUMENT…]

Makes a Debian 12 with git and ca-certificates and nothing else, clones HEAD into a home folder of mode 700, and runs
the command there as root:

    tools/bare_root.sh ./demo.sh
    tools/bare_root.sh ./test.sh unit system
    CI=true tools/bare_root.sh ./test.sh        all parts; with CI=true it installs what each of them needs

The exit status is that of the command, 2 for a wrong call, 125 where the Debian could not be made. What the command
left stays in build/bare/root until the next call: logs in build/bare/root/root/harmonizer/build/logs.

Needs root, and Debian 12 as a source of packages in this machine's apt configuration. The configuration of apt, pip
and cargo, certificates, and variables of the environment that name proxies and package indexes are this machine's.
Processes and mounts of the command end with it. It uses this machine's network: Slurm's tests take free ports.
END
}

suite=bookworm
bare=build/bare
base=$bare/base   # the bare Debian, as it is kept
root=$bare/root   # the copy that the command runs in
home=/root        # in there; mode 700, as Debian makes it
clone=$home/harmonizer

fail() {
    echo "bare_root.sh: $*" >&2
    exit 125
}

# Where this machine's apt gets that Debian from.
find_mirror() {
    # shellcheck disable=SC2016 # apt puts them in
    apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(CREATED_BY) $(REPO_URI)' |
        sed -n "s/^$suite main Packages //p" | head -n 1
}

make_base() {
    local mirror log=$bare/debootstrap.log
    [ ! -e "$base" ] || return 0
    if ! command -v debootstrap >/dev/null; then
        apt-get install -y --no-install-recommends debootstrap >"$log" 2>&1 ||
            fail "debootstrap cannot be installed, see $log"
    fi
    mirror=$(find_mirror)
    [ -n "$mirror" ] || fail "the apt configuration of this machine has no source of Debian 12 ($suite main)"
    echo "bare_root.sh: making a bare Debian 12 in $base …" >&2
    rm -rf "$base.part"
    (
        eval "$(apt-config shell http_proxy Acquire::http::Proxy https_proxy Acquire::https::Proxy)"
        export http_proxy https_proxy
        debootstrap --variant=minbase --include=git,ca-certificates "$suite" "$base.part" "$mirror"
    ) >"$log" 2>&1 || fail "debootstrap failed, see $log"
    mv "$base.part" "$base"
}

# What this machine knows of where packages come from, certificates and names in the network.
take_over_configuration() {
    local file
    rm -rf "$root/etc/apt"
    cp -a /etc/apt "$root/etc/apt"
    for file in /etc/resolv.conf /etc/hosts /etc/pip.conf ~/.config/pip/pip.conf ~/.pip/pip.conf \
        ~/.cargo/config ~/.cargo/config.toml; do
        [ ! -e "$file" ] || install -D -m 644 "$file" "$root${file/#"$HOME"/"$home"}"
    done
    for file in /usr/local/share/ca-certificates /usr/share/keyrings; do
        [ ! -e "$file" ] || { mkdir -p "$root$file" && cp -RLn "$file/." "$root$file"; }
    done
    chroot "$root" update-ca-certificates >"$bare/certificates.log" 2>&1 ||
        fail "certificates could not be taken over, see $bare/certificates.log"
}

make_root() {
    rm -rf --one-file-system "$root"
    cp -a --reflink=auto "$base" "$root"
    take_over_configuration
    git clone --quiet "file://$PWD" "$root$clone"
    [ "$(stat -c %a "$root$home")" = 700 ] || fail "$root$home is not of mode 700"
}

# Of the environment only what says how packages come here; a command line would show it to all.
keep_variables() {
    local name
    for name in $(compgen -e); do
        case ${name,,} in
        http_proxy | https_proxy | no_proxy | all_proxy | ci | term | path | home) ;;
        pip_* | ssl_* | curl_* | requests_* | git_ssl_* | cargo_http_* | cargo_net_* | cargo_source_* | cargo_registr*)
            show_file "${!name}"
            ;;
        *) unset "$name" ;;
        esac
    done
    export HOME=$home PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
}

# Where a variable names a file or folder of this machine, it is to be seen there, too.
show_file() {
    if [[ $1 = /* && -e $1 && ! -e $root$1 ]]; then
        if [ -d "$1" ]; then
            mkdir -p "$root$1"
        else
            install -D /dev/null "$root$1"
        fi
        mount --bind -o ro "$1" "$root$1"
    fi
}

# In namespaces of its own for mounts and processes, which end with it. It is process 1 there: it stays, to collect
# the processes that others leave behind.
enter() {
    mount -t proc proc "$root/proc"
    mount -t sysfs -o ro sysfs "$root/sys"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$root/dev/pts"
    ln -sf pts/ptmx "$root/dev/ptmx"
    mount -t tmpfs tmpfs "$root/dev/shm"
    keep_variables
    local status=0
    # shellcheck disable=SC2016 # to be expanded in there
    chroot "$root" /bin/bash -c 'cd "$1" && shift && exec "$@"' bash "$clone" "$@" || status=$?
    exit "$status"
}

case "${1:-}" in
--inside) # called by itself
    shift
    enter "$@"
    ;;
-h | --help) usage && exit ;;
'' | -*) usage >&2 && exit 2 ;;
esac
[ "$(id -u)" -eq 0 ] || fail "only root can make one"
mkdir -p "$bare"
exec 9>"$bare/lock"
flock -n 9 || fail "another call of it is under way in $bare"
make_base
make_root
[ -z "$(git status --porcelain)" ] || echo "bare_root.sh: HEAD is cloned, without uncommitted changes" >&2
status=0
# Whatever ends this script ends unshare, and with it all in there.
setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child tools/bare_root.sh --inside "$@" 9>&- || status=$?
exit "$status"
