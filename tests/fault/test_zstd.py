# SPDX-License-Identifier: MIT
"""A set whose tables were packed by another version of zstd is the same set."""
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "system"))
from conftest import BUILD, Setting  # noqa: E402

SHIM = BUILD / "tests/fault/zstd.so"


@pytest.fixture(name="packed")
def fixture_packed(tmp_path):
    setting = Setting(tmp_path)
    setting.make(1, "1.0", "--events", 400, "--traces", "1:3", "--samples", 16)
    setting.make(2, "2.0", "--events", 20)
    setting.configure(harmonic_count=3)
    return setting


def test_the_same_rows_in_other_bytes(packed):
    packed.harmonize()
    usual = packed.hashes()
    for path in packed.harmonic.iterdir():
        path.unlink()
    assert packed.run(env=dict(os.environ, LD_PRELOAD=str(SHIM))).code == 0
    other = packed.hashes()
    assert {name for name in usual if usual[name] != other[name]} >= {"events.parquet"}
    assert all(usual[name] == other[name] for name in usual if name.endswith(".h5"))
    for words in ["verify"], ["verify", "--checksums"], [], ["info"], ["find", "1", "7"]:
        done = packed.run(*words)
        assert done.code == 0, done
    assert packed.hashes() == other
