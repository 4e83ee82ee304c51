# SPDX-License-Identifier: MIT
"""What is in the folder: whole, ours, and not in anybody's way."""
import os
import signal
import stat
import subprocess
import time

import pytest

from conftest import LONG_AGO, PROGRAM


def test_the_same_command_again_is_already_complete(mixed):
    mixed.harmonize()
    before = {path.name: path.stat().st_mtime_ns for path in mixed.harmonic.iterdir()}
    done = mixed.harmonize(quiet=False)
    assert "already complete" in done.err
    assert before == {path.name: path.stat().st_mtime_ns for path in mixed.harmonic.iterdir()}


def test_another_plan_is_refused_and_forced(mixed):
    mixed.configure(harmonic_count=5).harmonize()
    before = mixed.hashes()
    mixed.configure(harmonic_count=2)
    done = mixed.run()
    assert done.code == 2 and "--force" in done.err and mixed.hashes() == before
    assert mixed.run("plan").code == 2
    mixed.harmonize("--force")
    mixed.assert_whole()
    assert "run_0002.h5" not in mixed.files()


@pytest.mark.parametrize("name", ["run_0000.h5", "run_0123.h5", "run_00001.h5", "events.parquet", "manifest.json"])
@pytest.mark.parametrize("force", [[], ["--force"]])
def test_foreign_files_are_never_touched(mixed, name, force):
    (mixed.harmonic / name).write_text("mine")
    done = mixed.run(*force)
    assert done.code == 2 and name in done.err
    assert (mixed.harmonic / name).read_text() == "mine"
    assert [file for file in mixed.files() if file != ".harmonizer"] == [name]


def test_other_files_are_left_alone(mixed):
    for name in ("notes.txt", "run_12.h5", "run_0001.yml", "scalers.csv"):
        (mixed.harmonic / name).write_text("mine")
    mixed.harmonize()
    mixed.configure(harmonic_count=2).harmonize("--force")
    for name in ("notes.txt", "run_12.h5", "run_0001.yml", "scalers.csv"):
        assert (mixed.harmonic / name).read_text() == "mine"
        (mixed.harmonic / name).unlink()
    mixed.assert_whole()


def test_a_missing_file_of_a_complete_set_is_noticed(mixed):
    mixed.configure(harmonic_count=3).harmonize()
    (mixed.harmonic / "run_0001.h5").unlink()
    done = mixed.run()
    assert done.code == 2 and "--force" in done.err
    mixed.harmonize("--force")
    mixed.assert_whole()


def test_a_changed_manifest_is_noticed(mixed):
    mixed.harmonize()
    path = mixed.harmonic / "manifest.json"
    path.write_text(path.read_text().replace('"run":1', '"run":2', 1))
    done = mixed.run()
    assert done.code == 2 and "manifest.json: changed since it was written" in done.err


def test_xxh128sum_finds_the_hashes_of_the_manifest(mixed):
    mixed.configure(harmonic_count=2).harmonize()
    paths = sorted(mixed.harmonic.glob("run_*.h5")) + sorted(mixed.harmonic.glob("*.parquet"))
    printed = subprocess.run(["xxh128sum", *paths], capture_output=True, text=True, check=True).stdout
    wanted = {entry["file"]: entry["xxh3_128"] for entry in mixed.manifest()["outputs"]}
    assert {line.split("/")[-1]: line.split()[0] for line in printed.splitlines()} == wanted


def test_modes_follow_the_umask(setting):
    setting.make(1, "1.0")
    setting.harmonize(preexec_fn=lambda: os.umask(0o027))
    for path in setting.harmonic.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o640, path


KILLED_WHEN = {
    "the first index is there": lambda folder: list(folder.glob(".harmonizer/index_*")),
    "the plan is there": lambda folder: (folder / ".harmonizer/plan").exists(),
    "a part file is there": lambda folder: list(folder.glob(".harmonizer/run_*.part")),
    "one run is finished": lambda folder: list(folder.glob("run_*.h5")),
    "three runs are finished": lambda folder: len(list(folder.glob("run_*.h5"))) >= 3,
    "all runs are finished": lambda folder: len(list(folder.glob("run_*.h5"))) == 8,
}


