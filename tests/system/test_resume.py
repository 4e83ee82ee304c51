# SPDX-License-Identifier: MIT
"""Going on where an earlier try stopped: what is used again, and what must not be."""
import os
import signal
import subprocess
import time

import h5py
import pytest

from conftest import LONG_AGO


@pytest.fixture
def begun(setting):
    """Two merged runs, of two harmonic runs the first is written."""
    setting.make(1, "1.0", "--events", 6)
    setting.make(2, "2.0", "--events", 6)
    setting.configure(harmonic_count=2)
    setting.harmonize("prepare")
    setting.harmonize("write", "--shard", "1/2")
    assert "run_0000.h5" in setting.files() and "run_0001.h5" not in setting.files()
    return setting


def test_what_is_there_stays(begun, another):
    first = begun.harmonic / "run_0000.h5"
    before = first.stat()
    index = begun.harmonic / ".harmonizer" / "index_0001"
    index_before = index.stat()
    begun.harmonize("prepare")
    assert index.stat().st_mtime_ns == index_before.st_mtime_ns, "the index was made again"
    begun.harmonize()
    assert first.stat().st_mtime_ns == before.st_mtime_ns and first.stat().st_ino == before.st_ino
    fresh = another("fresh").configure(harmonic_count=2)
    fresh.harmonize()
    assert begun.hashes() == fresh.hashes()


def test_changed_run_is_named(begun):
    os.utime(begun.merged / "run_0002.h5", (LONG_AGO + 1, LONG_AGO + 1))
    for words in ((), ("finish",)):
        done = begun.run(*words)
        assert done.code == 1, done
        assert "merged run 2: its time changed" in done.err and "merged run 1" not in done.err, done
        assert "manifest.json" not in begun.files()
    begun.harmonize("--force")
    begun.assert_whole()


def test_another_size_is_another_plan(begun):
    begun.configure(harmonic_count=3)
    done = begun.run()
    assert done.code == 2 and "another plan" in done.err and "changed" not in done.err, done
    assert begun.files() == [".harmonizer", "run_0000.h5"]


SPOILS = {"a bit in the middle": lambda data: data[:len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1:],
          "cut off": lambda data: data[:len(data) // 2], "empty": lambda data: b"",
          "all zeros": lambda data: bytes(len(data))}


@pytest.mark.parametrize("spoil", SPOILS)
@pytest.mark.parametrize("name", ["index_0001", "plan", "written_0000"])
def test_a_spoiled_file_of_the_state(begun, another, name, spoil):
    """It is made again; where that cannot be, --force begins the set again, and is named. What the harmonic run
    that is there holds is told by the plan alone: without it nobody knows whether the merged runs have it."""
    fresh = another("fresh").configure(harmonic_count=2)
    fresh.harmonize()
    path = begun.harmonic / ".harmonizer" / name
    path.write_bytes(SPOILS[spoil](path.read_bytes()))
    done = begun.run()
    if name == "plan":
        assert done.code == 2 and "plan: cut off, changed" in done.err and "--force" in done.err, done
        done = begun.run("--force")
        assert done.code == 2 and "run_0000.h5" in begun.files() and "--discard-events" in done.err, done
        begun.harmonize("--force", "--discard-events")
    else:
        assert done.code == 0, done
    assert begun.hashes() == fresh.hashes() and begun.files() == fresh.files()


# ---- merged runs that are not the same any more when everything is written

@pytest.fixture
def long_job(setting):
    """Merged run 55 is all in the first harmonic run, and not read any more later."""
    for run, events in ((55, 10), (56, 200), (57, 200)):
        setting.make(run, "1.0", "--events", events, "--traces", "20:20", "--samples", 64)
    return setting.configure(harmonic_count=10)


def while_it_writes(setting, change):
    """`change` is made when the first two harmonic runs are there."""
    job = subprocess.Popen([setting.program, "-c", setting.config, "-q", "-j", "1"], stderr=subprocess.PIPE, text=True)
    while not (setting.harmonic / "run_0001.h5").exists() and job.poll() is None:
        time.sleep(0.001)
    job.send_signal(signal.SIGSTOP)
    assert job.poll() is None and "manifest.json" not in setting.files()
    change()
    job.send_signal(signal.SIGCONT)
    told = job.communicate(timeout=120)[1]
    assert job.returncode == 1 and "manifest.json" not in setting.files(), told
    return told


def test_a_run_that_grew_while_the_set_was_written(long_job):
    def grow():
        path = long_job.merged / "run_0055.h5"
        with h5py.File(path, "a") as file:
            file.copy("events/event_9", "events/event_10")
        os.utime(path, (LONG_AGO + 1, LONG_AGO + 1))
    told = while_it_writes(long_job, grow)
    assert "merged run 55: its length changed" in told and "--force" in told, told
    long_job.harmonize("--force")
    long_job.assert_whole()


def test_a_run_that_came_while_the_set_was_written(long_job):
    told = while_it_writes(long_job, lambda: long_job.make(58, "1.0", "--events", 5))
    assert "merged run 58 is new" in told and "max_run" in told, told
    long_job.configure(harmonic_count=10, max_run=57).harmonize()
    long_job.assert_whole()


def test_a_run_that_went_away_while_the_set_was_written(long_job):
    path = long_job.merged / "run_0055.h5"
    told = while_it_writes(long_job, lambda: path.rename(long_job.root / "away.h5"))
    assert "merged run 55 is gone" in told and "bring them back" in told, told
    (long_job.root / "away.h5").rename(path)
    long_job.harmonize()
    long_job.assert_whole()
