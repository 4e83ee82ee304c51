# SPDX-License-Identifier: MIT
"""info: what the summary said, at any time, from the tables; and all of it as data."""
import json
import re
import shutil

import h5py
import polars
import pytest


def told_by_the_run(text):
    """The lines of the summary, less what is of the run alone."""
    alone = ("time ", "complete", "harmonizer: ")
    return [line for line in text.splitlines() if not line.startswith(alone)]


@pytest.fixture(name="rich")
def fixture_rich(setting):
    """Everything that a summary can tell of."""
    setting.make(3, "1.0", "--events", 14, "--frib-tail", 3, "--frib-only", "2,5", "--seed", 1)
    setting.make(4, "2.0", "--events", 9, "--no-1903", "1,2")
    setting.make(6, "0.2.0", "--events", 8, "--holes", "3")
    setting.make(7, "0.1.0", "--events", 5)
    with h5py.File(setting.make(8, "1.0", "--events", 6), "r+") as file:
        del file["events/event_2/get_traces"].attrs["id"]
    setting.make(9, "1.0").write_bytes(b"")
    return setting.configure(harmonic_count=4, min_run=2, max_run=10)


def test_info_says_what_the_summary_said(rich):
    done = rich.run("--skip-bad", quiet=False)
    assert done.code == 3, done
    shutil.rmtree(rich.merged)
    info = rich.run("info")
    assert info.code == 3 and info.err == "", info
    wanted = told_by_the_run(done.err)
    assert len(wanted) > 7
    assert [line for line in wanted if line not in info.out.splitlines()] == []
    assert "merged run 3 " in info.out and "traces an event" in info.out


def test_the_data_are_those_of_the_tables(rich):
    made = rich.run("--skip-bad", "--json")
    assert made.code == 3
    made = json.loads(made.out)
    info = json.loads(rich.run("info", "--json").out)
    assert (made["already_complete"], info["already_complete"]) == (False, True)
    assert made["seconds"] > 0 and made["bytes_per_second"] > 0 and info["seconds"] is None
    alone = ("already_complete", "seconds", "bytes_per_second")
    assert {key: value for key, value in made.items() if key not in alone} == \
        {key: value for key, value in info.items() if key not in alone}
    again = rich.run("--skip-bad", "--json")
    assert again.code == 3 and json.loads(again.out) == info
    events = polars.read_parquet(rich.harmonic / "events.parquet")
    assert (info["events"], info["payload_bytes"]) == (len(events), events["bytes"].sum())
    assert info["scalers"] == len(polars.read_parquet(rich.harmonic / "scalers.parquet"))
    assert info["skipped"] == len(rich.manifest()["skipped"]) and info["not_found"] == "2, 5, 10"
    assert (info["events_without_get_inside"], info["events_after_last_get"]) == (2, 3)
    for item in info["harmonic_runs"]:
        mine = events.filter(polars.col("harmonic_run") == int(item["file"][4:8]))
        assert (item["events"], item["payload_bytes"]) == (len(mine), mine["bytes"].sum())
        assert item["spyral_cannot_read"] == len(mine.filter(polars.col("spyral") > 0))
    assert info["spyral"]["cannot_read"] == sum(info["spyral"]["cannot_read_by_reason"].values()) > 0
    runs = {item["run"]: item for item in info["merged_runs"]}
    for run in polars.read_parquet(rich.harmonic / "runs.parquet").iter_rows(named=True):
        told = runs[run["run"]]
        mine = events.filter(polars.col("orig_run") == run["run"])
        assert (told["events"], told["traces"], told["payload_bytes"]) == (len(mine), mine["traces"].sum(), mine["bytes"].sum())
        for key in "bytes", "events", "events_without_get", "events_after_last_get", "scalers", "version":
            assert told[key] == run[key], (run, key)
        assert told["left_out"] == (run["closed"] is None)
    assert (runs[9]["left_out"], runs[8]["skipped_events"]) == (True, 1)


def test_a_set_without_an_event(setting):
    setting.make(1, "1.0", "--events", 0)
    setting.harmonize()
    info = setting.run("info")
    assert info.code == 0 and "harmonic runs    none" in info.out
    told = json.loads(setting.run("info", "--json").out)
    assert told["sizes"] is None and told["harmonic_runs"] == [] and told["spyral"]["run_max"] is None


def test_links_are_told_of(setting):
    setting.make(1, "1.0")
    setting.configure(mode="link").harmonize()
    assert "links            the data stay in the merged runs" in setting.run("info").out
    assert json.loads(setting.run("info", "--json").out)["mode"] == "link"


@pytest.mark.parametrize("table", ["events.parquet", "runs.parquet"])
def test_a_table_that_is_not_the_one_listed_gives_no_answer(setting, table):
    setting.make(1, "1.0")
    setting.harmonize()
    path = setting.harmonic / table
    right = path.read_bytes()
    for content in right[:-1], right[:50] + bytes([right[50] ^ 4]) + right[51:], b"":
        path.write_bytes(content)
        for words in ["info"], ["info", "--json"], ["--json"]:
            done = setting.run(*words)
            assert done.code in (1, 2) and done.out == "" and table in done.err, done
    path.unlink()
    done = setting.run("info")
    assert done.code == 1 and f"{path}: is missing" in done.err


def test_without_a_set_there_is_no_info(setting):
    done = setting.run("info")
    assert done.code == 1 and "there is no harmonic set yet" in done.err


def test_nothing_else_is_on_standard_output(setting):
    setting.make(1, "1.0")
    done = setting.run("--json", quiet=False)
    assert done.code == 0 and json.loads(done.out) and "harmonic runs " in done.err and re.search(r"^complete$", done.err, re.M)
    for words in ["finish", "--json"], ["--json"]:
        assert json.loads(setting.run(*words).out)["already_complete"]