@pytest.mark.parametrize("when", KILLED_WHEN)
def test_killed_and_started_again(mixed, another, when):
    mixed.make(20, "1.0", "--events", 300, "--traces", "100:200")
    mixed.configure(harmonic_count=8).harmonize()
    wanted = mixed.hashes()
    other = another("killed").configure(harmonic_count=8)
    process = subprocess.Popen([PROGRAM, "-q", "-j", "2", "-c", other.config])
    deadline = time.monotonic() + 60
    while not KILLED_WHEN[when](other.harmonic) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.0005)
    process.kill()
    process.wait()
    deadline = time.monotonic() + 2
    while workers_of(other.harmonic) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not workers_of(other.harmonic)
    finished = {path.name: path.stat().st_mtime_ns for path in other.harmonic.glob("run_*.h5")}
    assert finished or "run" not in when
    other.harmonize()
    assert other.hashes() == wanted
    other.assert_whole()
    assert finished == {name: (other.harmonic / name).stat().st_mtime_ns for name in finished}


def workers_of(folder):
    found = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    return [line for line in found.splitlines() if " worker " in line and str(folder) in line]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_end_it_quickly(setting, number):
    setting.make(1, "1.0", "--events", 2000, "--traces", "100:300")
    setting.configure(harmonic_count=4)
    process = subprocess.Popen([PROGRAM, "-c", setting.config], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 20
    while not list(setting.harmonic.glob(".harmonizer/*.h5.part")) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(number)
    began = time.monotonic()
    assert process.wait(timeout=10) == 128 + number
    assert time.monotonic() - began < 2
    assert "run the same command again" in process.stderr.read()
    assert not list(setting.harmonic.glob("**/*.h5.part"))
    assert not workers_of(setting.harmonic)
    setting.harmonize()
    setting.assert_whole()


def test_a_run_that_changed_is_named(mixed):
    mixed.make(20, "1.0", "--events", 300, "--traces", "100:200")
    mixed.configure(harmonic_count=8)
    process = subprocess.Popen([PROGRAM, "-q", "-c", mixed.config])
    deadline = time.monotonic() + 20
    while not list(mixed.harmonic.glob("run_*.h5")) and time.monotonic() < deadline:
        time.sleep(0.002)
    process.kill()
    process.wait()
    mixed.make(5, "2.0", "--events", 26)
    done = mixed.run()
    assert done.code in (1, 2) and "merged run" in done.err and "--force" in done.err
    mixed.harmonize("--force")
    mixed.assert_whole()


def test_two_commands_at_once(setting):
    setting.make(1, "1.0", "--events", 2000, "--traces", "100:300")
    first = subprocess.Popen([PROGRAM, "-q", "-c", setting.config])
    deadline = time.monotonic() + 20
    while not (setting.harmonic / ".harmonizer" / "plan").exists() and time.monotonic() < deadline:
        time.sleep(0.002)
    second = setting.run()
    assert second.code == 2 and "another harmonizer command" in second.err
    assert first.wait() == 0
    setting.assert_whole()


def test_a_fresh_run_is_warned_about(setting):
    os.utime(setting.make(1, "1.0"))
    done = setting.harmonize()
    assert "merged run 1 changed" in done.err and "is the merger still writing?" in done.err
    os.utime(setting.merged / "run_0001.h5", (LONG_AGO, LONG_AGO))


def test_a_forced_replacement_that_was_killed_goes_on(mixed):
    """Killed while the old set is removed: its manifest is set aside, some of its files are gone."""
    mixed.configure(harmonic_count=5).harmonize()
    state = mixed.harmonic / ".harmonizer"
    state.mkdir()
    (mixed.harmonic / "manifest.json").rename(state / "replaced")
    (mixed.harmonic / "run_0001.h5").unlink()
    mixed.configure(harmonic_count=2)
    done = mixed.run()
    assert done.code == 2 and "--force" in done.err and (mixed.harmonic / "run_0004.h5").exists()
    mixed.harmonize("--force")
    mixed.assert_whole()
    assert "run_0004.h5" not in mixed.files()
