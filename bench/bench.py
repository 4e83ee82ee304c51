# SPDX-License-Identifier: MIT
"""Times harmonizer (copy and link), `cp` with `sync` of the copies (also as many `cp` at once as there are workers), and
an h5py script on the same merged runs, in turn, and tells what each leaves on the disk.

The machine may be shared and noisy: what counts are medians, and the ratio to `cp` pair by pair."""
import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = ROOT / "build/release/cli/harmonizer"
MKRUN = ROOT / "build/release/tests/gen/mkrun"
HERE = ROOT / "build/bench"


def make_runs(folder, gigabytes, layout):
    """Uneven runs of events of 0.5 MB: 300 to 700 traces, 2048 samples in 1903."""
    stamp = folder / f".made_{gigabytes}_{layout}"
    total = round(gigabytes * 1e9 / (500 * 517 * 2 + 2048 * 16))
    if not stamp.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for run, share in enumerate((0.45, 0.02, 0.28, 0.05, 0.2), start=1):
            path = folder / f"run_{run:04d}.h5"
            subprocess.run([MKRUN, path, "--run", str(run), "--layout", layout, "--events", str(round(total * share)),
                            "--traces", "300:700", "--seed", str(run)], check=True)
            os.utime(path, (1_700_000_000, 1_700_000_000))
        stamp.touch()
    return total


def empty(name):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def harmonizer(mode):
    def make(merged, jobs):
        out = empty(mode)
        config = HERE / f"{mode}.yml"
        config.write_text(f"merger_path: {merged}\nharmonic_path: {out}\nharmonic_count: 4\nmin_run: 0\nmax_run: 99\n"
                          f"mode: {mode}\n")
        return out, [[PROGRAM, "-q", "-j", str(jobs), "-c", config]]
    return make


def copy(merged, _):
    out = empty("cp")
    files = sorted(merged.glob("*.h5"))
    return out, [["cp", *files, out], ["sync", *(out / path.name for path in files)]]


def copies(merged, jobs):
    """As many at once as there are workers: what the disk allows."""
    out = empty("cp")
    files = sorted(merged.glob("*.h5"), key=lambda path: -path.stat().st_size)
    at_once = ["sh", "-c", 'out=$1; shift; printf "%s\\0" "$@" | xargs -0 -P "$0" -I {} cp {} "$out"', str(jobs), out]
    return out, [[*at_once, *files], ["sync", *(out / path.name for path in files)]]


def script(merged, _):
    out = empty("script")
    return out, [[sys.executable, ROOT / "bench/h5py_script.py", merged, out, "4"]]


COMMANDS = {"copy": harmonizer("copy"), "link": harmonizer("link"), "cp + sync": copy, "cp at once": copies,
            "h5py script": script}


def measure(make, merged, jobs):
    out, commands = make(merged, jobs)
    os.sync()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    for command in commands:
        subprocess.run(command, check=True)
    wall = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    shutil.rmtree(out)
    return wall, after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime, size


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gb", type=float, default=2, help="size of the merged runs (2)")
    parser.add_argument("--times", type=int, default=5, help="how often each is timed (5)")
    parser.add_argument("--jobs", type=int, default=2, help="worker processes (2)")
    parser.add_argument("--layout", default="1.0", help="of the merged runs (1.0)")
    parser.add_argument("--without-script", action="store_true", help="leave the h5py script out")
    options = parser.parse_args()
    merged = HERE / f"merged_{options.layout}"
    events = make_runs(merged, options.gb, options.layout)
    read = sum(path.stat().st_size for path in merged.glob("*.h5"))
    names = [name for name in COMMANDS if not (options.without_script and name == "h5py script")]
    found = {name: [] for name in names}
    for turn in range(options.times + 1):  # the first is to warm up
        for name in names:
            result = measure(COMMANDS[name], merged, options.jobs)
            if turn:
                found[name].append(result)
    print(f"{events} events, {read / 1e9:.2f} GB, layout {options.layout}, {options.jobs} workers, "
          f"{options.times} times in turn")
    print(f"{'':14}{'wall best':>10}{'median':>9}{'user':>9}{'sys':>9}{'user/event':>12}{'wall / cp':>11}{'on disk':>11}")
    for name in names:
        wall, user, system, size = zip(*found[name])
        ratio = statistics.median(a[0] / b[0] for a, b in zip(found[name], found["cp + sync"]))
        print(f"{name:14}{min(wall):8.2f} s{statistics.median(wall):7.2f} s{statistics.median(user):7.2f} s"
              f"{statistics.median(system):7.2f} s{statistics.median(user) / events * 1e6:9.0f} us{ratio:11.2f}{size[0] / 1e6:8.0f} MB")


if __name__ == "__main__":
    main()
