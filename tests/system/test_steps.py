# SPDX-License-Identifier: MIT
"""The job in three steps: prepare, write --shard I/N, finish; the set is that of the plain command."""
import os
import random
import shutil
import signal
import subprocess
import time

import pytest

from conftest import PROGRAM, address_of, damage_data, overwrite

COUNT = 5


def ok(setting, *words):
    done = setting.run(*words, quiet=False)
    assert done.code == 0, done
    return done


def write(setting, shard, *words):
    return setting.run("write", "--shard", shard, *words)


@pytest.fixture
def plain(mixed, another):
    """The hashes of the set as the plain command writes it; the steps work on `mixed`."""
    other = another("plain").configure(harmonic_count=COUNT)
    other.harmonize()
    mixed.configure(harmonic_count=COUNT)
    return other.hashes()


@pytest.mark.parametrize("shards", [1, 3, 7])
def test_any_number_of_shards_in_any_order(mixed, plain, shards):
    assert "prepared; next" in ok(mixed, "prepare").err
    order = list(range(1, shards + 1))
    random.Random(shards).shuffle(order)
    for shard in order:
        assert f"shard {shard}/{shards}" in ok(mixed, "write", "--shard", f"{shard}/{shards}", "-j", "2").err
    assert "complete" in ok(mixed, "finish").err
    assert mixed.hashes() == plain and ".harmonizer" not in mixed.files()
    mixed.assert_whole()


def test_every_step_may_be_repeated(mixed, plain):
    ok(mixed, "prepare")
    ok(mixed, "write", "--shard", "1/2")
    times = {path.name: path.stat().st_mtime_ns for path in mixed.harmonic.glob("run_*")}
    assert times
    assert "already prepared" in ok(mixed, "prepare").err
    ok(mixed, "write", "--shard", "1/2")
    assert times == {name: (mixed.harmonic / name).stat().st_mtime_ns for name in times}
    ok(mixed, "write", "--shard", "2/2")
    ok(mixed, "finish")
    for words in (["prepare"], ["write", "--shard", "2/2"], ["finish"], []):
        assert "already complete" in ok(mixed, *words).err
    assert mixed.hashes() == plain and ".harmonizer" not in mixed.files()


def test_shards_at_once_and_one_of_them_twice(setting, another):
    setting.make(1, "1.0", "--events", 600, "--traces", "100:200")
    setting.make(2, "2.0", "--events", 300, "--traces", "100:200")
    other = another("plain").configure(harmonic_count=COUNT)
    other.harmonize()
    setting.configure(harmonic_count=COUNT)
    ok(setting, "prepare")
    at_once = [subprocess.Popen([PROGRAM, "-q", "-c", setting.config, "write", "--shard", shard])
               for shard in ("1/2", "2/2", "2/2", "2/2")]
    assert [process.wait() for process in at_once] == [0, 0, 0, 0]
    assert not list(setting.harmonic.glob("**/*.part"))
    ok(setting, "finish")
    assert setting.hashes() == other.hashes()


def test_a_killed_shard_leaves_nothing_that_its_repetition_does_not_clear(setting):
    setting.make(1, "1.0", "--events", 2000, "--traces", "100:300")
    setting.configure(harmonic_count=2)
    ok(setting, "prepare")
    process = subprocess.Popen([PROGRAM, "-q", "-c", setting.config, "write", "--shard", "1/2"])
    deadline = time.monotonic() + 20
    while not list(setting.harmonic.glob(".harmonizer/run_*.part")) and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    left = set(setting.harmonic.glob(".harmonizer/run_*.part"))
    assert left
    time.sleep(1.5)  # its workers see that it is gone
    other = subprocess.Popen([PROGRAM, "-q", "-c", setting.config, "write", "--shard", "2/2"])
    assert write(setting, "1/2").code == 0 and other.wait() == 0
    assert not list(setting.harmonic.glob(".harmonizer/run_*.part"))
    ok(setting, "finish")
    setting.assert_whole()


def test_missing_shards_are_named(mixed, plain):
    ok(mixed, "prepare")
    done = mixed.run("finish")
    assert done.code == 1 and "5 of 5 harmonic runs are not written yet: 0 to 4" in done.err
    ok(mixed, "write", "--shard", "2/5")
    ok(mixed, "write", "--shard", "4/5")
    done = mixed.run("finish")
    assert done.code == 1
    assert "3 of 5 harmonic runs are not written yet: 0, 2, 4" in done.err
    assert "`write --shard I/5` for I = 1, 3, 5" in done.err
    assert "manifest.json" not in mixed.files() and not list(mixed.harmonic.glob("*.parquet"))
    ok(mixed)
    assert mixed.hashes() == plain


