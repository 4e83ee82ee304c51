# SPDX-License-Identifier: MIT
"""Spyral 1.1.2, the program that harmonic runs are made for, reads every event of them.

Merged runs of mixed layouts are harmonized, Spyral reads the result (spyral_read.py, in an environment of its own:
build/spyral-venv), and what it got is compared with what h5py sees in the merged runs. Needs HARMONIZER_BUILD, the
build folder; HARMONIZER_SPYRAL_PYTHON can name another Python that has Spyral."""

import hashlib
import json
import os
import random
import re
import subprocess
from pathlib import Path

import h5py
import polars
import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = Path(os.environ["HARMONIZER_BUILD"]).resolve()
SPYRAL_PYTHON = os.environ.get("HARMONIZER_SPYRAL_PYTHON", ROOT / "build/spyral-venv/bin/python")

IC_DOWNSCALED = 2  # in 977: the ion chamber's trigger, for which Spyral makes no point cloud

RUNS = {
    # run: layout, events, events with FRIB data only after them; Spyral wants 2048 samples in 1903, as real data have
    7: ("0.1.0", 9, 2),
    8: ("1.0", 23, 3),
    10: ("2.0", 14, 2),
    11: ("1.0", 2, 0),
}
# FRIB data of every kind that Spyral dies on, in each run. 977 is 0, 1, 2, 3 in turn, so events 2 and 6 are those that
# Spyral would drop if it could read them.
UNREADABLE = ["--no-1903", "1,6", "--short-1903", 2, "--coincidence-high", 3, "--no-977", 4, "--empty-977", 5,
              "--narrow-1903", 7]
UNREADABLE_EVENTS = [1, 2, 3, 4, 5, 6, 7]


