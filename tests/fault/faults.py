# SPDX-License-Identifier: MIT
"""Runs a job under faults.so (faults.c) and judges what it leaves: one small job, done again and again, each time with
another call failing."""
import errno
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "system"))
from conftest import BUILD, PROGRAM, Setting  # noqa: E402

SHIM = BUILD / "tests" / "fault" / "faults.so"
KINDS = ["open", "create", "read", "pread", "write", "pwrite", "fallocate", "ftruncate", "fsync", "close", "rename", "mkdir",
         "unlink", "memory"]  # order of enum kind in faults.c
HEADER = struct.Struct("=IiQQ")
EVER = 2**64 - 1
HANG_SECONDS = 60
SHORT = 0  # no errno: a short count
READING = ["open", "read", "pread"]
WRITING = ["create", "pwrite", "fallocate", "ftruncate", "fsync", "rename", "mkdir"]
MESSAGE = re.compile(r"^harmonizer: \S.*[^\s:]$", re.MULTILINE)


@dataclass(frozen=True)
class Fault:
    kind: str
    error: int
    first: int
    length: int = 1  # calls that fail one after the other; 0: all from there on

    def __str__(self):
        what = errno.errorcode[self.error] if self.error else "short count"
        times = {1: "", 0: " and all after it"}.get(self.length, f" and {self.length - 1} after it")
        return f"{self.kind} {self.first}{times}: {what}"

    def bytes(self):
        end = EVER if self.length == 0 else self.first + self.length
        return HEADER.pack(KINDS.index(self.kind), self.error, self.first, end) + bytes(8 * len(KINDS))


NO_FAULT = HEADER.pack(0, 0, 0, 0) + bytes(8 * len(KINDS))


def make_runs(setting):
    """Three layouts; the last run with storage that only libhdf5 can read."""
    setting.make(1, "0.1.0", "--events", 3, "--frib-tail", 1)
    setting.make(2, "1.0", "--events", 3)
    plain = setting.make(3, "2.0", "--events", 3)
    packed = plain.with_suffix(".packed")
    subprocess.run(["h5repack", "-f", "GZIP=1", plain, packed], check=True)
    packed.replace(plain)
    os.utime(plain, (1_700_000_000, 1_700_000_000))


class Bench:
    """A folder in which the job is done again and again; two of them work at the same time."""

    def __init__(self, root, words=()):
        root.mkdir()
        self.setting = Setting(root).configure(harmonic_count=2)
        self.words = list(words)
        self.plan = root / "plan"
        self.log = root / "stderr"
        make_runs(self.setting)
        self.setting.harmonize("-j", "1")
        self.reference = self.content()
        if words:
            self.usual = self.setting.run("-j", "1", *words).out

    def content(self):
        return {path.name: path.read_bytes() if path.is_file() else None for path in self.setting.harmonic.iterdir()}

    def restore(self, files):
        shutil.rmtree(self.setting.harmonic)
        self.setting.harmonic.mkdir()
        for name, data in files.items():
            (self.setting.harmonic / name).write_bytes(data)

    def start(self, plan):
        """(exit code, or None for a hang; stdout; stderr)"""
        self.plan.write_bytes(plan)
        environment = dict(os.environ, LD_PRELOAD=str(SHIM), FAULT_PLAN=str(self.plan), TMPDIR=str(self.setting.root))
        with self.log.open("wb") as log:
            process = subprocess.Popen([PROGRAM, "-c", self.setting.config, "-j", "1", "-q", *self.words],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                                       env=environment, start_new_session=True)
            try:
                out = process.communicate(timeout=HANG_SECONDS)[0].decode()
                code = process.returncode
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                out, code = process.communicate()[0].decode(), None
        return code, out, self.log.read_text(errors="replace")

    def counts(self):
        """Calls of each kind in an undisturbed job."""
        self.restore(self.reference if self.words else {})
        code, _, err = self.start(NO_FAULT)
        assert code == 0, err
        assert self.content() == self.reference
        return dict(zip(KINDS, struct.unpack_from(f"={len(KINDS)}Q", self.plan.read_bytes(), HEADER.size)))

    def was_hit(self, fault):
        counts = struct.unpack_from(f"={len(KINDS)}Q", self.plan.read_bytes(), HEADER.size)
        return counts[KINDS.index(fault.kind)] > fault.first