def test_a_harmonic_run_that_was_cut_is_missing(mixed, plain):
    ok(mixed, "prepare")
    ok(mixed, "write", "--shard", "1/1")
    os.truncate(mixed.harmonic / "run_0003.h5", 5000)
    done = mixed.run("finish")
    assert done.code == 1 and "1 of 5 harmonic runs are not written yet: 3" in done.err
    ok(mixed, "write", "--shard", "1/1")
    ok(mixed, "finish")
    assert mixed.hashes() == plain


def test_a_failed_shard_is_named_and_its_repetition_goes_on(setting):
    setting.make(1, "1.0", "--events", 20)
    damage_data(setting.make(2, "1.0", "--events", 20), 15)
    setting.configure(harmonic_count=4)
    ok(setting, "prepare")
    assert write(setting, "1/2").code == 0
    done = write(setting, "2/2")
    assert done.code == 1 and "shard 2/2: 1 harmonic run" in done.err and "event_15" in done.err, done
    done = setting.run("finish")
    assert done.code == 1 and "`write --shard I/2` for I = 2" in done.err
    assert write(setting, "2/2", "--skip-bad").code == 0
    done = setting.run("finish")
    assert done.code == 3 and "event_15" in done.err
    assert [(entry["run"], entry["event"]) for entry in setting.manifest()["skipped"]] == [(2, 15)]


def test_skipped_events_end_only_the_last_step_with_3(setting, another):
    setting.make(1, "1.0", "--events", 8, "--damage", "columns:3")
    setting.make(2, "2.0", "--events", 8)
    other = another("plain")
    assert other.run("--skip-bad").code == 3
    assert setting.run("prepare").code == 1
    done = write(setting, "1/1", "--skip-bad")
    assert done.code == 2 and "nothing is prepared" in done.err
    assert setting.run("prepare", "--skip-bad").code == 0
    assert write(setting, "1/1", "--skip-bad").code == 0
    assert setting.run("finish", "--skip-bad").code == 3
    assert setting.hashes() == other.hashes()
    assert setting.run("prepare", "--skip-bad").code == 0
    assert setting.run("finish", "--skip-bad").code == 3


@pytest.mark.parametrize("words", [["write", "--shard", "1/2"], ["finish"]])
def test_nothing_prepared(mixed, words):
    done = mixed.run(*words)
    assert done.code == 2 and "nothing is prepared here; run `harmonizer -c FILE prepare` first" in done.err
    assert mixed.files() == []


@pytest.mark.parametrize("step", [["write", "--shard", "1/1"], ["finish"]])
def test_merged_runs_that_changed_are_named(mixed, step):
    mixed.configure(harmonic_count=COUNT)
    ok(mixed, "prepare")
    if step == ["finish"]:
        ok(mixed, "write", "--shard", "1/1")
    mixed.make(5, "2.0", "--events", 26)
    mixed.make(4, "2.0")
    (mixed.merged / "run_0009.h5").unlink()
    done = mixed.run(*step)
    assert done.code == 1 and "prepare" in done.err
    for words in ("merged run 5: its length changed", "merged run 4 is new", "merged run 9 is gone"):
        assert words in done.err
    assert "manifest.json" not in mixed.files()
    ok(mixed, "prepare", *(["--force", "--discard-events"] if step == ["finish"] else []))
    ok(mixed, "write", "--shard", "1/1")
    ok(mixed, "finish")
    mixed.assert_whole()


def test_another_configuration_is_noticed(mixed):
    mixed.configure(harmonic_count=COUNT)
    ok(mixed, "prepare")
    mixed.configure(harmonic_count=COUNT + 1)
    for words in (["write", "--shard", "1/1"], ["finish"]):
        done = mixed.run(*words)
        assert done.code == 2 and "prepared with " in done.err and "the configuration says" in done.err
    ok(mixed, "prepare")
    ok(mixed, "write", "--shard", "1/1")
    ok(mixed, "finish")
    mixed.assert_whole()


def test_merger_path_as_each_host_sees_it(mixed, plain):
    """Relative, absolute, or mounted elsewhere: the same merged runs."""
    (mixed.root / "elsewhere").symlink_to(mixed.merged)
    mixed.configure(harmonic_count=COUNT, merger_path="merged")
    ok(mixed, "prepare")
    mixed.configure(harmonic_count=COUNT, merger_path=str(mixed.root / "elsewhere"))
    ok(mixed, "write", "--shard", "1/2")
    mixed.configure(harmonic_count=COUNT)
    ok(mixed, "write", "--shard", "2/2")
    mixed.configure(harmonic_count=COUNT, merger_path="elsewhere")
    ok(mixed, "finish")
    assert mixed.hashes() == plain


