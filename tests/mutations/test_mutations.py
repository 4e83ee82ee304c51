# SPDX-License-Identifier: MIT
"""2,000 merged runs with flipped bits, cut ends, swapped and zeroed blocks, of each layout: the job neither crashes
nor hangs, names the bad run, and ends with 0 only where the set holds what h5py reads from the mutated run.

h5py brings an HDF5 library of its own, newer than the system's, and that one refuses some headers that the older one
reads without a fault. There the judge reads the copy that the system's h5repack makes, which knows nothing of us and
finds everything by name. Where that fails too, nobody can compare: that must not happen.

A failing case is made again by its number: MUTATIONS_SEED=… MUTATIONS_ONLY=… (both are printed)."""
import collections
import multiprocessing
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "system"))
from conftest import LONG_AGO, MKRUN, PROGRAM  # noqa: E402
import judge  # noqa: E402

COUNT = 2000
SEED = "6861391"   # the same cases each time; others by MUTATIONS_SEED
LAYOUTS = ("0.1.0", "0.2.0", "1.0", "2.0")
SECONDS = 60       # for one job; the watch ends a loop in libhdf5 after STALL
STALL = 5
JUDGE_SECONDS = 30
NO_ANSWER = "h5py cannot read it"
# Seeds and numbers of cases that were violations once: members without a name, a crash that did not name its run.
ONCE_WRONG = (("1446068623", 43), ("1446068623", 1151), ("1446068623", 1253), ("1446068623", 1901),
              ("3730927333", 513), ("3730927333", 579), ("3730927333", 1483))


# ---- mutations: bytes in, bytes out

