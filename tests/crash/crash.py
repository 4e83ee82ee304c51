# SPDX-License-Identifier: MIT
"""Jobs that are hit by a signal right before their Nth call, and the trace of their calls (crash_shim.c)."""
import contextlib
import dataclasses
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "system"))
from conftest import BUILD, PROGRAM, Setting, break_chunk  # noqa: E402

SHIM = BUILD / "tests" / "crash" / "libcrash_shim.so"
CONTROL = struct.Struct("=QQIiiiQ")  # struct control of the shim
SELF, GROUP, PARENT = range(3)
ENDS_WITHIN_S = 2  # a job after a signal, its workers after it was killed
SMALL = ["--traces", "1:2", "--samples", 4, "--samples-1905", 2, "--scalers", 2]


@dataclasses.dataclass
class Outcome:
    code: int
    err: str
    calls: int
    hit: str  # "", "parent" or "worker": who was about to make the call
    seconds: float  # from the hit to the end
    group: int

    def survivors(self):
        return members(self.group)

    def wait_for_workers(self, seconds):
        """How long it took until no process was left, None if some stayed."""
        began = time.monotonic()
        while self.survivors():
            if time.monotonic() - began > seconds:
                return None
            time.sleep(0.001)
        return time.monotonic() - began


def processes():
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as file:
                    fields = file.read().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            yield int(name), fields[0], int(fields[2])


def members(group):
    """Processes of a job that are still there; the dead that nobody has collected do not count."""
    return [pid for pid, state, its_group in processes() if its_group == group and state not in "ZX"]


def stopped(group):
    """A process of the job that waits for SIGCONT, when there is one; None when all have ended before."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and members(group):
        for pid, state, its_group in processes():
            if its_group == group and state == "T":
                return pid
        time.sleep(0.001)
    assert not members(group), "no process was stopped"
    return None


class Crashable(Setting):
    """A tiny job. `harmonic` is emptied or put back as it was, so that every run of it starts the same."""

    def __init__(self, root, *words, jobs=2):
        super().__init__(root)
        self.words = words
        self.jobs = jobs
        self.control = self.root / "control"
        self.trace = self.root / "trace"

    def start_over(self, saved=None):
        shutil.rmtree(self.harmonic)
        if saved:
            shutil.copytree(saved, self.harmonic)
        else:
            self.harmonic.mkdir()

    def save(self, name):
        """Keeps the folder as it is, for start_over()."""
        shutil.copytree(self.harmonic, self.root / name)
        return self.root / name

    def go(self, *words, **options):
        """Runs the job in a process group of its own, hit right before its call `hit_at`."""
        return self.end(self.start(*words, **options))

    def start(self, *words, hit_at=0, target=GROUP, number=signal.SIGKILL, trace=False, shim=True, ignore=()):
        env = dict(os.environ)
        self.control.write_bytes(CONTROL.pack(0, hit_at, target, number, 0, 0, 0))
        if shim:
            env.update(LD_PRELOAD=str(SHIM), CRASH_CONTROL=str(self.control))
        if trace:
            self.trace.write_bytes(b"")
            env.update(CRASH_TRACE=str(self.trace))
        command = [PROGRAM, "-c", self.config, "-j", str(self.jobs), *self.words, *words, "-q"]
        return subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                start_new_session=True, cwd=self.root,
                                preexec_fn=lambda: [signal.signal(it, signal.SIG_IGN) for it in ignore])

    def end(self, process):
        # Not by the end of stderr: workers have it too.
        code = process.wait(timeout=120)
        ended = time.monotonic_ns()
        outcome = Outcome(code, "", 0, "", 0, process.pid)
        if outcome.wait_for_workers(ENDS_WITHIN_S) is None:
            os.killpg(process.pid, signal.SIGKILL)
            raise AssertionError(f"orphans are left {ENDS_WITHIN_S} s after the end: {outcome.survivors()}")
        outcome.err = process.stderr.read()
        process.stderr.close()
        calls, _, _, _, parent, hit_pid, hit_ns = CONTROL.unpack(self.control.read_bytes())
        outcome.calls = calls
        outcome.hit = "" if not hit_pid else "parent" if hit_pid == parent else "worker"
        outcome.seconds = (ended - hit_ns) / 1e9 if hit_ns else 0
        return outcome

    def bytes(self):
        """Every file in the folder, with what is in it."""
        return {str(path.relative_to(self.harmonic)): path.read_bytes()
                for path in sorted(self.harmonic.rglob("*")) if not path.is_dir()}

    def everything(self):
        return sorted(str(path.relative_to(self.harmonic)) for path in self.harmonic.rglob("*"))

    def finished(self):
        """What tells that a harmonic run was left as it is."""
        return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns)
                for path in self.harmonic.glob("run_*.h5")}


def make_runs(job):
    """Two small runs of different layouts, for three harmonic runs."""
    job.make(1, "0.1.0", "--events", 3, "--frib-tail", 1, *SMALL)
    job.make(3, "2.0", "--events", 4, "--get-only", 1, *SMALL)
    return job.configure(harmonic_count=3)


@contextlib.contextmanager
def in_memory(**options):
    """A job over some runs, in memory where possible: a killed process needs no disk, and thousands of fsync take
    long."""
    where = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=where) as folder:
        yield make_runs(Crashable(folder, **options))


def make_spoiled_run(job):
    """One more, with an event that the scan finds good and the copy does not."""
    path = job.make(4, "1.0", "--events", 3, *SMALL)
    packed = path.with_suffix(".packed")
    subprocess.run(["h5repack", "-f", "SHUF", "-f", "GZIP=4", path, packed], check=True)
    packed.replace(path)
    break_chunk(path, "events/event_1/get_traces")


def table(title, rows):
    """Rows of (what, number): printed for the log."""
    print(f"\n{title}")
    for what, number in rows:
        print(f"  {what:<70} {number:>7}")
