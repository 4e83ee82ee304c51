# SPDX-License-Identifier: MIT
"""Files that crash libhdf5 or make it loop (victims.c): the worker is the victim, the command names the file and goes on
with the others."""
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "system"))
from conftest import BUILD, LONG_AGO, Setting  # noqa: E402

SHIM = BUILD / "tests" / "fault" / "victims.so"
SOON = ("--stall-seconds", "1")
CRASHED = "its worker was ended by signal 11 (Segmentation fault)"
STALLED = "no progress for 1 s"


@pytest.fixture
def setting(tmp_path):
    return Setting(tmp_path).configure(harmonic_count=2)


def run(setting, *words, crash="none", loop="none"):
    environment = dict(os.environ, LD_PRELOAD=str(SHIM), VICTIM_CRASH=str(crash), VICTIM_LOOP=str(loop))
    return setting.run(*words, *SOON, env=environment)


@pytest.fixture
def all_bad(setting):
    """A good run and one of each way to be bad."""
    setting.make(1, "1.0")
    crash, loop = setting.make(2, "1.0"), setting.make(3, "2.0")
    setting.make(4, "1.0", "--damage", "columns:3")
    text = setting.merged / "run_0005.h5"
    text.write_text("no HDF5")
    os.utime(text, (LONG_AGO, LONG_AGO))
    return lambda *words: run(setting, *words, crash=crash, loop=loop)


@pytest.mark.parametrize("words", [(), ("plan",), ("prepare",)], ids=lambda words: " ".join(words) or "harmonize")
def test_one_try_reports_all_bad_runs(setting, all_bad, words):
    done = all_bad(*words)
    assert done.code == 1, done
    for expected in (f"merged run 2: {CRASHED}", f"merged run 3: {STALLED}",
                     "merged run 4: events/event_3/get_traces: 516 columns", "merged run 5: not an HDF5 file"):
        assert expected in done.err, done
    assert "merged run 1" not in done.err
    assert not list(setting.harmonic.glob("*.h5"))


def test_a_crash_is_no_damage(setting, all_bad):
    """Short memory can crash libhdf5, too: such a run is left out by the user, not by --skip-bad."""
    done = all_bad("--skip-bad")
    assert done.code == 1, done
    assert f"merged run 2: {CRASHED}" in done.err and f"merged run 3: {STALLED}" in done.err
    assert "skip_runs" in done.err and not list(setting.harmonic.glob("*.h5"))
    setting.configure(harmonic_count=2, skip_runs=[2, 3])
    assert all_bad("--skip-bad").code == 3
    assert {(item["run"], item["event"]) for item in setting.manifest()["skipped"]} == {(4, 3), (5, None)}
    assert all_bad("verify").code == 3


@pytest.mark.parametrize("how, words", [("crash", CRASHED), ("loop", STALLED)])
def test_while_copying(setting, how, words):
    setting.make(1, "1.0")
    path = setting.make(2, "1.0")
    assert setting.run("prepare").code == 0
    done = run(setting, "write", "--shard", "1/1", **{how: path})
    assert done.code == 1 and words in done.err and "harmonic run 1" in done.err, done
    assert not list(setting.harmonic.glob("run_0001*"))
    assert setting.run().code == 0
    setting.assert_whole()


@pytest.mark.parametrize("command", [("verify",), ("verify", "--checksums")], ids=" ".join)
@pytest.mark.parametrize("how, words", [("crash", CRASHED), ("loop", STALLED)])
def test_verify(setting, command, how, words):
    setting.make(1, "1.0")
    setting.harmonize()
    done = run(setting, *command, **{how: setting.harmonic / "run_0001.h5"})
    assert done.code == 1 and "good:" not in done.out, done
    assert "run_0001.h5" in done.out + done.err and words in done.out + done.err, done
