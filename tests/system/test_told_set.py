# SPDX-License-Identifier: MIT
"""What the user is told of a set: numbers of what is in it, not of what was planned."""
import json
import os
import re
import subprocess
from pathlib import Path

import h5py
import polars
import pytest

from conftest import LONG_AGO, PROGRAM, break_chunk


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
    assert f"skipped          {len(spoilt)} damaged events; listed in manifest.json" in told
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
    assert verified.code == 3 and f"good: {63 - len(spoilt)} events" in verified.out and "of 2 merged runs" in verified.out
    assert setting.run("verify", "--checksums").code == 3
    again = setting.run("--skip-bad", quiet=False)
    assert again.code == 3 and f"already complete, nothing to do; not in it: {len(spoilt)} damaged events, readouts or runs, listed" in again.err
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


@pytest.mark.parametrize("layout", ["0.1.0", "0.2.0", "1.0", "2.0"])
@pytest.mark.parametrize("spoilt", ["first", "last", "all", "all but one"])
def test_a_run_with_damaged_events_was_closed_all_the_same(setting, layout, spoilt):
    events = {"first": [0], "last": [6, 7], "all": range(8), "all but one": range(1, 8)}[spoilt]
    group = "get" if layout == "2.0" else "get_traces"
    setting.make(1, "1.0", "--events", 8)
    for run, unclosed in (2, []), (3, ["--unclosed"]):
        path = setting.make(run, layout, "--events", 8, *unclosed)
        with h5py.File(path, "r+") as file:
            for event in events:
                if layout == "0.1.0":
                    del file[f"get/evt{event}_header"]
                else:
                    del file[f"events/event_{event}/{group}"].attrs["id"]
        os.utime(path, (LONG_AGO, LONG_AGO))
    done = setting.run("--skip-bad", quiet=False)
    assert done.code == 3
    died = layout == "0.2.0"  # this merger never counted
    assert ("merged run 2 was not closed" in done.err) == died and "merged run 3 was not closed" in done.err, done.err
    assert [runs_of(setting)[run]["closed"] for run in (2, 3)] == [0 if died else 1, 0]


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
    assert verified.code == 3 and "8 events in" in verified.out and "of 1 merged run" in verified.out
    assert "\nnot in the set: 1 damaged event, readout or run, listed" in verified.out and "\nalso not in" in verified.out
    assert "nothing to do; not in it: 1 damaged event, readout or run, listed" in setting.run(quiet=False).err
    assert "1 read" in setting.run("plan", "--skip-bad", quiet=False).out
    steps = setting.run("--skip-bad", quiet=False)
    assert steps.code == 3 and "already complete" in steps.err


def test_a_link_set_without_a_run_that_was_left_out(with_a_bad_run):
    setting, _, _ = with_a_bad_run
    setting.configure(harmonic_count=2, mode="link")
    assert setting.run("--skip-bad").code == 3
    verified = setting.run("verify", quiet=False)
    assert verified.code == 3 and "of 1 merged run" in verified.out, verified
    assert "2 merged runs" not in setting.run("verify", "--checksums", quiet=False).out


def test_a_range_without_events_has_no_mean(setting):
    setting.make(6, "synchronizer", "--events", 0)
    done = setting.harmonize(quiet=False)
    assert "harmonic runs    none" in done.err and "0 bytes/s" in done.err


# ---- the same cause in many events

def without_ids(setting, run, events, spared=()):
    path = setting.make(run, "1.0", "--events", events, "--traces", "0:2")
    with h5py.File(path, "a") as file:
        for event in set(range(events)) - set(spared):
            del file[f"events/event_{event}/get_traces"].attrs["id"]
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def lines_on(done, run):
    return [line for line in done.err.splitlines() if f"merged run {run}:" in line]


