#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds harmonizer and runs all its tests, or those parts that are named. See ./test.sh --help.
# The last line is "N passed, N failed"; exit 0 only if nothing failed and each part ran something.
# shellcheck disable=SC2317 # the parts are called by name
cd "$(dirname "$0")" || exit 1
# shellcheck source=tools/setup.sh
. tools/setup.sh
# shellcheck source=tools/hdf5.sh
. tools/hdf5.sh

# part | kind | what it is. A check counts as one test; the others count their test cases.
parts='
format       check  C files are as clang-format writes them
length       check  no function has more than 60 lines
shell        check  shellcheck finds nothing in the shell scripts
unit         tests  gcc build; unit tests
builds       check  it compiles without a warning whatever a packager asks for, with gcc and with clang
analyse      check  clang-tidy finds nothing (what it looks for: .clang-tidy)
macos        check  every source compiles for macOS, for both processors
system       tests  Python tests of the program as its users run it
asan         tests  clang build with address and undefined behaviour sanitizers; unit tests
asan-system  tests  the Python tests once more with that build
cost         tests  what a job reads from the disk, its memory, its growth with the number of events
crash        tests  the program killed at each of its system calls, then started again
mutations    tests  2,000 damaged merged runs
slurm        tests  the three steps through a real Slurm queue on this machine
fault        tests  every call of a small job fails once: nothing is lost
hdf5-2       tests  libhdf5 2.2.0: unit tests, Python tests of runs and sets, and the same bytes
hdf5-1-14    tests  libhdf5 1.14.6: unit tests, and the same bytes
interop      tests  Spyral 1.1.2 reads harmonic runs
tree         check  the tests changed nothing in the work tree
'
logs=build/logs
two_at_once=(-n 2 --dist worksteal)
declare -A built   # build folder -> exit status of its build

usage() {
    echo "Usage: ./test.sh [PART…]    runs all parts, or the named ones, in this order:"
    sed -n 's/^\([a-z0-9-]* *\) [a-z]* /  \1/p' <<<"$parts"
    echo "Logs are in $logs/. Needed packages are installed (Debian, Ubuntu) or named."
}

# --- building ---------------------------------------------------------------------------------------------------

# Warnings are errors here alone: a user's compiler may be one that we have not seen.
configure() {
    setup_meson "$@" -Dwerror=true
}

# build FOLDER [MESON OPTIONS]: once a run, however many parts ask for it.
build() {
    local folder=$1
    shift
    if [ -z "${built[$folder]:-}" ]; then
        configure "$folder" "$@" && ninja -C "$folder"
        built[$folder]=$?
    fi
    return "${built[$folder]}"
}

build_release() {
    build build/release -Dtests=true
}

build_asan() {
    CC=clang build build/asan -Dtests=true -Db_sanitize=address,undefined -Db_lundef=false
}

# --- tests: leave their results for count_results.py ------------------------------------------------------------

# run_meson_tests BUILD FOLDER, MESON TEST OPTIONS
run_meson_tests() {
    local folder=$1 status
    shift
    rm -f "$folder/meson-logs/testlog.json"
    meson test -C "$folder" --no-rebuild --print-errorlogs "$@"
    status=$?
    count meson "$folder/meson-logs/testlog.json"
    return "$status"
}

# run_pytest BUILD FOLDER, PYTEST ARGUMENTS
run_pytest() {
    local build_folder=$1 junit status
    shift
    setup_venv build/venv tests/requirements.txt || return
    junit=$PWD/$logs/$part.xml
    rm -f "$junit"
    HARMONIZER_BUILD=$PWD/$build_folder PYTHONDONTWRITEBYTECODE=1 \
        timeout --foreground --signal=INT --kill-after=30 1500 \
        build/venv/bin/pytest -p no:cacheprovider -ra --durations=10 \
        -o tmp_path_retention_policy=failed -o tmp_path_retention_count=1 \
        --junit-xml="$junit" "$@"
    status=$?
    count pytest "$junit"
    return "$status"
}

part_unit() {
    build_release && run_meson_tests build/release
}

part_asan() {
    build_asan && run_meson_tests build/asan --timeout-multiplier 3
}

