# SPDX-License-Identifier: MIT
"""Whatever call fails, nothing is lost and nothing is left that looks finished: every call of a small job, in the order
of all its processes, once and from there on; calls spread evenly over the other commands and modes."""
import errno
import shutil
import tempfile
from itertools import cycle
from pathlib import Path

import pytest

import faults
from faults import HARMONIZE, HELD, HELPING, JOBS, KINDS, MEMORY, Fault, spread

FAILURES = [errno.EIO, errno.ENOSPC, errno.EDQUOT]
HELP_FAILURES = [errno.EIO, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.EACCES, errno.EBADF, errno.ENOLCK,
                 errno.ENOTTY, errno.ESTALE, errno.EREMOTEIO, errno.EFBIG, errno.ETIMEDOUT]
MANY_CALLS = ["clock_gettime"]  # whose number depends on the time that it takes
BENCHES = 2  # at the same time
NOT_CALLED = ["ftruncate", "sync_file_range", "getrusage"]  # what a small, quick job does without
SYSTEM_CALLS = [kind for kind in KINDS if kind not in MEMORY and kind not in NOT_CALLED]
SHORT_KINDS = ["read", "pread", "write", "pwrite"]
MEMORY_POINTS = 500
MEMORY_GONE_POINTS = 100  # from there on
OTHER_JOBS = [job for job in JOBS if job is not HARMONIZE]
FEW_POINTS = 12
OTHER_POINTS = {"memory": 100, "worker memory": 48}
MORE_POINTS = {("finish", "memory"): faults.EVER, ("write", "worker memory"): 600, ("skip-bad", "worker memory"): 600,
               ("verify", "pread"): 100,
               ("verify differing", "pread"): 100}
FAST = Path("/dev/shm")  # in memory; the same calls
FAST_BYTES = 32_000_000


@pytest.fixture(scope="module")
def table(request):
    """Rows of the sweep, printed at the end."""
    rows = []
    yield rows
    total = f"{sum(row.points for row in rows)} points, {sum(len(row.violations) for row in rows)} violations"
    with request.config.pluginmanager.get_plugin("capturemanager").global_and_fixture_disabled():
        print("", faults.HEADLINE, *rows, total, sep="\n", flush=True)


@pytest.fixture(scope="module")
def benches():
    roomy = FAST.is_dir() and shutil.disk_usage(FAST).free > FAST_BYTES
    with tempfile.TemporaryDirectory(prefix="fault.", dir=FAST if roomy else None) as root:
        yield [faults.Bench(Path(root) / f"bench{i}") for i in range(BENCHES)]


@pytest.fixture(scope="module")
def counts(benches):
    """Calls of each kind, of each job."""
    return {job.name: benches[0].counts(job) for job in JOBS}


def run(benches, job, name, calls, points, table):
    assert points, f"no call of {name} was counted"
    row = faults.sweep(benches, job, name, calls, points)
    table.append(row)
    assert not row.violations, f"{len(row.violations)} violations\n" + "\n".join(row.violations[:10])
    return row


@pytest.mark.parametrize("kind", SYSTEM_CALLS)
def test_call_fails(kind, benches, counts, table):
    calls = counts[HARMONIZE.name][kind]
    taken = spread(calls, FEW_POINTS) if kind in MANY_CALLS else range(calls)
    points = [Fault(kind, error, first, length) for first in taken for error in FAILURES for length in (1, 0)]
    row = run(benches, HARMONIZE, kind, calls, points, table)
    assert row.not_reached == 0 or kind in MANY_CALLS


@pytest.mark.parametrize("kind", SYSTEM_CALLS)
def test_call_is_interrupted_three_times(kind, benches, counts, table):
    calls = counts[HARMONIZE.name][kind]
    taken = spread(calls, FEW_POINTS) if kind in MANY_CALLS else range(calls)
    points = [Fault(kind, errno.EINTR, first, 3) for first in taken]
    run(benches, HARMONIZE, f"{kind} EINTR", calls, points, table)


