# SPDX-License-Identifier: MIT
"""Where the loader finds another libhdf5 than the one built with, as a module or a conda environment may make it
(library.c), that is said once, by every command, and no run is called damaged."""
import os
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "system"))
from conftest import BUILD, Setting  # noqa: E402

SHIM = BUILD / "tests" / "fault" / "library.so"
COMMANDS = [(), ("--skip-bad",), ("plan",), ("prepare",), ("write", "--shard", "1/1"), ("verify",)]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words) or "harmonize")
def test_another_libhdf5_is_named(tmp_path, words):
    setting = Setting(tmp_path).configure(harmonic_count=2)
    setting.make(1, "1.0")
    setting.make(2, "2.0")
    if words[:1] == ("verify",):
        setting.harmonize()
    if words[:1] == ("write",):
        setting.harmonize("prepare")
    done = setting.run(*words, env=dict(os.environ, LD_PRELOAD=str(SHIM)))
    assert done.code == 1 and "damage" not in done.out + done.err, done
    assert re.search(r"built with HDF5 \S+, the loader finds \S+: see LD_LIBRARY_PATH", done.out + done.err), done
    assert len(done.err.splitlines()) <= 3, done
    assert setting.run(*words).code == 0