def test_the_plain_command_goes_on_after_prepare_and_finish_after_it(mixed, another, plain):
    ok(mixed, "prepare")
    ok(mixed)
    assert mixed.hashes() == plain
    other = another("interrupted").configure(harmonic_count=COUNT)
    ok(other, "prepare")
    ok(other, "write", "--shard", "1/1")
    other.harmonic.joinpath("events.parquet").mkdir()  # the plain command cannot finish
    assert other.run().code != 0
    other.harmonic.joinpath("events.parquet").rmdir()
    ok(other, "finish")
    assert other.hashes() == plain


def test_links_in_steps(setting, another):
    setting.make(1, "1.0", "--events", 20)
    setting.make(2, "2.0", "--events", 20)
    other = another("plain").configure(harmonic_count=4, mode="link")
    other.harmonize()
    setting.configure(harmonic_count=4, mode="link", merger_path="merged")
    ok(setting, "prepare")
    setting.configure(harmonic_count=4, mode="link")
    for shard in ("3/3", "1/3", "2/3"):
        ok(setting, "write", "--shard", shard)
    ok(setting, "finish")
    assert setting.hashes() == other.hashes()


def test_foreign_files_stop_a_shard(mixed):
    mixed.configure(harmonic_count=COUNT)
    ok(mixed, "prepare")
    (mixed.harmonic / "run_0001.h5").write_text("mine")
    done = write(mixed, "1/1")
    assert done.code == 2 and "run_0001.h5" in done.err
    assert (mixed.harmonic / "run_0001.h5").read_text() == "mine"


def test_finish_waits_for_nobody(setting):
    setting.make(1, "1.0", "--events", 2000, "--traces", "100:300")
    setting.configure(harmonic_count=2)
    ok(setting, "prepare")
    process = subprocess.Popen([PROGRAM, "-q", "-c", setting.config, "write", "--shard", "1/1"])
    deadline = time.monotonic() + 20
    while not list(setting.harmonic.glob(".harmonizer/run_*.part")) and time.monotonic() < deadline:
        time.sleep(0.002)
    for words in (["finish"], ["prepare"], []):
        done = setting.run(*words)
        assert done.code == 2 and "another harmonizer command" in done.err
    assert process.wait() == 0
    ok(setting, "finish")


BAD = [["write"], ["write", "--shard", "0/3"], ["write", "--shard", "4/3"], ["write", "--shard", "1"],
       ["write", "--shard", "1/x"], ["write", "--shard", "/3"], ["prepare", "--shard", "1/2"],
       ["write", "--shard", "1/2", "--force"], ["finish", "--force"]]


@pytest.mark.parametrize("words", BAD, ids=" ".join)
def test_usage(mixed, words):
    done = mixed.run(*words)
    assert done.code == 2 and mixed.files() == [], done


@pytest.mark.parametrize("step", ["write", "finish"])
@pytest.mark.parametrize("index, words", [("lost", "index_0001: missing"),
                                          ("of another scan", "is not the scan that the plan was made of")])
def test_an_index_that_is_not_that_of_the_plan(setting, another, step, index, words):
    """What it would say of the events is not what was planned, or written."""
    path = setting.make(1, "1.0", "--events", 6)
    other = another("other")
    at = address_of(path, "events/event_1/frib_physics")
    steps = [["prepare"], ["write", "--shard", "1/1"], ["finish"]]
    before = steps[:2] if step == "finish" else steps[:1]
    for command in before:
        assert setting.run(*command).code == 0
    mine, its = (folder / ".harmonizer" / "index_0001" for folder in (setting.harmonic, other.harmonic))
    if index == "lost":
        mine.unlink()
    else:
        overwrite(path, at, b"\xff")
        assert other.run("prepare", "--skip-bad").code == 0
        overwrite(path, at, b"\x01")
        shutil.copy(its, mine)
    done = setting.run(*steps[len(before)])
    assert done.code == 1 and words in done.err and "manifest.json" not in setting.files(), done
    assert "run `prepare` or the whole job again" in done.err, done
    for command in ["prepare"], *steps[len(before):]:  # it does not ask for --force: the merged runs are the same
        done = setting.run(*command)
        assert done.code == 0, done
    setting.assert_whole()