def run(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, f"{command[0]}: exit {done.returncode}\n{done.stderr}"
    return done


def spyral(*arguments):
    return json.loads(run(SPYRAL_PYTHON, HERE / "spyral_read.py", *arguments).stdout)


def identity(dataset):
    """As in spyral_read.py."""
    content = dataset[()]
    return [str(content.dtype), list(content.shape), hashlib.sha256(content.tobytes()).hexdigest()]


def parts_of_events(file):
    """Original event number -> (GET matrix or None, 1903 or None, 977 or None) in a merged run."""
    if "events" in file:
        for name, event in file["events"].items():
            frib = event.get("frib_physics", {})
            get = event["get/pads"] if "get" in event else event.get("get_traces")
            yield int(name.removeprefix("event_")), get, frib.get("1903"), frib.get("977")
        return
    get, frib = file.get("get", {}), file.get("frib/evt", {})
    numbers = {int(re.fullmatch(r"evt(\d+)_.*", name)[1]) for group in (get, frib) for name in group}
    for number in numbers:
        yield (
            number,
            get.get(f"evt{number}_data"),
            frib.get(f"evt{number}_1903"),
            frib.get(f"evt{number}_977"),
        )


def is_readable(frib, register):
    """Does Spyral go on after it?"""
    return (
        frib is not None
        and frib.shape == (2048, 8)
        and register is not None
        and register.size > 0
        and register[0] <= 3
    )


def expected_events(merged, runs):
    """What Spyral has to get, in this order."""
    no_traces = ["int16", [0, 517], hashlib.sha256(b"").hexdigest()]
    expected = []
    for number in runs:
        with h5py.File(merged / f"run_{number:04d}.h5", "r") as file:
            for event, get, frib, register in sorted(parts_of_events(file), key=lambda parts: parts[0]):
                if not is_readable(frib, register):
                    frib = register = None
                expected.append(
                    {
                        "run": number,
                        "event": event,
                        "get": no_traces if get is None else identity(get),
                        "frib": None if frib is None else identity(frib),
                        "trigger": None if register is None else int(register[0]),
                        "get_trace_count": 0 if get is None else get.shape[0],
                        "frib_trace_count": None if frib is None else frib.shape[1],
                    }
                )
    return expected


@pytest.fixture(name="merged", scope="module")
def fixture_merged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("merged")
    for number, (layout, events, frib_tail) in RUNS.items():
        run(
            BUILD / "tests/gen/mkrun",
            folder / f"run_{number:04d}.h5",
            *("--run", number, "--layout", layout, "--events", events, "--traces", "3:40"),
            *("--frib-tail", frib_tail, "--samples", 2048, "--scalers", 2),
            *UNREADABLE,
        )
    return folder


def harmonize(merged, folder, more="", runs=RUNS):
    harmonic = folder / "harmonic"
    harmonic.mkdir()
    config = folder / "config.yml"
    config.write_text(
        f'merger_path: "{merged}"\nharmonic_path: "{harmonic}"\nharmonic_count: 4\n'
        f"min_run: {min(runs)}\nmax_run: {max(runs)}\n{more}"
    )
    run(BUILD / "cli/harmonizer", "-c", config, "-q")
    return harmonic


@pytest.fixture(name="copied", scope="module")
def fixture_copied(merged, tmp_path_factory):
    return harmonize(merged, tmp_path_factory.mktemp("copied"))


LINKED = [number for number, (layout, _, _) in RUNS.items() if layout != "0.1.0"]  # which can only be copied


@pytest.fixture(name="linked", scope="module")
def fixture_linked(merged, tmp_path_factory):
    return harmonize(merged, tmp_path_factory.mktemp("linked"), "mode: link\n", LINKED)


def check_events(harmonic, expected):
    files = spyral("events", *sorted(harmonic.glob("run_*.h5")))
    assert [file["file"] for file in files] == [f"run_{number:04d}.h5" for number in range(4)]
    assert {file["reader"] for file in files} == {"HarmonizerReader"}
    got = []
    for file in files:
        assert [event.pop("number") for event in file["events"]] == list(range(len(file["events"])))
        got += file["events"]
    assert [(event["run"], event["event"]) for event in got] == [(event["run"], event["event"]) for event in expected]
    assert got == expected


def test_every_event_of_a_copied_set_is_read(merged, copied):
    expected = expected_events(merged, RUNS)
    # The comparison is worth something only with all kinds of events in it.
    assert len(expected) == sum(events + tail for _, events, tail in RUNS.values())
    assert any(event["get_trace_count"] == 0 and event["frib"] for event in expected)
    assert any(event["get_trace_count"] and event["frib"] for event in expected)
    for number, (_, events, _) in RUNS.items():
        without = [event["event"] for event in expected if event["run"] == number and not event["frib"]]
        assert without == [event for event in UNREADABLE_EVENTS if event < events]
    check_events(copied, expected)


def test_every_event_of_a_linked_set_is_read(merged, linked):
    expected = expected_events(merged, LINKED)
    assert any(event["get_trace_count"] == 0 and event["frib"] for event in expected)
    check_events(linked, expected)


def complaints(result, harmonic):
    """What Spyral swallowed: it ends with 0 whatever happens in its processes."""
    found = []
    for name, log in result["logs"].items():
        found += [f"{name}: {line}" for line in log.splitlines() if re.search(r"ERROR|WARNING|Traceback|Error:", line)]
    logs = "\n".join(result["logs"].values())
    for path in sorted(harmonic.glob("run_*.h5")):
        if f"Phase Pointcloud complete for run {int(path.stem[4:])}" not in logs:
            found.append(f"{path.name}: not finished")
    return found


def expected_clouds(harmonic):
    """Harmonic run -> cloud name -> (original run, original event)."""
    clouds = {}
    for path in sorted(harmonic.glob("run_*.h5")):
        clouds[path.name] = {}
        with h5py.File(path, "r") as file:
            for name, event in file["events"].items():
                if "frib_physics" in event and list(event["frib_physics"].get("977", ())) == [IC_DOWNSCALED]:
                    continue
                origin = (int(event.attrs["orig_run"]), int(event.attrs["orig_event"]))
                clouds[path.name][name.replace("event", "cloud")] = origin
    return clouds


def cloud_origins(result):
    return {
        file: {name: (cloud["run"], cloud["event"]) for name, cloud in (clouds or {}).items()}
        for file, clouds in result["clouds"].items()
    }


@pytest.mark.parametrize("mode", ["copied", "linked"])
def test_the_point_cloud_phase_goes_through_every_event(request, mode, tmp_path):
    harmonic = request.getfixturevalue(mode)
    result = spyral("clouds", harmonic, tmp_path / "workspace", 0, 3)
    assert complaints(result, harmonic) == []
    got = cloud_origins(result)
    assert got == expected_clouds(harmonic)
    clouds = [cloud for file in result["clouds"].values() for cloud in file.values()]
    assert all(cloud["shape"][1] == 8 and cloud["finite"] for cloud in clouds)
    assert sum(cloud["shape"][0] for cloud in clouds) > 0
    # All events that were set aside have one, those too that Spyral would have dropped, and the recipe finds these.
    origins = {origin for file in got.values() for origin in file.values()}
    runs = RUNS if mode == "copied" else LINKED
    assert {(run, event) for run in runs for event in UNREADABLE_EVENTS if event < RUNS[run][1]} <= origins
    dropped = {(run, event) for run in runs for event in (2, 6) if event < RUNS[run][1]}
    assert set(recipe(harmonic, [list(origin) for origin in sorted(origins)])) == origins - dropped


def recipe(harmonic, results):
    """What the recipe of the README leaves of a table of results, in Spyral's types."""
    text = (ROOT / "README.md").read_text()
    code = re.search(r"```python\n(import polars\n.*?)```", text, re.DOTALL)[1]
    table = polars.DataFrame(results, schema={"orig_run": polars.Int64, "orig_event": polars.Int64}, orient="row")
    names = {"harmonic_path": str(harmonic), "results": table}
    exec(code, names)  # as a user runs it
    return names["results"].rows()


def test_what_is_kept_makes_spyral_lose_files(tmp_path):
    """The words of the warning: the rest of that file, and all later files of that process, with exit code 0."""
    merged = tmp_path / "merged"
    merged.mkdir()
    small = ("--layout", "1.0", "--events", 24, "--traces", "3:9")
    run(BUILD / "tests/gen/mkrun", merged / "run_0001.h5", "--run", 1, *small)
    run(BUILD / "tests/gen/mkrun", merged / "run_0002.h5", "--run", 2, "--layout", "1.0", "--events", 1,
        *("--traces", 1000, "--no-1903", 0))
    harmonic = harmonize(merged, tmp_path, "frib_for_spyral: keep\n", [1, 2])
    # The last file, of one large event, is the largest: Spyral begins with it, and the smallest comes behind it.
    sizes = {path.name: path.stat().st_size for path in harmonic.glob("run_*.h5")}
    assert max(sizes, key=sizes.get) == "run_0003.h5" and len(sizes) == 4
    result = spyral("clouds", harmonic, tmp_path / "workspace", 0, 3)  # which asserts exit code 0
    found = complaints(result, harmonic)
    assert any("KeyError" in line for line in found)
    lost = [line for line in found if line.endswith(": not finished")]
    assert "run_0003.h5: not finished" in lost and len(lost) > 1
    got, wanted = cloud_origins(result), expected_clouds(harmonic)
    assert not got.get("run_0003.h5")
    whole = [name for name in wanted if got.get(name) == wanted[name]]
    assert sorted(whole + [line.partition(":")[0] for line in lost]) == sorted(wanted)


def test_the_gain_is_computed_as_spyral_shares_files_out(tmp_path):
    """By Spyral's own function, over 100 sets of files: by length on disk it deals them out, the data are the work."""
    chance = random.Random(4)
    folder, works = tmp_path / "sets", {}
    for number in range(100):
        files = works[f"set_{number}"] = []
        (folder / f"set_{number}").mkdir(parents=True)
        for run in range(chance.choice([1, 2, 5, 8, 9, 16, 17, 40])):
            disk = chance.choice([0, 1, 1000, chance.randrange(1, 5000), chance.randrange(1, 10**9)])
            files.append((disk, chance.choice([disk, chance.randrange(10**9), 0])))
            with open(folder / f"set_{number}" / f"run_{run:04d}.h5", "wb") as file:
                file.truncate(disk)
    for name, shares in spyral("stacks", folder, 1, 2, 7, 8, 16, 32).items():
        lines = "".join(f"{disk} {data}\n" for disk, data in works[name])
        for processes, stacks in shares.items():
            loads = [sum(works[name][run][1] for run in stack) for stack in stacks]
            wanted = max(loads, default=0) / (sum(loads) / int(processes)) if sum(loads) else 0
            done = subprocess.run([BUILD / "tests/interop/share", processes], input=lines, capture_output=True, text=True,
                                  check=True)
            assert float(done.stdout) == pytest.approx(wanted, rel=1e-12), (name, processes, works[name])