def test_the_same_cause_in_many_events_is_one_line(setting):
    without_ids(setting, 7, 2400)
    path = without_ids(setting, 8, 9, spared=[0, 8])
    with h5py.File(path, "a") as file:
        del file["events/event_8/get_traces"].attrs["timestamp"]
        del file["events/event_0/frib_physics"].attrs["id"]
        del file["events/event_5/get_traces"].attrs["timestamp"]  # the id counts first
    os.utime(path, (LONG_AGO, LONG_AGO))
    setting.make(9, "1.0", "--events", 3)
    done = setting.run()
    assert done.code == 1
    assert lines_on(done, 7) == [
        "harmonizer: merged run 7: get_traces: attribute id is missing in 2,400 events (event_0 to event_2399)"]
    assert lines_on(done, 8) == [
        "harmonizer: merged run 8: events/event_0/frib_physics: attribute id is missing",
        "harmonizer: merged run 8: get_traces: attribute id is missing in 7 events (event_1 to event_7)",
        "harmonizer: merged run 8: events/event_8/get_traces: attribute timestamp is missing"]
    assert "--skip-bad would leave out: 2,400 events of merged run 7, 9 events of merged run 8" in done.err
    skipped = setting.run("--skip-bad")
    assert skipped.code == 3 and lines_on(skipped, 7) == [
        "harmonizer: skipped: merged run 7: get_traces: attribute id is missing in 2,400 events (event_0 to event_2399)"]
    assert len(lines_on(skipped, 8)) == 3
    listed = setting.manifest()["skipped"]
    assert [(item["run"], item["event"]) for item in listed] == [(7, k) for k in range(2400)] + [(8, k) for k in range(9)]
    assert all(f"event_{item['event']}/" in item["reason"] for item in listed)


def test_numbers_in_a_cause_keep_nobody_apart(setting):
    """Each event ends at another byte: what the first one needs stands for all."""
    path = setting.make(4, "1.0", "--events", 20, "--traces", "50")
    with h5py.File(path) as file:
        ends = {k: file[f"events/event_{k}/get_traces"].id.get_offset() + file[f"events/event_{k}/get_traces"].nbytes
                for k in range(20)}
    data = path.read_bytes()
    cut = sorted(ends.values())[9] + 10
    path.write_bytes(data[:40] + cut.to_bytes(8, "little") + data[48:cut])  # the superblock is told, as by a mended copy
    os.utime(path, (LONG_AGO, LONG_AGO))
    setting.make(5, "1.0", "--events", 3)
    done = setting.run()
    assert done.code == 1 and len(lines_on(done, 4)) < 6, done
    assert re.search(r"merged run 4: events/event_(\d+)/get_traces: ends at byte [\d,]+, the file at [\d,]+; the like in "
                     r"\d+ events \(event_\1 to event_\d+\)", done.err), done


def test_what_the_copy_leaves_out_is_grouped_too(setting):
    """Over harmonic runs and merged runs."""
    for run in 1, 2:
        path = setting.make(run, "1.0", "--events", 10, "--traces", "20:30")
        repack(path)
        for event in 3, 4, 5, 6, 7:
            break_chunk(path, f"events/event_{event}/get_traces")
    setting.configure(harmonic_count=5)
    done = setting.run("--skip-bad")
    assert done.code == 3
    for run in 1, 2:
        [line] = lines_on(done, run)
        assert line.startswith(f"harmonizer: skipped: merged run {run}: get_traces: ") and \
            line.endswith(" in 5 events (event_3 to event_7)")
    assert len(setting.manifest()["skipped"]) == 10


# ---- merged runs that are not as they were

def test_a_run_whose_time_alone_changed(setting):
    for run in 1, 4:
        setting.make(run, "1.0")
    setting.configure(harmonic_count=3).harmonize()
    before = setting.hashes()
    os.utime(setting.merged / "run_0004.h5", (LONG_AGO + 86400, LONG_AGO + 86400))
    for words in [], ["plan"], ["prepare"], ["finish"]:
        done = setting.run(*words)
        assert done.code == 1, (words, done)
        assert ("merged run 4: its time changed (2023-11-14 22:13:20 UTC before, 2023-11-15 22:13:20 UTC now), "
                "its length did not") in done.err
        assert "`verify` tells" in done.err and "merged run 1" not in done.err
        assert setting.files() == sorted([*before, "manifest.json"])
    verified = setting.run("verify")
    assert verified.code == 0 and "merged run 4" in verified.err
    os.utime(setting.merged / "run_0004.h5", ns=(LONG_AGO * 10**9, LONG_AGO * 10**9 + 17))
    assert "22:13:20.000000017 UTC now" in setting.run().err
    setting.harmonize("--force")
    assert setting.hashes() == before


