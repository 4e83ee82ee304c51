# SPDX-License-Identifier: MIT
"""The number of harmonic runs as a multiple of Spyral's processes, and what that gains. Whose share is what is compared
with Spyral's own function in tests/interop."""
import json

import pytest


@pytest.fixture(name="uneven")
def fixture_uneven(setting):
    for run, events in (1, 120), (2, 4), (3, 30), (4, 9):
        setting.make(run, "1.0", "--events", events, "--traces", "3:9", "--samples", 2048)
    return setting


def size_of(setting):
    setting.configure(harmonic_count=1)
    return sum(file["payload_bytes"] for file in json.loads(setting.run("plan", "--json").out)["files"])


def snake(files, processes):
    """The fullest of the processes over their mean: by length on disk, largest first, to and fro."""
    loads = [0] * processes
    for dealt, (_, data) in enumerate(sorted(files, key=lambda file: -file[0])):
        step = dealt % processes
        loads[step if dealt // processes % 2 == 0 else processes - 1 - step] += data
    return max(loads) / (sum(loads) / processes)


@pytest.mark.parametrize("processes, files", [(1, 10), (4, 12), (5, 10), (8, 8), (16, 16), (40, 40)])
def test_the_number_is_a_multiple(uneven, processes, files):
    """Of 10 harmonic runs' worth of events; a tie between 8 and 12 would be 9.6."""
    total = size_of(uneven)
    uneven.configure(harmonic_size_gb=total / 10 / 1e9, processes=processes)
    assert len(json.loads(uneven.run("plan", "--json").out)["files"]) == files
    uneven.harmonize()
    assert len(list(uneven.harmonic.glob("run_*.h5"))) == files
    assert uneven.manifest()["config"]["processes"] == processes
    assert uneven.run("verify").code == 0
    done = uneven.run(quiet=False)
    assert done.code == 0 and "already complete" in done.err
    done = uneven.configure(harmonic_size_gb=total / 10 / 1e9).run()
    assert done.code == 2 and f"processes {processes}, the configuration says none" in done.err


def test_never_more_files_than_events(setting):
    setting.make(1, "1.0", "--events", 5)
    setting.configure(processes=8)
    assert len(json.loads(setting.run("plan", "--json").out)["files"]) == 5
    setting.configure(processes=2, harmonic_size_gb=0.000001)
    assert len(json.loads(setting.run("plan", "--json").out)["files"]) == 4


def test_the_gain_is_that_of_the_files(uneven):
    uneven.configure(harmonic_count=9)
    done = uneven.run("--json", quiet=False)
    assert done.code == 0, done
    told = json.loads(done.out)
    assert json.loads(uneven.run("info", "--json").out)["gain"] == told["gain"]
    merged = [(item["bytes"], item["payload_bytes"]) for item in told["merged_runs"]]
    harmonic = [((uneven.harmonic / item["file"]).stat().st_size, item["payload_bytes"]) for item in told["harmonic_runs"]]
    assert [item["processes"] for item in told["gain"]] == [8, 16, 32]
    for item in told["gain"]:
        assert item["merged"] == pytest.approx(snake(merged, item["processes"]))
        assert item["harmonic"] == pytest.approx(snake(harmonic, item["processes"]))
    lines = [line for line in done.err.splitlines() if "processes of Spyral" in line]
    assert lines == [line for line in uneven.run("info").out.splitlines() if "processes of Spyral" in line]
    assert len(lines) == 3 and "9 harmonic runs fit badly: see the key processes" in lines[0]
    assert lines[1].endswith("; there are fewer harmonic runs than processes")
    planned = uneven.run("plan", quiet=False)
    assert "gain             8 processes of Spyral" in planned.out


def test_a_multiple_fits(uneven):
    total = size_of(uneven)
    done = uneven.configure(harmonic_size_gb=total / 10 / 1e9, processes=8).run(quiet=False)
    [line] = [line for line in done.err.splitlines() if "processes of Spyral" in line]
    assert line.startswith("gain             8 processes of Spyral: the fullest has 1.0") and ";" not in line
