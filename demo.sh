#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds harmonizer, makes a few merged runs of very different size and harmonizes them. No Python needed.
set -eu
cd "$(dirname "$0")"
# shellcheck source=tools/setup.sh
. tools/setup.sh

case "${1:-}" in
'') ;;
-h | --help)
    echo "Usage: ./demo.sh    shows harmonizer at work on small sample runs, all inside build/"
    exit
    ;;
*)
    echo "demo.sh: takes no argument, got \"$1\"; see ./demo.sh --help" >&2
    exit 2
    ;;
esac

log=build/logs/demo.log
demo=build/demo
mkrun=build/release/tests/gen/mkrun
harmonizer=build/release/cli/harmonizer

# A folder that test.sh configured is taken as it is.
build() {
    [ -e build/release/build.ninja ] || setup_meson build/release -Dtests=false
    ninja -C build/release "${mkrun#build/release/}" "${harmonizer#build/release/}"
}

# make_run NUMBER LAYOUT EVENTS FRIB_ONLY_EVENTS SCALERS
make_run() {
    "$mkrun" "$(printf '%s/merged/run_%04d.h5' "$demo" "$1")" --run "$1" --layout "$2" --events "$3" \
        --traces 100:500 --frib-tail "$4" --scalers "$5"
    # Runs of this minute might still be written by a merger, which the program would say.
    touch -d '1 day ago' "$(printf '%s/merged/run_%04d.h5' "$demo" "$1")"
}

# A bar of 40 signs is the largest file of both folders.
chart() {
    local largest=$1 file bytes
    shift
    for file; do
        bytes=$(stat -c %s "$file")
        awk -v name="${file##*/}" -v bytes="$bytes" -v largest="$largest" 'BEGIN {
            bar = sprintf("%*s", int(40 * bytes / largest + 0.5), "")
            gsub(/ /, "#", bar)
            printf "  %-14s %7.2f MB  %s\n", name, bytes / 1e6, bar
        }'
    done
}

mkdir -p build/logs
setup_packages build
echo "Building harmonizer …"
if ! build >"$log" 2>&1; then
    tail -n 25 "$log" >&2
    echo "demo.sh: the build failed; all of it is in $log" >&2
    exit 1
fi

echo "Making sample runs in $demo/merged …"
rm -rf "$demo"
mkdir -p "$demo/merged" "$demo/harmonic"
make_run 55 0.1.0 40 0 3
make_run 56 1.0 230 5 8
make_run 57 2.0 12 0 1
make_run 59 2.0 110 3 5
make_run 60 0.2.0 3 0 0
make_run 61 synchronizer 75 0 4

cat >"$demo/config.yml" <<'END'
merger_path: "build/demo/merged"
harmonic_path: "build/demo/harmonic"
harmonic_count: 5
min_run: 55
max_run: 61    # there is no run 58: runs may be missing
END
echo
echo "\$ $harmonizer -c $demo/config.yml"
"$harmonizer" -c "$demo/config.yml"

largest=$(stat -c %s "$demo"/merged/*.h5 "$demo"/harmonic/*.h5 | sort -n | tail -n 1)
echo
echo "Merged runs, as the detector's data taking left them:"
chart "$largest" "$demo"/merged/*.h5
echo "Harmonic runs, the same events in the same order:"
chart "$largest" "$demo"/harmonic/*.h5

echo
echo "Where did event 200 of merged run 56 go?"
echo "\$ $harmonizer -c $demo/config.yml find 56 200"
"$harmonizer" -c "$demo/config.yml" find 56 200

cat <<END

On your own data:
  $harmonizer -c my.yml new       writes my.yml with a comment on every key: put in your paths and runs
  $harmonizer -c my.yml plan      shows what would be written, and writes nothing
  $harmonizer -c my.yml           does it; after an interruption the same command goes on
END
