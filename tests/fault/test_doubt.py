# SPDX-License-Identifier: MIT
"""Nothing is left out as damaged that is not: where memory is short for good, where two scans do not find the same."""
import os
import resource
import subprocess
from collections import Counter

import h5py
import pytest

from faults import LONG_AGO, Setting

MEGABYTES = range(40, 400, 10)  # what a process may have of addresses
ROWS = 20_000                   # in one chunk of 20 MB


@pytest.fixture(name="setting")
def fixture_setting(tmp_path):
    return Setting(tmp_path).configure(harmonic_count=1)


def address_of(path, name):
    with h5py.File(path) as file:
        return h5py.h5o.get_info(file[name].id).addr


def overwrite(path, at, data):
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(data)
    os.utime(path, (LONG_AGO, LONG_AGO))


def test_short_memory_is_no_damage(setting):
    path = setting.make(1, "1.0", "--events", 2, "--traces", f"{ROWS}:{ROWS}")
    packed = path.with_suffix(".packed")
    subprocess.run(["h5repack", "-f", "GZIP=1", "-l", f"events/event_0/get_traces,events/event_1/get_traces:CHUNK={ROWS}x517",
                    path, packed], check=True)
    packed.replace(path)
    os.utime(path, (LONG_AGO, LONG_AGO))
    codes, told = Counter(), 0
    for megabytes in MEGABYTES:
        limit = megabytes << 20
        done = setting.run("--skip-bad", "--force",
                           preexec_fn=lambda limit=limit: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
        assert done.code in (0, 1, 127) and "skipped" not in done.err, f"{megabytes} MB: {done}"
        assert done.code == 0 or done.err, f"{megabytes} MB: {done}"
        codes[done.code] += 1
        told += "memory is short" in done.err
    assert codes[0] and codes[1] and told, f"{codes}, memory is short: {told}"
    setting.assert_whole()


def test_damage_that_a_second_scan_does_not_find(setting):
    path = setting.make(1, "1.0", "--events", 6)
    one, other = (address_of(path, f"events/event_{event}/frib_physics") for event in (1, 3))
    overwrite(path, one, b"\xff")
    assert setting.run("prepare", "--skip-bad").code == 0
    overwrite(path, one, b"\x01")
    overwrite(path, other, b"\xff")
    (setting.harmonic / ".harmonizer" / "plan").unlink()  # killed before there was one
    done = setting.run("--skip-bad")
    assert done.code == 1 and "merged run 1: events/event_3/frib_physics" in done.err, done
    assert "one scan found this, one did not" in done.err and "manifest.json" not in setting.files(), done
    done = setting.run("--skip-bad")  # found by that one, and by another one
    assert done.code == 3, done
    assert [item["event"] for item in setting.manifest()["skipped"]] == [3]


def test_damage_that_is_gone_leaves_nothing_out(setting):
    path = setting.make(1, "1.0", "--events", 6)
    at = address_of(path, "events/event_1/frib_physics")
    overwrite(path, at, b"\xff")
    assert setting.run("prepare", "--skip-bad").code == 0
    overwrite(path, at, b"\x01")
    (setting.harmonic / ".harmonizer" / "plan").unlink()
    assert setting.run("--skip-bad").code == 0
    setting.assert_whole()
