# SPDX-License-Identifier: MIT
"""On a file system like a network share (shares.c): no locks, and removed files that stay while they are open."""
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "system"))
from conftest import BUILD, Setting  # noqa: E402

SHIM = BUILD / "tests" / "fault" / "shares.so"
NO_LOCKS = "this file system has no locks; do not run two commands on it at once"


@pytest.fixture(name="share")
def fixture_share(tmp_path):
    setting = Setting(tmp_path).configure(harmonic_count=2)
    setting.make(1, "1.0", "--events", 12)

    def run(*words, locks="yes"):
        return setting.run(*words, env=dict(os.environ, LD_PRELOAD=str(SHIM), SHARE_LOCKS=locks))
    run.setting = setting
    return run


@pytest.mark.parametrize("words", [[[]], [["prepare"], ["write", "--shard", "1/1"], ["finish"]]],
                         ids=["plain", "three steps"])
@pytest.mark.parametrize("locks", ["yes", "no"])
def test_a_job_leaves_nothing_behind(share, words, locks):
    for command in words:
        done = share(*command, locks=locks)
        assert done.code == 0 and (NO_LOCKS in done.err) == (locks == "no"), done
    share.setting.assert_whole()
    assert not (share.setting.harmonic / ".harmonizer").exists()
    again = share(*words[0], locks=locks)
    assert again.code == 0 and not (share.setting.harmonic / ".harmonizer").exists(), again


def test_part_files_of_the_dead_are_gone_at_the_end(share):
    """Without locks nobody can tell that a writer is dead; the end of the job is the end of its part files."""
    assert share("prepare", locks="no").code == 0
    part = share.setting.harmonic / ".harmonizer" / "run_0000.0123456789abcdef.h5.part"
    part.write_bytes(b"of a writer that was killed")
    assert share(locks="no").code == 0
    share.setting.assert_whole()
    assert not part.exists() and not part.parent.exists()


@pytest.mark.parametrize("mode", ["copy", "link"])
def test_inodes_that_are_never_the_same(tmp_path, mode):
    """File systems that make up inode numbers (inodes.c): another inode alone is no change of anything."""
    setting = Setting(tmp_path).configure(harmonic_count=2, mode=mode)
    setting.make(1, "1.0", "--events", 12)
    environment = dict(os.environ, LD_PRELOAD=str(BUILD / "tests" / "fault" / "inodes.so"))
    for words in ([], [], ["verify"], ["--force"], ["prepare", "--force"], ["write", "--shard", "1/1"], ["finish"],
                  ["verify"], ["find", "1", "3"], ["plan"]):
        done = setting.run(*words, env=environment)
        assert done.code == 0, (words, done)
    assert not (setting.harmonic / ".harmonizer").exists()
