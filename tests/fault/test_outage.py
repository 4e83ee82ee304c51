# SPDX-License-Identifier: MIT
"""A disk or a share that is away for a while (outage.c) is no damage: with --skip-bad, too, the job ends with 1, keeps no
finding, and goes on to the same bytes when all is back. Only a place that cannot be read while the rest of the file can
is damage."""
import errno
import os
import sys
from pathlib import Path

import h5py
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "system"))
from conftest import BUILD, Setting, damage_data  # noqa: E402

SHIM = BUILD / "tests" / "fault" / "outage.so"
NO_BYTES = 0
ERRNOS = [errno.ENOTCONN, errno.ESTALE, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.EAGAIN, errno.EACCES, errno.EPERM,
          errno.ENOMEM, errno.EIO, errno.ENXIO, errno.EREMOTEIO, errno.EINVAL, NO_BYTES]
NAMES = [errno.errorcode.get(number, "no bytes") for number in ERRNOS]
CALLS = (1, 2, 4, 9, 20, 40, 75, 110)
PREPARE, WRITE, FINISH = ("prepare", "--skip-bad"), ("write", "--shard", "1/1", "--skip-bad"), ("finish",)


@pytest.fixture(name="merged", scope="module")
def fixture_merged(tmp_path_factory):
    """Runs of several layouts; one has an event that the scan finds damaged, and one that the copy does."""
    setting = Setting(tmp_path_factory.mktemp("outage"), "whole").configure(harmonic_count=2)
    setting.make(1, "0.1.0", "--events", 5)
    setting.make(2, "2.0", "--events", 5)
    damage_data(setting.make(3, "1.0", "--events", 8, "--damage", "columns:2"), 5)
    assert setting.run("--skip-bad").code == 3
    return setting


@pytest.fixture(name="setting")
def fixture_setting(merged, tmp_path):
    setting = Setting(merged.root, f"harmonic-{tmp_path.name}").configure(harmonic_count=2)
    setting.whole = merged.hashes()
    setting.skipped = merged.manifest()["skipped"]
    return setting


def run(setting, *words, **outage):
    environment = dict(os.environ, LD_PRELOAD=str(SHIM), **{f"OUTAGE_{key}": str(value) for key, value in outage.items()})
    return setting.run("-j", "1", *words, env=environment)


def judge(setting, done, number):
    assert done.code == 1, done
    assert "merged run" in done.err and not (setting.harmonic / "manifest.json").exists(), done
    if number not in (errno.ENOMEM, errno.EACCES, errno.EPERM, errno.EINVAL):
        assert "is the disk or the share away?" in done.err, done


def go_on(setting, *commands):
    for words in commands:
        done = setting.run(*words)
    assert done.code == 3, done
    assert setting.hashes() == setting.whole and setting.manifest()["skipped"] == setting.skipped
    assert setting.run("verify").code == 3


@pytest.mark.parametrize("number", ERRNOS, ids=NAMES)
def test_an_outage_is_no_damage(setting, number):
    ends = []
    for first in CALLS:
        done = run(setting, "--skip-bad", ERRNO=number, FROM=first, TO=1 << 40)
        ends.append(done.code)
        if done.code != 3:  # it was over before
            judge(setting, done, number)
    assert ends[0] == 1 and 1 in ends[3:], ends
    go_on(setting, ("--skip-bad",))


@pytest.mark.parametrize("number", ERRNOS, ids=NAMES)
def test_an_outage_while_copying_is_no_damage(setting, number):
    assert setting.run(*PREPARE).code == 0
    for first in (1, 3, 7, 15):
        judge(setting, run(setting, *WRITE, ERRNO=number, FROM=first, TO=1 << 40), number)
    go_on(setting, WRITE, FINISH)


@pytest.mark.parametrize("number", [errno.ENOTCONN, errno.EIO, NO_BYTES], ids=["ENOTCONN", "EIO", "no bytes"])
def test_an_outage_that_ends(setting, number):
    """Forty reads fail, then all is well again."""
    for first in CALLS[1:]:
        done = run(setting, "--skip-bad", ERRNO=number, FROM=first, TO=first + 40)
        if done.code != 3:
            judge(setting, done, number)
    go_on(setting, ("--skip-bad",))


def test_one_read_that_fails_is_tried_again(setting):
    """Of the disk's own accord: the job does not even notice."""
    for first in CALLS:
        done = run(setting, "--skip-bad", "--force", ERRNO=errno.EIO, FROM=first, TO=first)
        assert done.code == 3 and setting.hashes() == setting.whole, done


@pytest.mark.parametrize("path, reads", [("get_traces", "data"), ("frib_physics", "metadata")])
def test_a_bad_place_is_damage(tmp_path, path, reads):
    setting = Setting(tmp_path).configure(harmonic_count=2)
    run_path = setting.make(1, "1.0", "--events", 8, "--traces", "20:20")
    with h5py.File(run_path) as file:
        place = file[f"events/event_4/{path}"]
        begin = place.id.get_offset() if reads == "data" else h5py.h5o.get_info(place.id).addr
    bad = {"ERRNO": errno.EIO, "BEGIN": begin, "END": begin + 16}
    done = run(setting, **bad)
    assert done.code == 1 and "event_4" in done.err and "twice at this place" in done.err, done
    assert run(setting, "--skip-bad", **bad).code == 3
    left_out = {(item["run"], item["event"]) for item in setting.manifest()["skipped"]}
    assert (1, 4) in left_out and len(left_out) < 5  # others may lie in the same page
    setting.assert_whole(leave_out=left_out)
    assert run(setting, "verify", **bad).code == 3


def test_a_bad_place_of_what_only_the_set_has_now(tmp_path):
    """The set has the event, the merged run has it no more: --force refuses before it removes anything."""
    setting = Setting(tmp_path).configure(harmonic_count=2)
    path = setting.make(1, "1.0", "--events", 8, "--traces", "20:20")
    setting.harmonize()
    setting.configure(harmonic_count=3)

    def files():
        return {path.name: path.read_bytes() for path in setting.harmonic.glob("*.*") if path.is_file()}
    before = files()
    with h5py.File(path) as file:
        begin = file["events/event_4/get_traces"].id.get_offset()
    for words in (("--force",), ("--force", "--skip-bad"), ("plan", "--force")):
        done = run(setting, *words, ERRNO=errno.EIO, BEGIN=begin, END=begin + 16)
        assert done.code == 2 and "(event 4)" in done.err, done
        assert files() == before
    away = run(setting, "--force", ERRNO=errno.ESTALE, FROM=1, TO=1 << 40)
    assert away.code in (1, 2) and files() == before, away
    setting.harmonize("--force")
    setting.assert_whole()