def test_what_became_of_many_runs_is_one_line(setting):
    """A folder that was copied without -p, moved in half, or has grown."""
    for run in range(1, 7):
        setting.make(run, "1.0", "--events", 3)
    setting.harmonize()
    for run in range(1, 7):
        os.utime(setting.merged / f"run_000{run}.h5", (LONG_AGO + 86400, LONG_AGO + 86400))
    done = setting.run()
    assert done.code == 1 and done.err.count("\n") == 2
    assert ("harmonizer: merged runs 1 to 6: their times changed (run 1: 2023-11-14 22:13:20 UTC before, 2023-11-15 22:13:20 "
            "UTC now), their lengths did not\n") in done.err
    verified = setting.run("verify")
    assert verified.code == 0 and verified.err.count("warning") == 1
    assert "merged runs 1 to 6 have changed since the set was made of them, or were copied" in verified.err
    for run in 2, 3, 5:
        (setting.merged / f"run_000{run}.h5").unlink()
    setting.make(7, "1.0")
    setting.make(8, "1.0")
    setting.configure(skip_runs=[1, 6])
    assert setting.run().err.splitlines()[:4] == [
        "harmonizer: merged run 4: its time changed (2023-11-14 22:13:20 UTC before, 2023-11-15 22:13:20 UTC now), its length "
        "did not",
        "harmonizer: merged runs 1, 6 are in the set, but min_run, max_run and skip_runs of the configuration leave them out",
        f"harmonizer: merged runs 2, 3, 5 are gone: they are in the set, but not in {setting.merged}",
        "harmonizer: merged runs 7, 8 are new: the set does not have them"]


def test_another_inode_alone_is_no_change(setting):
    path = setting.make(1, "1.0")
    setting.harmonize()
    path.rename(path.with_suffix(".old"))
    path.write_bytes(path.with_suffix(".old").read_bytes())
    os.utime(path, (LONG_AGO, LONG_AGO))
    assert "already complete" in setting.harmonize(quiet=False).err


def test_a_run_of_a_complete_set_that_is_gone(setting):
    for run in 1, 4:
        setting.make(run, "1.0")
    setting.harmonize()
    (setting.merged / "run_0004.h5").unlink()
    for words in [], ["plan"], ["prepare"]:
        done = setting.run(*words)
        assert done.code == 2 and "merged run 4 is gone" in done.err and "merged run 1" not in done.err
        assert "only place that has their events" in done.err and "nothing needs to be done" in done.err
        assert "--force" not in done.err and "--skip-bad" not in done.err
    setting.configure(harmonic_count=7)  # whatever else differs
    assert "--force" not in setting.run().err
    setting.configure(max_run=3)
    assert "--force" not in setting.run().err


def test_runs_of_a_complete_set_that_are_new_or_left_out(setting):
    for run in 1, 4:
        setting.make(run, "1.0")
    setting.harmonize()
    setting.make(2, "1.0")
    done = setting.run()
    assert done.code == 2 and "merged run 2 is new" in done.err and "merged run 1" not in done.err
    setting.configure(skip_runs=[2, 4])
    done = setting.run()
    assert done.code == 2 and "merged run 4 is in the set, but min_run, max_run and skip_runs" in done.err


def test_a_harmonic_run_among_the_merged_ones(setting):
    setting.make(1, "1.0", "--events", 3)
    setting.harmonize()
    (setting.harmonic / "run_0000.h5").rename(setting.merged / "run_0002.h5")
    for path in setting.harmonic.iterdir():
        path.unlink()
    for words in [], ["plan"], ["--skip-bad"]:
        done = setting.run(*words)
        assert done.code == 2 and "merged run 2: is a harmonic run" in done.err and "skip_runs" in done.err, done
    setting.configure(skip_runs=[2]).harmonize()


@pytest.mark.parametrize("how", ["missing", "no rights"])
def test_a_file_of_the_set_is_named_once(setting, how):
    setting.make(1, "1.0", "--events", 3)
    setting.harmonize()
    path = setting.harmonic / "run_0000.h5"
    path.unlink() if how == "missing" else path.chmod(0)
    told = "is missing" if how == "missing" else "cannot open: Permission denied"
    step_down = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    for words, lead in (["verify", "--checksums"], "run_0000.h5: "), (["verify"], "run_0000.h5: "):
        done = subprocess.run([*step_down, PROGRAM, "-q", "-c", setting.config, *words], capture_output=True, text=True,
                              check=False)
        assert done.returncode == 1 and (done.stdout + done.stderr).splitlines()[0] == lead + told, (words, done)