# Two at once: most of them wait for a process or for the disk. What is freed is overwritten, so that nobody uses it any
# more: libhdf5 is not built with sanitizers.
part_system() {
    build_release && MALLOC_PERTURB_=165 run_pytest build/release "${two_at_once[@]}" tests/system tests/frame
}

# Without those that wait for a moment in a large job: a small one goes the same ways.
part_asan_system() {
    build_asan && run_pytest build/asan "${two_at_once[@]}" tests/system \
        -k 'not (signals_end or two_commands or killed_and_started or killed_shard or bar_on_a_terminal)'
}

# What needs a queue fails where it is not root or has no Slurm, and says so.
part_slurm() {
    build_release && run_pytest build/release tests/slurm
}

part_mutations() {
    build_release && run_pytest build/release tests/mutations
}

part_cost() {
    build_release && run_pytest build/release tests/cost
}

part_crash() {
    build_release && run_pytest build/release tests/crash
}

part_fault() {
    build_release && run_pytest build/release tests/fault
}

part_hdf5_2() {
    # Those of what libhdf5 reads and writes; the command line and the folders know nothing of it.
    run_with_hdf5 2.2.0 build/hdf5-2 "${two_at_once[@]}" tests/libhdf5 \
        tests/system/test_{carry,content,damage,link,no_damage,plan,set_aside,told_set,verify}.py
}

part_hdf5_1_14() {
    run_with_hdf5 1.14.6 build/hdf5-1.14 tests/libhdf5
}

# run_with_hdf5 VERSION BUILD FOLDER, PYTEST ARGUMENTS
run_with_hdf5() {
    local version=$1 folder=$2 status
    shift 2
    hdf5_install "$version" && build_release &&
        build "$folder" -Dtests=true "-Dpkg_config_path=$PWD/build/hdf5/$version/prefix/lib/pkgconfig" || return
    run_meson_tests "$folder"
    status=$?
    HARMONIZER_HDF5=$version HARMONIZER_REFERENCE=$PWD/build/release run_pytest "$folder" "$@" &&
        return "$status"
}

part_interop() {
    build_release || return
    wait "$spyral_setup"
    local status=$?
    spyral_setup=
    if [ "$status" -ne 0 ]; then
        cat "$logs/spyral-setup.log"
        return 1
    fi
    run_pytest build/release tests/interop
}

setup_spyral() {
    local python
    python=$(setup_spyral_python) && setup_venv build/spyral-venv tests/spyral-requirements.txt "$python"
}

# --- checks -----------------------------------------------------------------------------------------------------

part_format() {
    git ls-files -z '*.c' '*.h' | xargs -0 clang-format --dry-run -Werror
}

part_length() {
    git ls-files -z '*.c' '*.h' | xargs -0 awk -v limit=60 -f tools/long_functions.awk
}

part_shell() {
    git ls-files -z '*.sh' docs/harmonizer.pbs .ci/run | xargs -0 shellcheck -x
}

# With each compiler: every build type, with and without asserts, link-time optimization, and what distributions add.
# debugoptimized is what all other parts build.
part_builds() {
    local compiler status=0 link=
    local debian='-g -O2 -fstack-protector-strong -Wformat -Werror=format-security -Wdate-time -D_FORTIFY_SOURCE=2'
    [ "$(uname)" != Linux ] || link=-Wl,-z,relro,-z,now
    for compiler in gcc clang; do
        export CC=$compiler
        build_only plain "-Dc_args=$debian" "-Dc_link_args=$link" || status=1
        build_only debug || status=1
        build_only release -Dc_args=-D_FORTIFY_SOURCE=3 || status=1
        build_only release -Db_ndebug=true -Db_lto=true || status=1
        build_only minsize -Db_ndebug=true || status=1
    done
    unset CC
    # Those of the linker are no errors; that gcc might use more processes to optimize is none.
    [ "$status" -eq 0 ] && ! grep -v '^lto-wrapper: .*serial compilation' "$logs/$part.log" | grep -q 'warning:'
}

# build_only TYPE [MESON OPTIONS]: what users and the demo run, in a folder that is gone afterwards.
build_only() {
    local folder=build/builds type=$1
    shift
    rm -rf "$folder"
    echo "$CC: $type $*"
    configure "$folder" -Dtests=false "--buildtype=$type" "$@" && ninja -C "$folder" && rm -rf "$folder"
}

