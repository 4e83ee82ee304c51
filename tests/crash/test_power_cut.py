# SPDX-License-Identifier: MIT
"""The power goes between any two calls of a job; what the disk may hold then is drawn at random (power_cut.py), many
times for each place. What has a final name is whole, a manifest stands for all of its set, and the same command gives
the bytes of an undisturbed job and leaves nothing else."""
import collections
import hashlib
import itertools
import os
import random
import re

import pytest

from crash import in_memory, make_spoiled_run, table
from power_cut import Disk, read_trace, without

SEED = 20261125
FINAL = re.compile(r"run_\d{4}\.h5|\w+\.parquet|manifest\.json")
STATE = ".harmonizer/"
DRAWN_OFTEN = ["open", "create", "rename", "mkdir", "rmdir", "fsync_folder"]
FOREIGN = {"notes.txt": b"not ours\n"}


class Cut:
    """A job that was recorded, from a folder as it was before, to the end. `older`: the set that it replaces."""

    def __init__(self, job, commands=((),), before=None, older=None, code=0):
        self.job, self.commands, self.code = job, [(*command, *job.words) for command in commands], code
        job.words = []
        self.before = {**(before or older or {}), **FOREIGN}
        self.older = older
        self.put(self.before)
        self.records = []
        for command in self.commands:
            done = job.go(*command, trace=True)
            assert done.code == code, done
            self.records += read_trace(job.trace)
        self.wanted = {name: content for name, content in job.bytes().items() if name not in FOREIGN}
        self.outcomes = collections.Counter()
        self.checked = set()

    def put(self, image):
        self.job.start_over()
        for path, content in image.items():
            target = self.job.harmonic / path
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(content)

    # ---- what must be true of an image

    def names_that_lie(self, image):
        """Final names that hold what was not there before nor comes of an undisturbed job; a manifest whose set is not
        whole."""
        sets = [each for each in (self.wanted, self.older) if each]
        for name, content in image.items():
            if FINAL.fullmatch(name) and content not in [each.get(name) for each in (*sets, self.before)]:
                yield f"{name} is not whole"
            elif not FINAL.fullmatch(name) and not name.startswith(STATE) and name not in FOREIGN:
                yield f"{name} is left"
        manifest = image.get("manifest.json")
        for each in sets:
            if manifest == each["manifest.json"]:
                yield from (f"manifest.json is there, {name} is not that of its set" for name in each
                            if image.get(name) != each[name])

    def go_on(self, image):
        """What is wrong after the same command."""
        job = self.job
        self.put(image)
        if "manifest.json" in image:
            self.outcomes["  of these with a manifest, verified by checksums"] += 1
            if job.run("verify", "--checksums").code != self.code:
                yield "verify --checksums finds differences"
        for command in self.commands:
            done = job.go(*command)
            if done.code != self.code:
                yield f"{' '.join(command)}: exit {done.code}: {done.err}"
                return
        found = job.bytes()
        yield from (f"{name} differs afterwards" for name in self.wanted if found.get(name) != self.wanted[name])
        yield from (f"{name} is left afterwards" for name in job.everything()
                    if name not in self.wanted and name not in FOREIGN)
        if {name: found.get(name) for name in FOREIGN} != FOREIGN:
            yield "a foreign file is gone or changed"

    def check(self, image):
        self.outcomes["images"] += 1
        lies = list(self.names_that_lie(image))
        # Part files are only removed: what is in them makes no difference.
        seen = hashlib.sha256(repr(sorted((name, "" if name.endswith(".part") else content)
                                          for name, content in image.items())).encode()).digest()
        if lies or seen in self.checked:
            return lies
        self.checked.add(seen)
        self.outcomes["  different ones, the same command again"] += 1
        if any(FINAL.fullmatch(name) for name in image):
            self.outcomes["  of these with a file under a final name"] += 1
        return list(self.go_on(image))

    # ---- all of it

    def violations(self, records, draws, dice):
        disk = Disk(self.job.harmonic, self.before)
        for at, record in enumerate(records):
            disk.follow(record)
            self.outcomes["places"] += 1
            for _ in range(draws if record.call in DRAWN_OFTEN else max(1, draws // 8)):
                image = disk.draw(dice)
                for what in self.check(image):
                    yield f"after call {at}, {record.call} {os.path.basename(record.path)}: {what}"

    def run(self, title, draws):
        print("seed", SEED)
        found = list(self.violations(self.records, draws, random.Random(SEED)))
        table(f"power cut: {title}", self.outcomes.items())
        assert not found, f"{len(found)} violations:\n" + "\n".join(found[:20])
        assert self.outcomes["places"] > 100 and self.outcomes["  of these with a file under a final name"] > 20


@pytest.fixture
def job():
    with in_memory() as made:
        yield made


def test_the_model_follows_a_job(job):
    """With nothing lost, the image at the end is the folder."""
    cut = Cut(job)
    disk = Disk(job.harmonic, cut.before)
    for record in cut.records:
        disk.follow(record)
    assert disk.draw(random.Random(1)) == {**cut.wanted, **FOREIGN}
    assert disk.root.safe == disk.root.now


def test_a_new_set(job):
    Cut(job).run("a new set", draws=64)


def test_going_on(job):
    """The second try of a job that was killed half way."""
    calls = job.go().calls
    for at in range(calls // 2, calls):
        job.start_over()
        assert job.go(hit_at=at).hit
        if list(job.harmonic.glob("run_*.h5")):
            break
    Cut(job, before=job.bytes()).run("going on after a kill", draws=32)


def test_an_event_is_left_out(job):
    """What the copy cannot read is noted, and the harmonic run written again without it."""
    make_spoiled_run(job)
    job.words = ["--skip-bad"]
    Cut(job, code=3).run("--skip-bad with a spoiled event", draws=32)


def test_what_was_left_out_is_forgotten(job):
    """An event of the last harmonic run is left out, then the set is begun again with another cut: it lies elsewhere."""
    make_spoiled_run(job)
    job.words = ["--skip-bad"]
    assert job.go("prepare").code == 0
    prepared = job.save("prepared")
    for at in itertools.count(1):
        job.start_over(prepared)
        assert job.go("write", "--shard", "3/3", hit_at=at).hit
        if list(job.harmonic.glob(".harmonizer/unreadable_????")):
            break
    before = job.bytes()
    job.configure(harmonic_count=5)
    Cut(job, before=before, code=3).run("begun again with another cut and --skip-bad", draws=64)


def test_a_set_of_links(job):
    job.configure(harmonic_count=3, mode="link", min_run=3)
    Cut(job).run("mode: link", draws=32)


def test_three_steps(job):
    Cut(job, commands=[["prepare"], ["write", "--shard", "1/2"], ["write", "--shard", "2/2"], ["finish"]]).run(
        "prepare, write, finish", draws=24)


def test_an_older_set_is_replaced(job):
    job.configure(harmonic_count=5)
    assert job.go().code == 0
    older = job.bytes()
    job.configure(harmonic_count=2)
    job.words = ["--force"]
    Cut(job, older=older).run("--force over an older set", draws=64)


@pytest.mark.parametrize("call, of, consequence", [
    ("fsync", "run_", "is not whole"),
    ("fsync", r"\w+\.parquet", "is not whole"),
    ("fsync", "manifest", "is not whole"),
    ("fsync_folder", r"\.harmonizer", "did not write there"),
    ("fsync_folder", "harmonic", "did not write there"),
])
def test_without_an_fsync_it_is_seen(job, call, of, consequence):
    """That the model can find something at all: the same job, if one kind of fsync had no effect."""
    cut = Cut(job)
    violations = cut.violations(without(cut.records, call, of), 8, random.Random(SEED))
    found = next((what for what in violations if consequence in what), None)
    print(f"\npower cut, without {call} of {of}: seen in image {cut.outcomes['images']}: {found}")
    assert found