def flip_bits(data, numbers):
    for _ in range(numbers.choice((1, 1, 2, 4, 16))):
        bit = numbers.randrange(8 * len(data))
        data[bit // 8] ^= 1 << bit % 8
    return data


def flip_structure(data, numbers):
    """Bits near what HDF5 begins its blocks with."""
    marks = [match.start() for match in re.finditer(rb"TREE|SNOD|HEAP|OHDR|\x89HDF|event_|evt", data)]
    for _ in range(numbers.choice((1, 2, 3))):
        at = min(len(data) - 1, numbers.choice(marks) + numbers.randrange(96))
        data[at] = numbers.choice((0, 1, 0xff, data[at] ^ 1 << numbers.randrange(8)))
    return data


def cut_end(data, numbers):
    return data[:numbers.randrange(len(data))]


def cut_end_and_mend(data, numbers):
    """The superblock (version 0) is told of the new end, or libhdf5 would refuse at once."""
    end = numbers.randrange(len(data) // 2, len(data))
    data[40:48] = end.to_bytes(8, "little")
    return data[:end]


def block(data, numbers):
    length = numbers.choice((8, 64, 512, 2048))
    begin = numbers.randrange(max(1, len(data) - length))
    return begin, begin + length


def swap_blocks(data, numbers):
    begin, end = block(data, numbers)
    other = numbers.randrange(max(1, len(data) - (end - begin)))
    there = data[other:other + end - begin]
    data[other:other + end - begin], data[begin:end] = bytes(data[begin:end]), bytes(there)
    return data


def zero_block(data, numbers):
    begin, end = block(data, numbers)
    data[begin:end] = bytes(end - begin)
    return data


MUTATIONS = (flip_bits, flip_bits, flip_structure, flip_structure, cut_end, cut_end_and_mend, swap_blocks, zero_block)


# ---- one case

class Case:
    def __init__(self, root, number, seed, originals):
        numbers = random.Random(f"{seed}/{number}")
        self.number = number
        self.layout = LAYOUTS[number % len(LAYOUTS)]
        self.mutation = MUTATIONS[number // len(LAYOUTS) % len(MUTATIONS)]
        self.merged, self.harmonic, self.repacked = root / "merged", root / "harmonic", root / "repacked"
        for folder in (self.merged, self.harmonic):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        path = self.merged / "run_0001.h5"
        path.write_bytes(self.mutation(bytearray(originals[self.layout]), numbers))
        os.utime(path, (LONG_AGO, LONG_AGO))
        self.config = root / "config.yml"
        self.config.write_text(f"merger_path: {self.merged}\nharmonic_path: {self.harmonic}\n"
                               "harmonic_count: 2\nmin_run: 1\nmax_run: 1\n")

    def run(self, *words):
        return subprocess.run([PROGRAM, "-c", self.config, "-q", "-j", "1", "--stall-seconds", str(STALL), *words],
                              capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False)

    def judge(self, merged):
        """What h5py, in a process of its own, finds different: a list, or the reason why it could not tell."""
        ours, theirs = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(ours)
            signal.alarm(JUDGE_SECONDS)
            try:
                words = "\n".join(judge.compare_set(merged, self.harmonic, 1, 1)[:5])
            except judge.Unreadable as why:
                words = f"{NO_ANSWER}: {why}"
            except BaseException:  # a violation, or the judge's own failure: never an answer
                words = traceback.format_exc()
            os.write(theirs, words.encode(errors="replace")[:4000])
            os._exit(0)
        os.close(theirs)
        with os.fdopen(ours, "rb") as pipe:
            words = pipe.read().decode()
        status = os.waitpid(child, 0)[1]
        return f"the judge was ended by signal {status & 127}" if status & 127 else words

    def judge_copy(self):
        """The same, of what h5repack makes of the merged run."""
        shutil.rmtree(self.repacked, ignore_errors=True)
        self.repacked.mkdir()
        done = subprocess.run(["h5repack", self.merged / "run_0001.h5", self.repacked / "run_0001.h5"],
                              capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False)
        if done.returncode != 0:
            return f"{NO_ANSWER}, nor can h5repack: {done.stderr[:500]}"
        return self.judge(self.repacked)

    def verdict(self):
        """("exit 0", ""), or ("violation", why) …"""
        try:
            done = self.run()
        except subprocess.TimeoutExpired:
            return "violation", f"no end within {SECONDS} s"
        if done.returncode == 0:
            words, by = self.judge(self.merged), "exit 0"
            if words.startswith(NO_ANSWER):
                words, by = self.judge_copy(), "by h5repack"
            return ("violation", "exit 0, but " + words) if words else (by, "")
        if done.returncode != 1:
            return "violation", f"exit {done.returncode}: {done.stderr}"
        if "merged run 1" not in done.stderr:
            return "violation", f"the run is not named: {done.stderr}"
        left = [name for name in os.listdir(self.harmonic) if name != ".harmonizer"]
        if left and "run_0000.h5" not in left:
            return "violation", f"left behind: {left}"
        return "exit 1", ""


def work(arguments):
    """Cases first, first + step, …: what became of each."""
    first, step, count, seed, originals = arguments
    found = []
    # Memory where there is some: thousands of fsyncs prove nothing here.
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=base) as root:
        for number in range(first, count, step):
            case = Case(Path(root), number, seed, originals)
            found.append((number, case.layout, case.mutation.__name__, *case.verdict()))
    return found


# ---- all of them

@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    folder = tmp_path_factory.mktemp("originals")
    out = {}
    for layout in LAYOUTS:
        path = folder / f"{layout}.h5"
        subprocess.run([MKRUN, path, "--run", "1", "--layout", layout, "--events", "5", "--traces", "1:2",
                        "--samples", "8", "--scalers", "3", "--extra-datasets", "--extra-attributes"], check=True)
        out[layout] = path.read_bytes()
    return out


def test_mutated_runs(originals, capsys):
    seed = os.environ.get("MUTATIONS_SEED", SEED)
    only = os.environ.get("MUTATIONS_ONLY")
    workers = os.cpu_count() or 1
    if only:
        found = work((int(only), COUNT, COUNT, seed, originals))
    else:
        jobs = [(first, workers, COUNT, seed, originals) for first in range(workers)]
        with multiprocessing.get_context("fork").Pool(workers) as pool:
            found = [item for part in pool.map(work, jobs) for item in part]
    table = collections.Counter((layout, mutation, what) for _, layout, mutation, what, _ in found)
    columns = ("exit 0", "by h5repack", "exit 1", "violation")
    with capsys.disabled():
        print(f"\nmutated merged runs, seed {seed}\n{'':26}" + "".join(f"{name:>12}" for name in columns))
        for layout in LAYOUTS:
            for mutation in dict.fromkeys(mutation.__name__ for mutation in MUTATIONS):
                print(f"{layout:8}{mutation:18}" + "".join(f"{table[layout, mutation, name]:12}" for name in columns))
    wrong = [item for item in found if item[3] == "violation"]
    assert not wrong, f"seed {seed}, {len(wrong)} of {len(found)}:\n" + "\n".join(map(str, sorted(wrong)[:20]))
    assert len(found) == (1 if only else COUNT)
    assert sum(item[3] == "by h5repack" for item in found) <= COUNT // 100
    assert only or min(sum(table[key] for key in table if key[2] == name) for name in ("exit 0", "exit 1")) > 100


@pytest.mark.parametrize("seed, number", ONCE_WRONG)
def test_once_wrong(originals, seed, number):
    [(_, _, _, what, why)] = work((number, COUNT, number + 1, seed, originals))
    assert what != "violation", why