def test_a_spoiled_manifest_has_a_way_out(setting):
    setting.make(1, "1.0", "--events", 3)
    setting.harmonize()
    path = setting.harmonic / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'"events"', b'"Events"'))
    for words in [], ["--force"], ["plan"], ["verify"], ["find", "1", "1"]:
        done = setting.run(*words)
        assert done.code in (1, 2) and "put it back from a copy" in done.err and "another harmonic_path" in done.err, done


@pytest.mark.parametrize("before, after, words", [
    (dict(harmonic_count=5), dict(harmonic_count=3), "harmonic_count 5, the configuration says 3"),
    (dict(harmonic_size_gb=0.25), dict(harmonic_count=3), "harmonic_size_gb 0.25, the configuration says harmonic_count 3"),
    (dict(harmonic_size_gb=0.25), dict(harmonic_size_gb=10), "harmonic_size_gb 0.25, the configuration says 10"),
    (dict(mode="link"), dict(mode="copy"), "mode: link, the configuration says copy")])
def test_another_setting_is_named(setting, before, after, words):
    setting.make(1, "1.0")
    setting.configure(**before).harmonize()
    done = setting.configure(**after).run()
    assert done.code == 2 and words in done.err and "of other runs or another size" not in done.err


@pytest.fixture
def unfinished(setting):
    """A set that was stopped when its first harmonic runs were there."""
    for run in 1, 4:
        setting.make(run, "1.0", "--traces", "20:40")
    setting.configure(harmonic_count=4)
    assert setting.run("prepare").code == 0 and setting.run("write", "--shard", "1/2").code == 0
    return setting


def test_changes_under_an_unfinished_set(unfinished):
    setting = unfinished
    path = setting.merged / "run_0004.h5"
    os.utime(path, (LONG_AGO + 5, LONG_AGO + 5))
    for words in [], ["prepare"], ["write", "--shard", "2/2"]:
        done = setting.run(*words)
        assert done.code == 1 and "merged run 4: its time changed" in done.err, done
    os.utime(path, (LONG_AGO, LONG_AGO))
    setting.configure(harmonic_count=3)
    done = setting.run()
    assert done.code == 2 and "harmonic_count 4, the configuration says 3" in done.err
    done = setting.run("write", "--shard", "2/2")
    assert done.code == 2 and "harmonic_count 4, the configuration says 3" in done.err
    setting.configure(harmonic_count=4)
    path.rename(setting.root / "away")
    for words in [], ["write", "--shard", "2/2"]:
        done = setting.run(*words)
        assert done.code in (1, 2) and "merged run 4 is gone" in done.err and "--force" not in done.err, done
    (setting.root / "away").rename(path)
    setting.harmonize()
    setting.assert_whole()


# ---- a manifest that is lost

@pytest.mark.parametrize("words", [["verify"], ["verify", "--checksums"], ["find", "1", "2"], [], ["--force"], ["plan"],
                                   ["prepare"]], ids=" ".join)
def test_a_lost_manifest_does_not_end_in_a_circle(setting, words):
    setting.make(1, "1.0")
    setting.harmonize()
    manifest = setting.harmonic / "manifest.json"
    kept, before = manifest.read_bytes(), setting.hashes()
    manifest.unlink()
    done = setting.run(*words)
    assert done.code == (1 if words and words[0] in ("verify", "find") else 2)
    assert "the manifest is missing" in done.err and "put manifest.json back from a copy" in done.err, done
    assert "run the same command again" not in done.err and "did not write" not in done.err
    assert setting.hashes() == before and sorted(before) == setting.files()
    manifest.write_bytes(kept)
    assert setting.run("verify").code == 0


def test_what_no_manifest_means_before_the_end(unfinished, another):
    for words in ["verify"], ["verify", "--checksums"], ["find", "1", "2"]:
        done = unfinished.run(*words)
        assert done.code == 1 and "this set is not complete; run the same command again" in done.err
        done = another("empty").run(*words)
        assert done.code == 1 and "there is no harmonic set yet; harmonize first" in done.err


# ---- advice that can work