def judge_end(fault, code, err):
    if code is None:
        return ["it hangs"]
    found = []
    if code not in (0, 1, 2, 4):
        found.append(f"exit {code}")
    if code != 0 and not MESSAGE.search(err):
        found.append(f"exit {code} without a message")
    if fault.kind == "memory" and code not in (0, 1):
        found.append(f"short memory, but exit {code}")
    full = fault.error in (errno.ENOSPC, errno.EDQUOT)
    if full and fault.kind in WRITING and code not in (0, 4):
        found.append(f"disk full, but exit {code}")
    if full and fault.kind in READING and code == 4:
        found.append("exit 4 for a read")
    if fault.error == errno.EDQUOT and code == 4 and "quotas are not seen beforehand" not in err:
        found.append("a full quota without the word that quotas are not seen beforehand")
    # POSIX knows no EINTR of rename, mkdir and unlink: where a file system has it all the same, failing is right.
    if fault.error in (SHORT, errno.EINTR) and fault.kind not in ("rename", "mkdir", "unlink") and code != 0:
        found.append(f"exit {code} for what is no failure")
    return found


def judge_files(bench, code):
    """What has a final name must be whole; after exit 0 all of it is there, and nothing else."""
    files = bench.content()
    found = [f"{name} is not what it should be" for name, data in files.items()
             if name != ".harmonizer" and data != bench.reference.get(name)]
    if code == 0 and files.keys() != bench.reference.keys():
        found.append(f"exit 0 with {sorted(files)}")
    return found


def try_write(bench, fault):
    bench.restore({})
    code, _, err = bench.start(fault.bytes())
    hit = bench.was_hit(fault)
    found = judge_end(fault, code, err) + judge_files(bench, code)
    if code != 0:
        again = bench.setting.run("-j", "1")
        if again.code != 0:
            found.append(f"the same command again: {again}")
        elif bench.content() != bench.reference:
            found.append(f"the same command again leaves {sorted(bench.content())}, or other bytes")
    return hit, code, err, found


def differing_set(bench):
    """One event's byte changed: a verify that ends with 0, whatever fails in it, is wrong."""
    files = dict(bench.reference)
    data = bytearray(files["run_0001.h5"])
    data[-1000] ^= 1
    files["run_0001.h5"] = bytes(data)
    return files


def try_find(bench, fault):
    """0 with the right place, or a failure with words."""
    bench.restore(bench.reference)
    code, out, err = bench.start(fault.bytes())
    found = judge_end(fault, code, err) + judge_files(bench, 0)
    if code == 0 and out != bench.usual or code != 0 and out:
        found.append(f"exit {code}, but it says {out!r}")
    return bench.was_hit(fault), code, err, found


def try_verify(bench, fault):
    """Of a good set: 0 with the usual words, or a failure with words. Of a differing one: never 0."""
    bench.restore(bench.reference)
    code, out, err = bench.start(fault.bytes())
    hit = bench.was_hit(fault)
    found = judge_end(fault, code, err + "".join(f"harmonizer: {line}\n" for line in out.splitlines()))
    found += judge_files(bench, 0)
    if code == 0 and out != bench.usual:
        found.append(f"exit 0, but it says {out!r}")
    if code != 0 and "good:" in out:
        found.append(f"exit {code}, but it says {out!r}")
    bench.restore(differing_set(bench))
    code, _, err = bench.start(fault.bytes())
    if code == 0:
        found.append("exit 0 for a set that differs")
    elif code is None or code not in (1, 2, 4):
        found.append(f"a set that differs: exit {code}")
    return hit, code, err, found


@dataclass
class Row:
    kind: str
    calls: int
    points: int = 0
    not_reached: int = 0
    codes: Counter = field(default_factory=Counter)
    violations: list = field(default_factory=list)

    def __str__(self):
        codes = "  ".join(f"{count:5d} x {code}" for code, count in sorted(self.codes.items(), key=str))
        return f"{self.kind:22s} {self.calls:6d} {self.points:7d} {len(self.violations):11d}   {codes}"


HEADLINE = f"{'calls that fail':22s} {'calls':>6s} {'points':>7s} {'violations':>11s}   exit codes"


def sweep(benches, name, calls, faults, attempt):
    """All faults, on all benches at once."""
    row = Row(name, calls)
    waiting = iter(faults)
    lock = threading.Lock()

    def work(bench):
        while True:
            with lock:
                fault = next(waiting, None)
            if fault is None:
                return
            hit, code, err, found = attempt(bench, fault)
            with lock:
                row.points += hit
                row.not_reached += not hit
                row.codes[code] += 1
                if found:
                    row.violations.append(f"{fault}: {'; '.join(found)}\n{err[-600:]}")

    with ThreadPoolExecutor(len(benches)) as pool:
        list(pool.map(work, benches))
    return row


def spread(calls, points):
    """`points` numbers spread evenly over all calls, or all of them."""
    return range(calls) if calls <= points else [i * calls // points for i in range(points)]
