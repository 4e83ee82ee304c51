# SPDX-License-Identifier: MIT
"""What the user is told of a set: numbers of what is in it, not of what was planned."""
import json
import os
import re
import subprocess

import h5py
import polars
import pytest

from conftest import LONG_AGO, break_chunk


def repack(path):
    packed = path.with_suffix(".packed")
    subprocess.run(["h5repack", "-f", "GZIP=4", path, packed], check=True)
    packed.replace(path)
    os.utime(path, (LONG_AGO, LONG_AGO))


def events_of(setting):
    return polars.read_parquet(setting.harmonic / "events.parquet")


def runs_of(setting):
    return {row["run"]: row for row in polars.read_parquet(setting.harmonic / "runs.parquet").iter_rows(named=True)}


@pytest.fixture
def spoiled(setting):
    """What only the copy can find: run 2 lacks a third of its events, all of the second harmonic run among them; the
    one that Spyral cannot read, the last ones with GET data."""
    setting.make(1, "1.0", "--events", 20, "--traces", "20:40")
    path = setting.make(2, "1.0", "--events", 40, "--traces", "20:40", "--frib-tail", 3, "--coincidence-high", 5,
                        "--unclosed")
    repack(path)
    setting.configure(harmonic_count=6)
    plan = polars.DataFrame([{"file": file["file"], "first": file["first"], "last": file["last"]}
                             for file in json.loads(setting.run("plan", "--json").out)["files"]])
    spoilt = {5, *range(33, 37)}
    [third] = [row for row in plan.iter_rows(named=True) if row["file"] == "run_0003.h5"]
    assert third["first"]["run"] == third["last"]["run"] == 2
    spoilt |= set(range(third["first"]["event"], third["last"]["event"] + 1))
    with h5py.File(path) as file:
        spoilt = {event for event in spoilt if "get_traces" in file[f"events/event_{event}"]}
    for event in spoilt:
        break_chunk(path, f"events/event_{event}/get_traces")
    return setting, spoilt


def check_told(setting, told, spoilt):
    events = events_of(setting)
    assert events.height == 63 - len(spoilt)
    assert f"events           {events.height}, " in told
    assert f"merged run 2 was not closed by the merger: {43 - len(spoilt)} of 43 listed events taken, {len(spoilt)} skipped" in told
    assert "all taken" not in told and "Spyral           cannot read" not in told
    assert "merged runs      2 read, " in told and "run_min: 0, run_max: 5" in told
    assert f"skipped          {len(spoilt)} damaged" in told
    payloads = [events.filter(polars.col("harmonic_run") == k)["bytes"].sum() for k in range(6)]
    assert payloads[3] == 0 and "without any event, all of theirs were skipped: run_0003.h5" in told
    spread = 100 * (max(payloads) - min(payloads)) / (sum(payloads) / 6)
    [line] = re.findall(r"harmonic runs    6, of (.*) to (.*) of event data \(spread (\d+) %\)", told)
    assert line[0] == "0 bytes" and int(line[2]) == round(spread)
    without = events.filter(polars.col("get_id").is_null())
    last = events.filter(polars.col("get_id").is_not_null() & (polars.col("orig_run") == 2))["orig_event"].max()
    tail = without.filter((polars.col("orig_run") == 2) & (polars.col("orig_event") > last)).height
    assert tail > 0 and f"without GET data {without.height} events: {without.height - tail} inside their run, {tail} after" in told


def check_tables(setting, spoilt):
    events, runs = events_of(setting), runs_of(setting)
    for run, row in runs.items():
        mine = events.filter(polars.col("orig_run") == run)
        assert row["events"] == mine.height
        assert row["events_without_get"] == mine["get_id"].null_count()
        last = mine.filter(polars.col("get_id").is_not_null())["orig_event"].max()
        assert row["events_after_last_get"] == mine.filter(polars.col("orig_event") > last).height
    outputs = [output for output in setting.manifest()["outputs"] if output["events"] is not None]
    assert sum(output["events"] for output in outputs) == events.height
    for number, output in enumerate(outputs):
        mine = events.filter(polars.col("harmonic_run") == number)
        ends = [{"run": row["orig_run"], "event": row["orig_event"]} for row in mine.iter_rows(named=True)]
        assert (output["first"], output["last"]) == ((ends[0], ends[-1]) if ends else (None, None)), output
    assert {item["event"] for item in setting.manifest()["skipped"]} == spoilt


