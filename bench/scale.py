# SPDX-License-Identifier: MIT
"""How time and memory grow with the number of events: 50 merged runs of small events (1 to 3 traces), more each time.
Prints a table and a plot; memory is the largest resident size that each kind of process ever had."""
import argparse
import os
import shutil
import subprocess
import time

from bench import HERE, MKRUN, PROGRAM, empty

RUNS = 50


def make_runs(events):
    """`events` in all, made once."""
    folder = HERE / f"small_{events}"
    if not (folder / ".made").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for run in range(1, RUNS + 1):
            path = folder / f"run_{run:04d}.h5"
            subprocess.run([MKRUN, path, "--run", str(run), "--layout", "1.0", "--events", str(events // RUNS),
                            "--traces", "1:3", "--samples", "16", "--seed", str(run)], check=True)
            os.utime(path, (1_700_000_000, 1_700_000_000))
        (folder / ".made").touch()
    return folder


def peak_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))


def look(pid, peaks):
    """Notes the memory of the parent and of its workers by their task; one that ends meanwhile is passed over."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            workers = file.read().split()
        peaks["parent"] = max(peaks.get("parent", 0), peak_kib(pid))
        for worker in workers:
            with open(f"/proc/{worker}/cmdline", encoding="utf-8") as file:
                words = file.read().split("\0")
            task = words[3] if len(words) > 3 and words[1] == "worker" else "starting"
            peaks[task] = max(peaks.get(task, 0), peak_kib(worker))
    except (OSError, StopIteration):
        pass


def measure(merged, files, jobs):
    config = HERE / "scale.yml"
    config.write_text(f"merger_path: {merged}\nharmonic_path: {empty('scale')}\nharmonic_count: {files}\n"
                      "min_run: 0\nmax_run: 99\n")
    peaks = {}
    began = time.monotonic()
    child = subprocess.Popen([PROGRAM, "-q", "-j", str(jobs), "-c", config])
    while True:
        pid, status, used = os.wait4(child.pid, os.WNOHANG)
        if pid:
            break
        look(child.pid, peaks)
        time.sleep(0.02)
    if status:
        raise SystemExit(f"harmonizer ended with {os.waitstatus_to_exitcode(status)}")
    return time.monotonic() - began, used.ru_utime, used.ru_stime, peaks


def plot(rows):
    """The two figures that must not grow, as a Mermaid chart: GitHub draws it."""
    def line(values):
        return ", ".join(f"{value:.0f}" for value in values)
    events = ", ".join(f'"{row["events"]:,}"' for row in rows)
    return (f"```mermaid\nxychart-beta\n    title \"microseconds an event, memory of a writing worker in MB (lower line)\"\n"
            f"    x-axis \"events in 50 merged runs\" [{events}]\n    y-axis 0 --> {max(row['us'] for row in rows) * 1.2:.0f}\n"
            f"    line [{line(row['us'] for row in rows)}]\n    line [{line(row['write'] for row in rows)}]\n```")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs="+", default=[10_000, 30_000, 100_000, 300_000, 1_000_000])
    parser.add_argument("--files", type=int, default=20, help="harmonic runs (20)")
    parser.add_argument("--jobs", type=int, default=2, help="worker processes (2)")
    options = parser.parse_args()
    print("| events | wall | times a tenth of it | us an event | user CPU an event | parent | scan | plan | write |\n"
          "|---|---|---|---|---|---|---|---|---|")
    rows = []
    for events in options.events:
        wall, user, _, peaks = measure(make_runs(events), options.files, options.jobs)
        row = {"events": events, "wall": wall, "us": wall / events * 1e6,
               **{name: peaks.get(name, 0) / 1024 for name in ("parent", "scan", "plan", "write")}}
        tenth = [wall / old["wall"] for old in rows if old["events"] * 10 == events]
        print(f"| {events:,} | {wall:.1f} s | {f'{tenth[0]:.1f}' if tenth else ''} | {row['us']:.0f} | "
              f"{user / events * 1e6:.0f} us | " + " | ".join(f"{row[name]:.0f} MB" for name in ("parent", "scan", "plan", "write")) + " |",
              flush=True)
        rows.append(row)
    print(plot(rows))
    shutil.rmtree(HERE / "scale", ignore_errors=True)


if __name__ == "__main__":
    main()
