# SPDX-License-Identifier: MIT
"""Runs commands under faults.so (faults.c) and judges what they leave: a small job, done again and again, each time with
another call failing."""
import errno
import hashlib
import json
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
from conftest import BUILD, LONG_AGO, PROGRAM, Setting, address_of, break_chunk, overwrite  # noqa: E402, F401

SHIM = BUILD / "tests" / "fault" / "faults.so"
KINDS = ["open", "create", "read", "pread", "write", "pwrite", "fallocate", "ftruncate", "trim", "fsync",
         "fsync folder", "close", "rename", "mkdir", "unlink", "flock", "statvfs", "sync_file_range", "getentropy",
         "clock_gettime", "getrusage", "sched_getaffinity", "prctl",
         "memory", "worker memory"]  # order of enum kind in faults.c
# A call that only helps: the job goes on, whatever it says; but a full disk or quota stops where blocks are asked for.
HELPING = ["fallocate", "trim", "fsync folder", "flock", "statvfs", "sync_file_range", "getentropy", "clock_gettime",
           "getrusage", "sched_getaffinity", "prctl"]
HELD = [errno.EWOULDBLOCK, errno.EACCES]  # of flock: another command holds it
HEADER = struct.Struct("=IiQQ")
EVER = 2**64 - 1
HANG_SECONDS = 60
SHORT = 0  # no errno: a short count
MEMORY = ["memory", "worker memory"]
READING = ["open", "read", "pread"]
WRITING = ["create", "pwrite", "fallocate", "ftruncate", "fsync", "fsync folder", "rename", "mkdir"]
MESSAGE = re.compile(r"^harmonizer: \S.*[^\s:]$", re.MULTILINE)
STATE = ".harmonizer"


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

    @property
    def passes(self):
        return self.length != 0

    def bytes(self):
        end = EVER if self.length == 0 else self.first + self.length
        return HEADER.pack(KINDS.index(self.kind), self.error, self.first, end) + bytes(8 * len(KINDS))


NO_FAULT = HEADER.pack(0, 0, 0, 0) + bytes(8 * len(KINDS))


# ---- the jobs

@dataclass(frozen=True)
class Job:
    """A command that calls fail in, what went before it, and what completes the set after it."""
    name: str
    words: tuple = ()
    keys: tuple = ()        # of the configuration, besides the usual
    before: tuple = ()      # commands that make what it starts from
    before_keys: tuple = ()  # their configuration, where it is another
    after: tuple = ((),)    # commands that go on afterwards, the same one first
    code: int = 0           # of the undisturbed command
    end: int = 0            # of the last one afterwards
    spoiled: bool = False   # one bit of what it starts from is changed

    @property
    def reads_only(self):
        return not self.after

    @property
    def skips(self):
        return "--skip-bad" in self.words


PREPARE, WRITE_1, WRITE_2, FINISH = ("prepare",), ("write", "--shard", "1/2"), ("write", "--shard", "2/2"), ("finish",)
LINK = (("mode", "link"), ("min_run", 2))  # runs of merger 0.1.0 cannot be linked to
HARMONIZE = Job("harmonize")
VERIFY = ("verify",)
CHECKSUMS = ("verify", "--checksums")
JOBS = [
    HARMONIZE,
    Job("link", keys=LINK),
    Job("skip-bad", ("--skip-bad",), keys=(("max_run", 4),), after=(("--skip-bad",),), code=3, end=3),
    Job("force", ("--force",), before=((),), before_keys=(("harmonic_count", 3),), after=(("--force",),)),
    Job("prepare", PREPARE, after=(PREPARE, WRITE_1, WRITE_2, FINISH)),
    Job("write", WRITE_2, before=(PREPARE,), after=(WRITE_2, WRITE_1, FINISH)),
    Job("finish", FINISH, before=(PREPARE, WRITE_1, WRITE_2), after=(FINISH,)),
    Job("plan", ("plan", "--json"), after=()),
    Job("verify", VERIFY, before=((),), after=()),
    Job("verify differing", (*VERIFY, "--json"), before=((),), after=(), code=1, spoiled=True),
    Job("verify link", VERIFY, keys=LINK, before=((),), after=()),
    Job("checksums", CHECKSUMS, before=((),), after=()),
    Job("checksums differing", CHECKSUMS, before=((),), after=(), code=1, spoiled=True),
    Job("find", ("find", "3", "0"), before=((),), after=()),
]


def repack(path):
    packed = path.with_suffix(".packed")
    subprocess.run(["h5repack", "-f", "GZIP=1", path, packed], check=True)
    packed.replace(path)
    os.utime(path, (LONG_AGO, LONG_AGO))


def make_runs(setting):
    """The fewest events that go over every path: each way to lay them out, raw storage and storage that only libhdf5
    reads, objects that it copies whole. Run 4 has an event that the scan finds damaged and one that the copy does."""
    one = ("--events", 1, "--scalers", 1)
    setting.make(1, "0.1.0", *one, "--frib-tail", 1)
    setting.make(2, "2.0", *one)
    repack(setting.make(3, "1.0", *one, "--extra-datasets", "--extra-exotic"))
    bad = setting.make(4, "1.0", "--events", 3, "--traces", "100:100", "--damage", "columns:0")
    repack(bad)
    break_chunk(bad, "events/event_1/get_traces")


