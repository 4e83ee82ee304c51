# SPDX-License-Identifier: MIT
"""SIGINT, SIGTERM and SIGHUP right before each call, to the command or to all its processes, as a terminal or a batch
system sends them: it ends within 2 s with 128 + N and a line on how to go on, leaves no part file and no process, and
the same command goes on."""
import collections
import os
import re
import signal

import pytest

from crash import ENDS_WITHIN_S, GROUP, PARENT, in_memory, table

STOPS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
AIMS = [(number, target) for number in STOPS for target in (PARENT, GROUP)]


@pytest.fixture
def job():
    with in_memory(jobs=1) as made:
        yield made


FILES = [("scan", "index_"), ("plan", "plan"), ("write", r"run_\d+\.|written_|differences_"),
         ("finish", r"tables|\w+\.parquet|manifest")]


def stages(job, *words):
    """What the job is about at each of its calls: the last file that was made tells it. `verify` compares and builds
    the tables again where a job writes and finishes."""
    job.go(*words, trace=True)
    at, found = "begin", []
    for line in re.findall(rb"^\d+ (\w+) \d+ \d+ \d+ (\S+) ", job.trace.read_bytes(), re.M):
        call, path = line[0].decode(), os.path.basename(line[1].decode())
        if call == "pread":
            continue
        if call in ("create", "open"):
            for stage, names in FILES:
                at = stage if re.match(names, path) else at
        found.append(at)
    return found


def assert_stopped(job, outcome, number, point):
    assert outcome.code == 128 + number, f"{point}: {outcome}"
    assert outcome.seconds < ENDS_WITHIN_S, f"{point}: {outcome}"
    assert f"ended by signal {int(number)}" in outcome.err and "run the same command again" in outcome.err, outcome
    assert not list(job.root.rglob("*.part")), f"{point}: {job.everything()}"


class Stops:
    """Stops a command at its calls in turn, and counts in which stage that was."""

    def __init__(self, job, *words, saved=None):
        self.job, self.words, self.saved = job, words, saved
        job.start_over(saved)
        self.stages = stages(job, *words)
        self.wanted = job.bytes()
        self.outcomes = collections.Counter()
        self.slowest = 0

    def stop_at(self, point, number, target):
        job = self.job
        job.start_over(self.saved)
        outcome = job.go(*self.words, hit_at=point, target=target, number=number)
        stage = self.stages[min(point, len(self.stages)) - 1]
        if outcome.code == 0:  # nothing was left to do, or it was done before that call
            self.outcomes["was complete"] += 1
            assert point > 0.8 * len(self.stages), f"{point}, {stage}: {outcome}"
        else:
            assert_stopped(job, outcome, number, f"{stage}, call {point}")
            self.outcomes[stage] += 1
            self.slowest = max(self.slowest, outcome.seconds)
        again = job.go(*self.words)
        assert again.code == 0 and job.bytes() == self.wanted, f"{stage}, call {point}: {again}"

    def run(self, title, step, *wanted_stages):
        for i, point in enumerate(range(1, len(self.stages) + 1, step)):
            self.stop_at(point, *AIMS[i % len(AIMS)])
        table(f"{title}: stopped while it did this", sorted(self.outcomes.items()))
        print(f"  slowest to end: {self.slowest:.2f} s")
        assert set(wanted_stages) <= set(self.outcomes), self.outcomes


def test_stopped_while_it_harmonizes(job):
    Stops(job).run("harmonize", 3, "scan", "plan", "write", "finish")


def test_stopped_while_it_links(job):
    job = make_links(job)
    Stops(job).run("harmonize, mode: link", 4, "scan", "plan", "write", "finish")


@pytest.mark.parametrize("step", [["write", "--shard", "1/1"], ["finish"]])
def test_stopped_in_a_step(job, step):
    assert job.go("prepare").code == 0
    if step == ["finish"]:
        assert job.go("write", "--shard", "1/1").code == 0
    Stops(job, *step, saved=job.save("before")).run(" ".join(step), 4, step[0])


def make_links(job):
    job.configure(harmonic_count=3, mode="link", min_run=3)
    return job


def test_stopped_while_it_replaces(job):
    job.configure(harmonic_count=5)
    assert job.go().code == 0
    saved = job.save("older")
    job.configure(harmonic_count=2)
    Stops(job, "--force", saved=saved).run("--force", 4, "scan", "plan", "write", "finish")


@pytest.fixture
def scratch(job, monkeypatch):
    """Where the dry commands keep what they need."""
    folder = job.root / "scratch"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.mark.parametrize("words, step, wanted", [(["verify"], 4, ["scan", "plan", "write", "finish"]),
                                                 (["verify", "--checksums"], 1, ["begin"]),
                                                 (["plan"], 3, ["scan"])])
def test_stopped_while_it_reads(job, scratch, words, step, wanted):
    assert job.go().code == 0
    saved = job.save("complete") if words != ["plan"] else None
    stops = Stops(job, *words, saved=saved)
    for i, point in enumerate(range(1, len(stops.stages) + 1, step)):
        stops.stop_at(point, *AIMS[i % len(AIMS)])
        assert not list(scratch.iterdir())
    table(f"{' '.join(words)}: stopped while it did this", sorted(stops.outcomes.items()))
    assert set(wanted) <= set(stops.outcomes), stops.outcomes


@pytest.mark.parametrize("number", STOPS)
def test_what_was_ignored_at_the_start_stays_ignored(job, number):
    """As nohup does it: the job goes on to its end, whatever it is at."""
    ends = stages(job)
    wanted = job.bytes()
    for stage in ("scan", "write", "finish"):
        job.start_over()
        outcome = job.go(hit_at=ends.index(stage) + 2, number=number, target=GROUP, ignore=[number])
        assert outcome.hit and outcome.code == 0 and job.bytes() == wanted, f"{stage}: {outcome}"