def test_numbers_are_of_the_set(spoiled):
    setting, spoilt = spoiled
    done = setting.run("--skip-bad", quiet=False)
    assert done.code == 3
    check_told(setting, done.err, spoilt)
    check_tables(setting, spoilt)
    verified = setting.run("verify", quiet=False)
    assert verified.code == 3 and f"good: {63 - len(spoilt)} events" in verified.out and "of the 2 merged runs" in verified.out
    assert setting.run("verify", "--checksums").code == 3
    again = setting.run("--skip-bad", quiet=False)
    assert again.code == 3 and f"already complete, nothing to do; {len(spoilt)} damaged, left out" in again.err
    assert setting.run("find", "2", str(min(spoilt))).code == 1


def test_numbers_of_finish_as_a_step_of_its_own(spoiled):
    setting, spoilt = spoiled
    assert setting.run("prepare", "--skip-bad").code == 0
    for shard in 1, 2:
        assert setting.run("write", "--shard", f"{shard}/2", "--skip-bad").code == 0
    done = setting.run("finish", quiet=False)
    assert done.code == 3
    check_told(setting, done.err, spoilt)
    check_tables(setting, spoilt)


def test_the_plan_of_a_complete_set_tells_of_the_set(spoiled):
    setting, spoilt = spoiled
    assert setting.run("--skip-bad").code == 3
    done = setting.run("plan", quiet=False)
    assert done.code == 3
    check_told(setting, done.out, spoilt)
    assert re.search(r"^run_0003.h5 +0 events ", done.out, re.M)


def test_what_the_scan_left_out_counts_nowhere(setting):
    setting.make(1, "1.0", "--events", 8, "--unclosed", "--damage", "columns:3")
    setting.make(2, "1.0", "--events", 8, "--unclosed")
    for words in ("plan", "--skip-bad"), ("--skip-bad",):
        done = setting.run(*words, quiet=False)
        told = done.out + done.err
        assert done.code == 3 and "events           15, " in told
        assert "merged run 1 was not closed by the merger: 7 of 8 listed events taken, 1 skipped" in told
        assert "merged run 2 was not closed by the merger: 8 events found by listing, all taken" in told
    assert runs_of(setting)[1]["events"] == 7


# ---- a run that was left out as a whole

@pytest.fixture(params=["empty", "no HDF5", "cut"])
def with_a_bad_run(setting, request):
    setting.make(1, "1.0", "--events", 8)
    bad = setting.make(4, "1.0", "--events", 8)
    bad.write_bytes({"empty": b"", "no HDF5": b"no HDF5", "cut": bad.read_bytes()[:500]}[request.param])
    os.utime(bad, (LONG_AGO, LONG_AGO))
    return setting, bad, request.param


def test_a_run_that_was_left_out(with_a_bad_run):
    setting, bad, kind = with_a_bad_run
    done = setting.run("--skip-bad", quiet=False)
    assert done.code == 3
    assert "merged runs      1 read, 1 left out, " in done.err and "events           8, " in done.err
    assert "closed" not in done.err and "unknown version" not in done.err and "all taken" not in done.err
    assert "merged run 4 was left out: nothing of it could be read" in done.err
    if kind == "empty":
        assert "merged run 4: the file is empty" in done.err
    row = runs_of(setting)[4]
    known = {"run": 4, "file": "run_0004.h5", "bytes": bad.stat().st_size, "events": 0, "events_without_get": 0,
             "events_after_last_get": 0, "scalers": 0}
    assert row == {name: known.get(name) for name in row}
    verified = setting.run("verify", quiet=False)
    assert verified.code == 3 and "8 events in" in verified.out and "of the 1 merged run" in verified.out
    assert "1 read" in setting.run("plan", "--skip-bad", quiet=False).out
    steps = setting.run("--skip-bad", quiet=False)
    assert steps.code == 3 and "already complete" in steps.err


def test_a_link_set_without_a_run_that_was_left_out(with_a_bad_run):
    setting, _, _ = with_a_bad_run
    setting.configure(harmonic_count=2, mode="link")
    assert setting.run("--skip-bad").code == 3
    verified = setting.run("verify", quiet=False)
    assert verified.code == 3 and "of the 1 merged run" in verified.out, verified
    assert "2 merged runs" not in setting.run("verify", "--checksums", quiet=False).out


def test_a_range_without_events_has_no_mean(setting):
    setting.make(6, "synchronizer", "--events", 0)
    done = setting.harmonize(quiet=False)
    assert "harmonic runs    none" in done.err and "0 bytes/s" in done.err
