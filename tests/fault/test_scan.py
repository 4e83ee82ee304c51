# SPDX-License-Identifier: MIT
"""The scan decides what a merged run holds. Where libhdf5 is refused memory or a read, it answers some questions with
"there is no such thing": the index is then the right one, or says what is wrong, or is not there; never a shorter one."""
import errno
import os
import re
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue

import pytest

import faults
from faults import NO_FAULT, PROGRAM, SHIM, Fault, spread

WRONG = re.compile(rb"cannot|not an HDF5|expected|missing|out of memory|driver read")
MEMORY_POINTS = 600
SCRIPT = 'exec env LD_PRELOAD="$0" "$@" 3>/dev/null'  # the report of a worker goes to descriptor 3


class Scanner:
    def __init__(self, folder, merged):
        self.folder, self.plan, self.merged = folder, folder / "plan", merged
        (folder / faults.STATE).mkdir()

    def scan(self, run, plan):
        """(exit code, index or None)"""
        self.plan.write_bytes(plan)
        index = self.folder / faults.STATE / f"index_{run:04d}"
        index.unlink(missing_ok=True)
        watched, lifeline = os.pipe()
        words = [PROGRAM, "worker", "60", "scan", str(run), self.merged / f"run_{run:04d}.h5", self.folder, "", index.name]
        try:
            code = subprocess.run(["sh", "-c", SCRIPT, SHIM, *words], stdin=watched, stderr=subprocess.DEVNULL,
                                  env=dict(os.environ, FAULT_PLAN=str(self.plan)), timeout=60, check=False).returncode
        finally:
            os.close(watched)
            os.close(lifeline)
        return code, index.read_bytes() if index.exists() else None

    def calls(self, kind):
        values = faults.struct.unpack_from(f"={len(faults.KINDS)}Q", self.plan.read_bytes(), faults.HEADER.size)
        return values[faults.KINDS.index(kind)]


@pytest.fixture(scope="module")
def scanners(tmp_path_factory):
    bench = faults.Bench(tmp_path_factory.mktemp("scan") / "bench")
    return [Scanner(tmp_path_factory.mktemp("scanner"), bench.setting.merged) for _ in range(2)]


@pytest.mark.parametrize("kind, error, wanted", [("worker memory", errno.ENOMEM, MEMORY_POINTS),
                                                 ("pread", errno.EIO, faults.EVER)], ids=["memory", "pread"])
@pytest.mark.parametrize("run", [1, 2, 3])
def test_a_scan_is_right_or_says_what_is_wrong(scanners, run, kind, error, wanted):
    code, right = scanners[0].scan(run, NO_FAULT)
    assert code == 0
    calls = scanners[0].calls(kind)
    found = Counter()
    silent = []
    numbers = SimpleQueue()
    for number in spread(calls, wanted):
        numbers.put(number)

    def work(scanner):
        while True:
            try:
                number = numbers.get_nowait()
            except Empty:
                return
            index = scanner.scan(run, Fault(kind, error, number).bytes())[1]
            wrong = index is not None and index != right
            found["no index" if index is None else "says what is wrong" if wrong else "right"] += 1
            if wrong and not WRONG.search(index):
                silent.append(number)

    with ThreadPoolExecutor(len(scanners)) as pool:
        list(pool.map(work, scanners))
    print(dict(found), f"of {calls} calls")
    assert not silent
