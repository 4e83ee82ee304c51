# SPDX-License-Identifier: MIT
"""Going on where an earlier try stopped: what is used again, and what must not be."""
import os

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
@pytest.mark.parametrize("name", ["index_0001", "plan", "plan_draft", "written_0000"])
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
