# SPDX-License-Identifier: MIT
"""Whatever call fails, nothing is lost and nothing is left that looks finished: each call of a small job in turn, in
the order of all its processes, once and from there on."""
import errno

import pytest

import faults
from faults import Fault, spread

FAILURES = [errno.EIO, errno.ENOSPC, errno.EDQUOT]
BENCHES = 2
POINTS = 10  # of each kind of call and each way to fail: all calls of it, or this many spread evenly
SYSTEM_CALLS = [kind for kind in faults.KINDS if kind != "memory"]


@pytest.fixture(scope="module")
def table(request):
    """Rows of the sweep, printed at the end."""
    rows = []
    yield rows
    total = f"{sum(row.points for row in rows)} points, {sum(len(row.violations) for row in rows)} violations"
    with request.config.pluginmanager.get_plugin("capturemanager").global_and_fixture_disabled():
        print("", faults.HEADLINE, *rows, total, sep="\n", flush=True)


@pytest.fixture(scope="module")
def benches(tmp_path_factory):
    root = tmp_path_factory.mktemp("write")
    return [faults.Bench(root / f"bench{i}") for i in range(BENCHES)]


@pytest.fixture(scope="module")
def counts(benches):
    return benches[0].counts()


@pytest.fixture(scope="module")
def verifiers(tmp_path_factory):
    root = tmp_path_factory.mktemp("verify")
    return {words: [faults.Bench(root / f"bench{len(words)}_{i}", words) for i in range(BENCHES)]
            for words in [("verify",), ("verify", "--checksums")]}


@pytest.fixture(scope="module")
def finders(tmp_path_factory):
    root = tmp_path_factory.mktemp("find")
    return [faults.Bench(root / f"bench{i}", ("find", "3", "1")) for i in range(BENCHES)]


def failures(kind, calls, points):
    for first in spread(calls, points):
        for error in FAILURES:
            yield Fault(kind, error, first)
            yield Fault(kind, error, first, 0)


def run(benches, name, calls, points, attempt, table):
    assert points, f"no call of {name} was counted"
    row = faults.sweep(benches, name, calls, points, attempt)
    table.append(row)
    assert not row.violations, f"{len(row.violations)} violations\n" + "\n".join(row.violations[:10])
    return row


@pytest.mark.parametrize("kind", SYSTEM_CALLS)
def test_call_fails(kind, benches, counts, table):
    calls = counts[kind]
    row = run(benches, kind, calls, list(failures(kind, calls, POINTS)), faults.try_write, table)
    assert row.not_reached == 0


@pytest.mark.parametrize("kind", SYSTEM_CALLS)
def test_call_is_interrupted_three_times(kind, benches, counts, table):
    calls = counts[kind]
    points = [Fault(kind, errno.EINTR, first, 3) for first in spread(calls, POINTS)]
    run(benches, f"{kind} EINTR", calls, points, faults.try_write, table)


@pytest.mark.parametrize("kind", ["read", "pread", "write", "pwrite"])
def test_short_counts(kind, benches, counts, table):
    calls = counts[kind]
    points = [Fault(kind, faults.SHORT, first, length) for first in spread(calls, 2 * POINTS) for length in (1, 0)]
    run(benches, f"{kind} short", calls, points, faults.try_write, table)


def test_memory_allocation_fails(benches, counts, table):
    calls = counts["memory"]
    points = [Fault("memory", errno.ENOMEM, first) for first in spread(calls, 500)]
    row = run(benches, "memory", calls, points, faults.try_write, table)
    assert row.points >= 490


@pytest.mark.parametrize("words", [("verify",), ("verify", "--checksums")], ids=" ".join)
@pytest.mark.parametrize("kind", ["open", "read", "pread", "write", "close", "memory"])
def test_verify_is_never_wrong(words, kind, verifiers, table):
    benches = verifiers[words]
    calls = benches[0].counts()[kind]
    wanted = 60 if kind == "memory" else POINTS
    points = [Fault(kind, error, first, length) for first in spread(calls, wanted)
              for error, length in ([(errno.ENOMEM, 1)] if kind == "memory" else [(errno.EIO, 1), (errno.EIO, 0)])]
    run(benches, f"{' '.join(words)}: {kind}", calls, points, faults.try_verify, table)


@pytest.mark.parametrize("kind", ["open", "read", "pread", "write", "close", "memory"])
def test_find_is_never_wrong(kind, finders, table):
    """libhdf5 crashes where memory is short: the command itself does not."""
    calls = finders[0].counts()[kind]
    points = [Fault(kind, error, first, length) for first in spread(calls, 300)
              for error, length in ([(errno.ENOMEM, 1)] if kind == "memory" else [(errno.EIO, 1), (errno.EIO, 0)])]
    run(finders, f"find: {kind}", calls, points, faults.try_find, table)
