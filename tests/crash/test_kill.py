# SPDX-License-Identifier: MIT
"""SIGKILL right before each call that changes something, then the same command: as if nothing had been."""
import collections
import random
import re
import signal

import pytest

from crash import GROUP, PARENT, SELF, in_memory, make_spoiled_run, table


class Sweep:
    """A job that starts from a saved folder (None: an empty one), and what an undisturbed run of it leaves."""

    def __init__(self, job, saved=None, code=0):
        self.job, self.saved, self.code = job, saved, code
        job.start_over(saved)
        undisturbed = job.go()
        assert undisturbed.code == code, undisturbed
        self.calls = undisturbed.calls
        self.wanted = job.bytes()
        self.outcomes = collections.Counter()

    def check_again(self, point, keep):
        """The same command once more: it gives the same bytes, leaves nothing else, writes nothing twice."""
        job = self.job
        finished = job.finished() if keep else {}
        again = job.go()
        assert again.code == self.code, f"{point}: {again}"
        assert job.everything() == sorted(self.wanted), point
        assert job.bytes() == self.wanted, point
        after = job.finished()
        assert finished == {name: after[name] for name in finished}, f"{point}: written again"

    def kill_at(self, point, target, keep=True):
        job = self.job
        job.start_over(self.saved)
        hit = job.go(hit_at=point, target=target)
        if not hit.hit:  # the order of two workers is not always the same, nor is the number of their reports
            assert hit.code == self.code and point > 0.9 * self.calls, f"{point}: {hit}"
        elif target == GROUP or hit.hit == "parent" or target == PARENT:
            assert hit.code == -signal.SIGKILL, f"{point}: {hit}"
        else:
            # Its report may have been all that was left to do, and its end is not what it reports.
            assert hit.code == 1 and "ended by signal 9" in hit.err, f"{point}: {hit}"
            assert re.search("merged run |harmonic run |the plan: ", hit.err), f"{point}: {hit}"
        self.outcomes[f"{['the process', 'all processes', 'the parent'][target]} before a call of "
                      f"{'a worker' if hit.hit == 'worker' else 'the parent'}" if hit.hit else "none: it had ended"] += 1
        self.check_again(point, keep)

    def run(self, title, target, step=1, keep=True):
        for point in range(1, self.calls + 1, step):
            self.kill_at(point, target, keep)
        table(f"{title}: killed, the same command again", sorted(self.outcomes.items()))


@pytest.fixture
def job():
    with in_memory() as made:
        yield made


def test_all_processes_at_every_call(job):
    sweep = Sweep(job)
    assert sweep.calls > 100
    sweep.run("a new set", GROUP)


def test_one_process_or_the_parent(job):
    sweep = Sweep(job)
    sweep.run("a new set, one process", SELF, step=3)
    sweep = Sweep(job)
    sweep.run("a new set, the parent", PARENT, step=3)


@pytest.fixture
def replacing(job):
    """An older set of another cut is to be replaced."""
    job.configure(harmonic_count=5)
    assert job.go().code == 0
    saved = job.save("older")
    job.configure(harmonic_count=2)
    job.words = ["--force"]
    return Sweep(job, saved)


def test_a_forced_replacement(replacing):
    """--force begins again: nothing is kept."""
    replacing.run("--force over an older set", GROUP, step=2, keep=False)


def test_a_forced_replacement_goes_on_without_force(replacing):
    """As soon as the old set is gone, the plain command goes on; before, it says that --force is needed."""
    job = replacing.job
    outcomes = collections.Counter()
    for point in range(1, replacing.calls + 1, 4):
        job.words = ["--force"]
        job.start_over(replacing.saved)
        job.go(hit_at=point)
        job.words = []
        finished = job.finished()
        done = job.go()
        if done.code == 0:
            assert finished.items() <= job.finished().items(), point
        else:
            assert done.code == 2 and "--force" in done.err, f"{point}: {done}"
            assert finished == job.finished(), f"{point}: refused, but it changed the set"
            assert job.go("--force").code == 0
        outcomes["went on" if done.code == 0 else "asked for --force"] += 1
        assert job.bytes() == replacing.wanted and job.everything() == sorted(replacing.wanted), point
    table("--force was killed, then the plain command", sorted(outcomes.items()))
    assert len(outcomes) == 2


def test_with_events_left_out(job):
    make_spoiled_run(job)
    job.words = ["--skip-bad"]
    Sweep(job, code=3).run("--skip-bad with a spoiled event", GROUP, step=2)


def test_killed_again_and_again(job):
    """At random points until it ends by itself."""
    seed = random.randrange(1 << 32)
    print("seed", seed)
    dice = random.Random(seed)
    sweep = Sweep(job)
    kills = collections.Counter()
    for _ in range(12):
        job.start_over()
        count = 0
        while job.go(hit_at=dice.randrange(1, sweep.calls)).hit:
            count += 1
            assert count < 200
        kills[count] += 1
        sweep.check_again(f"seed {seed}", keep=True)
    table("killed again and again", [(f"{count} kills before it ended", n) for count, n in sorted(kills.items())])


def test_a_killed_scan_is_not_held_against_the_merged_run(job):
    Sweep(job).kill_at(4, SELF)