@dataclass
class Known:
    """What an undisturbed job is like."""
    start: dict        # the folder it starts from
    done: dict         # the folder it leaves
    whole: dict        # the files of the set when all is done
    out: str
    again: dict = field(default_factory=dict)  # folders from which the job was completed -> what was wrong


def names_of_set(tree):
    return {name: data for name, data in tree.items() if not name.startswith(STATE)}


def said(out):
    """Without the free space, which changes."""
    return re.sub(r'"free_bytes": (\d+|null)', "", out)


class Bench:
    """A folder in which jobs are done again and again; two of them work at the same time."""

    def __init__(self, root):
        root.mkdir()
        self.setting = Setting(root)
        self.scratch = root / "scratch"
        self.scratch.mkdir()
        self.plan = root / "plan"
        self.log = root / "stderr"
        self.known = {}
        make_runs(self.setting)

    # -- the folder

    def tree(self):
        harmonic = self.setting.harmonic
        return {str(path.relative_to(harmonic)): path.read_bytes() for path in harmonic.rglob("*") if path.is_file()}

    def restore(self, files):
        shutil.rmtree(self.setting.harmonic)
        self.setting.harmonic.mkdir()
        for name, data in files.items():
            path = self.setting.harmonic / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)

    # -- commands

    def configure(self, keys):
        self.setting.configure(**{"harmonic_count": 2, "max_run": 3, **dict(keys)})

    def usual(self, words, code=0):
        done = self.setting.run("-j", "1", *words)
        assert done.code == code, done
        return done

    def know(self, job):
        """The undisturbed job, done once."""
        if job.name not in self.known:
            self.restore({})
            self.configure(job.before_keys or job.keys)
            for words in job.before:
                self.usual(words)
            self.configure(job.keys)
            if job.spoiled:
                self.spoil()
            start = self.tree()
            out = said(self.usual(job.words, job.code).out)
            done = self.tree()
            for words in job.after:
                self.usual(words, job.end if words == job.after[-1] else 0)
            self.known[job.name] = Known(start, done, names_of_set(self.tree()), out)
        self.configure(job.keys)
        return self.known[job.name]

    def spoil(self):
        path = self.setting.harmonic / "run_0001.h5"
        data = bytearray(path.read_bytes())
        data[-1000] ^= 1
        path.write_bytes(bytes(data))

    def start(self, words, plan):
        """(exit code, or None for a hang; stdout; stderr)"""
        self.plan.write_bytes(plan)
        environment = dict(os.environ, LD_PRELOAD=str(SHIM), FAULT_PLAN=str(self.plan), TMPDIR=str(self.scratch))
        with self.log.open("wb") as log:
            process = subprocess.Popen([PROGRAM, "-c", self.setting.config, "-j", "1", "-q", *words],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                                       env=environment, start_new_session=True)
            try:
                out = process.communicate(timeout=HANG_SECONDS)[0].decode()
                code = process.returncode
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                out, code = process.communicate()[0].decode(), None
        return code, said(out), self.log.read_text(errors="replace")

    def counted(self):
        return dict(zip(KINDS, struct.unpack_from(f"={len(KINDS)}Q", self.plan.read_bytes(), HEADER.size)))

    def counts(self, job):
        """Calls of each kind in the undisturbed job."""
        known = self.know(job)
        self.restore(known.start)
        code, out, err = self.start(job.words, NO_FAULT)
        assert (code, out) == (job.code, known.out), err
        assert self.tree() == known.done
        return self.counted()


# ---- judging

def judge_end(job, fault, code, err):
    """Of what can be told without a look at the folder."""
    if code is None:
        return ["it hangs"]
    found = []
    if code not in (job.code, 1, 2, 4):
        found.append(f"exit {code}")
    if fault.kind in MEMORY and code not in (job.code, 1):
        found.append(f"short memory, but exit {code}")
    full = fault.error in (errno.ENOSPC, errno.EDQUOT)
    if full and fault.kind in WRITING and code not in (job.code, 4):
        found.append(f"disk full, but exit {code}")
    if full and fault.kind in READING and code == 4:
        found.append("exit 4 for a read")
    if fault.error == errno.EDQUOT and code == 4 and "quotas are not seen beforehand" not in err:
        found.append("a full quota without the word that quotas are not seen beforehand")
    # POSIX knows no EINTR of rename, mkdir and unlink: where a file system has it all the same, failing is right.
    if fault.error in (SHORT, errno.EINTR) and fault.kind not in ("rename", "mkdir", "unlink") and code != job.code:
        found.append(f"exit {code} for what is no failure")
    stops = HELD if fault.kind == "flock" else (errno.ENOSPC, errno.EDQUOT)
    if fault.kind in HELPING and fault.error not in stops and code != job.code:
        found.append(f"exit {code} for a call that only helps")
    return found