@pytest.mark.parametrize("kind", [kind for kind in HELPING if kind not in NOT_CALLED])
def test_a_call_that_only_helps(kind, benches, counts, table):
    """Each of its calls with whatever a file system may invent, and all of them: the job goes on to the same bytes."""
    calls = counts[HARMONIZE.name][kind]
    taken = spread(calls, FEW_POINTS) if kind in MANY_CALLS else range(calls)
    errors = [error for error in HELP_FAILURES if kind != "flock" or error not in HELD]
    errors += [faults.SHORT] if kind == "statvfs" else []  # it answers zeros
    points = [Fault(kind, error, first) for first in taken for error in errors]
    points += [Fault(kind, error, 0, 0) for error in errors]
    row = run(benches, HARMONIZE, f"{kind} helps", calls, points, table)
    assert set(row.codes) == {0}


@pytest.mark.parametrize("error", HELD, ids=errno.errorcode.get)
def test_a_lock_that_another_holds(error, benches, counts, table):
    """That of the folder: exit 2. That of a part file: it is given up, and made under another name."""
    calls = counts[HARMONIZE.name]["flock"]
    points = [Fault("flock", error, first) for first in range(calls)]
    row = run(benches, HARMONIZE, f"flock {errno.errorcode[error]}", calls, points, table)
    assert row.codes[2] == 1 and row.codes[0] == row.points - 1


@pytest.mark.parametrize("kind", SHORT_KINDS)
def test_short_counts(kind, benches, counts, table):
    calls = counts[HARMONIZE.name][kind]
    points = [Fault(kind, faults.SHORT, first, length) for first in range(calls) for length in (1, 0)]
    run(benches, HARMONIZE, f"{kind} short", calls, points, table)


@pytest.mark.parametrize("kind", MEMORY)
@pytest.mark.parametrize("length, wanted", [(1, MEMORY_POINTS), (0, MEMORY_GONE_POINTS)], ids=["once", "from there on"])
def test_memory_allocation_fails(kind, length, wanted, benches, counts, table):
    calls = counts[HARMONIZE.name][kind]
    points = [Fault(kind, errno.ENOMEM, first, length) for first in spread(calls, wanted)]
    row = run(benches, HARMONIZE, kind if length else f"{kind} from there on", calls, points, table)
    assert row.points >= 0.98 * wanted


def ways_to_fail(kind):
    if kind in MEMORY:
        return [(errno.ENOMEM, 1)] * 3 + [(errno.ENOMEM, 0)]
    short = [(faults.SHORT, 1), (faults.SHORT, 0)] if kind in SHORT_KINDS else []
    return [(error, length) for length in (1, 0) for error in FAILURES] + [(errno.EINTR, 3)] + short


def test_a_read_that_fails_once_is_no_damage(benches, counts, table):
    """It is tried again before an event is left out: the same set as without."""
    [job] = [job for job in JOBS if job.name == "skip-bad"]
    calls = counts[job.name]["pread"]
    row = run(benches, job, "skip-bad: pread once", calls, [Fault("pread", errno.EIO, first) for first in range(calls)],
              table)
    assert row.codes[job.code], f"never {job.code}: {row}"


@pytest.mark.parametrize("job", OTHER_JOBS, ids=lambda job: job.name)
def test_other_commands(job, benches, counts, table):
    """Each way to fail in turn, call by call."""
    for kind, calls in counts[job.name].items():
        taken = spread(calls, MORE_POINTS.get((job.name, kind), OTHER_POINTS.get(kind, FEW_POINTS)))
        ways = cycle(ways_to_fail(kind))
        points = [Fault(kind, error, first, length) for first, (error, length) in zip(taken, ways)]
        if points:
            run(benches, job, f"{job.name}: {kind}", calls, points, table)


def test_hints_for_large_files(tmp_path):
    """Which a small job has no use for."""
    bench = faults.Bench(tmp_path / "bench")
    bench.setting.make(9, "1.0", "--events", 40, "--traces", "500:500")
    bench.setting.configure(harmonic_count=1, min_run=9)
    bench.usual(())
    known = bench.tree()
    for error in HELP_FAILURES:
        bench.restore({})
        code, _, err = bench.start((), Fault("sync_file_range", error, 0, 0).bytes())
        assert code == 0 and bench.tree() == known, err
        assert bench.counted()["sync_file_range"] > 1
