# SPDX-License-Identifier: MIT
"""Nothing is left out as damaged that is not: where memory is short for good, where a run was mended meanwhile."""
import os
import resource
import subprocess
from collections import Counter

import pytest

from faults import LONG_AGO, Setting, address_of, overwrite

MEGABYTES = range(40, 400, 10)  # what a process may have of addresses
ROWS = 20_000                   # in one chunk of 20 MB


@pytest.fixture(name="setting")
def fixture_setting(tmp_path):
    return Setting(tmp_path).configure(harmonic_count=1)


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


def test_damage_that_is_gone_when_the_job_is_finished(setting):
    """Each step believes the scan of the first one."""
    path = setting.make(1, "1.0", "--events", 6)
    at = address_of(path, "events/event_1/frib_physics")
    overwrite(path, at, b"\xff")
    assert setting.run("prepare", "--skip-bad").code == 0
    overwrite(path, at, b"\x01")
    assert setting.run("write", "--shard", "1/1", "--skip-bad").code == 0
    assert setting.run("finish", "--skip-bad").code == 3
    assert [item["event"] for item in setting.manifest()["skipped"]] == [1]
    setting.assert_whole(leave_out=[(1, 1)])