# Told by the log that it looked at something: it is content with no file at all, too.
part_analyse() {
    configure build/release -Dtests=true &&
        (set -o pipefail && run-clang-tidy -quiet -p build/release "^$(pwd -P)/(lib|cli|tests)/" \
            2>"$logs/analyse-stderr.log" |
            sed 's/\x1b\[[0-9;]*m//g') &&
        grep -q '^clang-tidy.*\.c$' "$logs/$part.log"
}

part_macos() {
    configure build/release -Dtests=true && setup_venv build/zig-venv tests/zig-requirements.txt &&
        tools/macos.sh build/zig-venv/bin/python build/release
}

# In a fresh clone "as before" means clean; at the desk, uncommitted work is no fault of the tests.
part_tree() {
    local after
    after=$(git status --porcelain)
    echo "$after"
    [ "$after" = "$tree_before" ]
}

# --- running and counting ---------------------------------------------------------------------------------------

# Adds what a result file holds to this part's numbers, its failures to the part's list.
count() {
    local first
    {
        read -r first
        cat >>"$logs/$part.failures"
    } < <("$(setup_python)" tools/count_results.py "$1" "$2")
    passed=$((passed + ${first% *}))
    failed=$((failed + ${first#* }))
}

# run_part NAME KIND: sets passed, failed and seconds.
run_part() {
    part=$1
    passed=0 failed=0
    local started=$SECONDS status named
    rm -f "$logs/$part.failures"
    "part_${part//-/_}" >"$logs/$part.log" 2>&1 </dev/null
    status=$?
    named=$([ "$failed" -eq 0 ] || echo yes)
    if [ "$2" = check ]; then
        passed=$((status == 0)) failed=$((status != 0))
    elif [ $((passed + failed)) -eq 0 ] || { [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; }; then
        failed=$((failed + 1))
        echo "ended with status $status, $passed test cases passed" >>"$logs/$part.failures"
    fi
    seconds=$((SECONDS - started))
    row=$(printf '%-12s %7d %7d %6d s' "$part" "$passed" "$failed" "$seconds")
    echo "$row"
    [ "$failed" -eq 0 ] || show_failure
}

# Without failed cases by name, the log itself has to say it: its first errors and its end.
show_failure() {
    {
        if [ -s "$logs/$part.failures" ]; then
            head -n 60 "$logs/$part.failures"
        fi
        if [ -z "$named" ]; then
            grep -m 10 -E '(error|warning):' "$logs/$part.log"
            echo …
            tail -n 15 "$logs/$part.log"
        fi
        echo "all of it: $logs/$part.log"
    } | sed 's/^/    /'
}

finish() {
    printf '\n%-12s %7s %7s %8s\n' part passed failed time
    printf '%s\n' "${rows[@]}"
    printf '\n%d passed, %d failed\n' "$1" "$2"
    exit $(($2 > 0))
}

wanted=()
while read -r name kind _; do
    [ -z "$name" ] || wanted+=("$name $kind")
done <<<"$parts"
if [ $# -gt 0 ]; then
    for name; do
        if ! printf '%s\n' "${wanted[@]% *}" | grep -qxF -e "$name"; then
            case $name in
            -h | --help) usage && exit ;;
            *) usage >&2 && exit 2 ;;
            esac
        fi
    done
    all=("${wanted[@]}")
    wanted=()
    for entry in "${all[@]}"; do
        [[ " $* " = *" ${entry% *} "* ]] && wanted+=("$entry")
    done
fi

mkdir -p "$logs"
rows=()
total_passed=0 total_failed=0
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
setup_packages test || finish 0 1
tree_before=$(git status --porcelain)

# Spyral takes a minute or more to build: beside the first parts, and only where its part is to run.
spyral_setup=
if printf '%s\n' "${wanted[@]}" | grep -q '^interop '; then
    set -m # a process group of its own, to be ended as a whole
    setup_spyral >"$logs/spyral-setup.log" 2>&1 </dev/null &
    spyral_setup=$!
    set +m
    trap '[ -z "$spyral_setup" ] || kill -- "-$spyral_setup" 2>/dev/null' EXIT
fi

for entry in "${wanted[@]}"; do
    run_part "${entry% *}" "${entry#* }"
    rows+=("$row")
    total_passed=$((total_passed + passed)) total_failed=$((total_failed + failed))
done
finish $total_passed $total_failed