def judge_words(job, known, code, out, err):
    """A failure has its message, or is a difference that verify found; what is said otherwise is the usual."""
    found = []
    told = MESSAGE.search(err) or (job.words[:1] == VERIFY and code == 1 and "difference" in out)
    if not told and (code not in (0, job.code) or job.skips):
        found.append(f"exit {code} without a message")
    if job.reads_only and (code == 0 or not told) and out != known.out:
        found.append(f"exit {code}, but it says {out!r}")
    if code != job.code and "good:" in out:
        found.append(f"exit {code}, but it says {out!r}")
    return found


def left_out(tree):
    return [(item["run"], item["event"], item.get("scaler")) for item in json.loads(tree["manifest.json"])["skipped"]]


def is_whole(bench, job, known, fault, tree):
    """The same bytes; or, where libhdf5 was short of memory and laid out a file in another way, or what cannot be read
    anyhow failed in another way, the same content; or, as --skip-bad allows where a disk fails for good, a sound set that
    lists what more it left out."""
    files = names_of_set(tree)
    if files == known.whole:
        return True
    if files.keys() != known.whole.keys():
        return False
    less, more = left_out(known.whole), left_out(files)
    if fault.kind == "worker memory" or (job.skips and fault.passes):
        return more == less and bench.setting.run(*VERIFY).code == job.end
    if not job.skips or bench.setting.run(*CHECKSUMS).code != 3:
        return False
    return more != less and all(item in more or (item[0], None, None) in more for item in less)


def judge_files(bench, job, known, fault, code):
    """What has a final name is whole; where all went well, everything is there and nothing else."""
    tree = bench.tree()
    if code == job.code:
        same_names = sorted(tree) == sorted(known.done)
        if same_names and names_of_set(tree) == names_of_set(known.done):
            return []  # the state's own bookkeeping may differ
        if same_names and (job.after[1:] or is_whole(bench, job, known, fault, tree)):
            return []  # what has more steps is judged at its end
        return [f"exit {code} with {sorted(tree)}, or other bytes"]
    if job.skips or fault.kind == "worker memory":
        return []  # a run that left out more, or was laid out in another way, has other bytes: judged at its end
    return [f"{name} is not what it should be" for name, data in names_of_set(tree).items()
            if data not in (known.start.get(name), known.done.get(name))]


def complete(bench, job, known, fault):
    """What the following commands make of it."""
    for words in job.after:
        wanted = job.end if words == job.after[-1] else 0
        done = bench.setting.run("-j", "1", *words)
        if done.code != wanted:
            return [f"{' '.join(words) or 'the same command'} again: {done}"]
    tree = bench.tree()
    if is_whole(bench, job, known, fault, tree) and not any(name.startswith(STATE) for name in tree):
        return []
    return [f"completed, it leaves {sorted(tree)}, or other bytes"]


def judge_completion(bench, job, known, fault):
    """Once for each folder that faults leave: many leave the same."""
    digest = hashlib.sha256(repr(sorted(bench.tree().items())).encode()).digest()
    if digest not in known.again:
        known.again[digest] = complete(bench, job, known, fault)
    return known.again[digest]


def judge_scratch(bench, fault):
    """A scratch folder stays only where it cannot be removed."""
    left = list(bench.scratch.iterdir())
    for path in left:
        shutil.rmtree(path)
    return ["a scratch folder is left"] if left and fault.kind not in ("open", "unlink", *MEMORY) else []


def attempt(bench, job, fault):
    known = bench.know(job)
    bench.restore(known.start)
    code, out, err = bench.start(job.words, fault.bytes())
    hit = bench.counted()[fault.kind] > fault.first
    found = judge_end(job, fault, code, err) + judge_words(job, known, code, out, err)
    found += judge_files(bench, job, known, fault, code) + judge_scratch(bench, fault)
    if not job.reads_only and (code != job.code or job.after[1:]):
        found += judge_completion(bench, job, known, fault)
    return hit, code, err, found


# ---- the table

@dataclass
class Row:
    name: str
    calls: int
    taken: int = 0
    points: int = 0
    not_reached: int = 0
    codes: Counter = field(default_factory=Counter)
    violations: list = field(default_factory=list)

    def __str__(self):
        codes = "  ".join(f"{count:5d} x {code}" for code, count in sorted(self.codes.items(), key=str))
        return f"{self.name:30s} {self.calls:6d} {self.taken:6d} {self.points:7d} {len(self.violations):11d}   {codes}"


HEADLINE = f"{'calls that fail':30s} {'calls':>6s} {'taken':>6s} {'points':>7s} {'violations':>11s}   exit codes"


def sweep(benches, job, name, calls, faults):
    """All faults, on all benches at once."""
    row = Row(name, calls, taken=len({fault.first for fault in faults}))
    waiting = iter(faults)
    lock = threading.Lock()

    def work(bench):
        while True:
            with lock:
                fault = next(waiting, None)
            if fault is None:
                return
            hit, code, err, found = attempt(bench, job, fault)
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