def test_damage_that_only_the_copy_sees(spoiled):
    setting, spoilt = spoiled
    for words in [], ["write", "--shard", "1/1"]:
        done = setting.run(*words)
        assert done.code == 1 and "could not be written" in done.err and "--skip-bad" in done.err, done
        assert "run the same command again" not in done.err
    assert setting.run("--skip-bad").code == 3  # the advice works
    assert {item["event"] for item in setting.manifest()["skipped"]} == spoilt


def test_what_skip_bad_would_leave_out(setting):
    setting.make(1, "1.0", "--events", 8)
    for run, content in (4, b""), (5, b"no HDF5"):
        bad = setting.make(run, "1.0", "--events", 8)
        bad.write_bytes(content)
        os.utime(bad, (LONG_AGO, LONG_AGO))
    without_ids(setting, 6, 9, spared=range(4))
    setting.make(7, "1.0", "--events", 8, "--damage", "scaler:1")
    done = setting.run()
    assert done.code == 1 and done.err.splitlines()[-1].endswith(
        "--skip-bad would leave out: merged run 4 (whole), merged run 5 (whole), 5 events of merged run 6, "
        "1 scaler readout of merged run 7")
    done = setting.run("--skip-bad", quiet=False)
    assert "skipped          5 damaged events, 1 damaged scaler readout, 2 merged runs as a whole; listed in manifest.json" in done.err


def test_where_nothing_would_be_left_it_is_not_offered(setting):
    bad = setting.make(1, "1.0", "--events", 8)
    bad.write_bytes(b"")
    done = setting.run()
    assert done.code == 1 and "--skip-bad would leave no event" in done.err
    assert setting.run("--skip-bad").code == 1


def test_a_run_that_is_written_to_while_it_is_copied(unfinished):
    """The same command could only say that it changed: what helps is told."""
    setting = unfinished
    (setting.merged / "run_0004.h5").touch()
    done = setting.run()
    assert done.code == 1 and "begin it again with --force" in done.err
    setting.harmonize("--force")
    setting.assert_whole()


def test_find_says_why_an_event_is_not_there(spoiled):
    setting, spoilt = spoiled
    bad = setting.make(3, "1.0")
    bad.write_bytes(b"")
    os.utime(bad, (LONG_AGO, LONG_AGO))
    assert setting.run("--skip-bad").code == 3
    event = min(spoilt)
    done = setting.run("find", "2", str(event))
    assert done.code == 1 and f"event {event} of merged run 2 was left out as damaged: events/event_{event}/get_traces" in done.err
    done = setting.run("find", "3", "0")
    assert done.code == 1 and "merged run 3, which is damaged: the file is empty" in done.err
    done = setting.run("find", "1", "999")
    assert done.code == 1 and "holds no event 999 of merged run 1" in done.err
    done = setting.run("find", "9", "0")
    assert done.code == 1 and "of merged run 9: that run is not in the set" in done.err


def test_a_set_all_of_whose_merged_runs_are_gone(setting):
    """The plain command cannot name a run; it says what is there."""
    for run in 1, 4:
        setting.make(run, "1.0")
    setting.harmonize()
    before = setting.hashes()
    for path in setting.merged.iterdir():
        path.unlink()
    for words in [], ["--force"], ["plan"], ["verify"]:
        done = setting.run(*words)
        assert done.code in (1, 2) and "harmonic set of 2 merged runs; `verify --checksums` checks it" in done.err, done
    assert setting.run("verify", "--checksums").code == 0 and setting.hashes() == before


def keys_of(value):
    if isinstance(value, list):
        return set().union(*map(keys_of, value))
    return set(value).union(*map(keys_of, value.values())) if isinstance(value, dict) else set()


def test_the_manual_names_every_key_of_the_json(setting):
    setting.make(1, "1.0", "--events", 3)
    setting.harmonize()
    told = json.loads(setting.run("info", "--json").out)
    (setting.harmonic / "runs.parquet").unlink()
    printed = [json.loads(setting.run(*words, "--json").out) for words in
               (["plan"], ["find", "1", "1"], ["find", "--harmonic", "0", "1"], ["verify"])] + [told]
    assert len(printed[3]["differences"]) == 1
    manual = Path(__file__).parents[2].joinpath("docs/harmonizer.1.scd").read_text()
    section = manual.split("# JSON\n")[1].split("\n#")[0]
    assert set(re.findall(r'"([a-z_]+)"', section)) == keys_of(printed)
