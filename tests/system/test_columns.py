# SPDX-License-Identifier: MIT
"""What is computed for the tables, and what the files say of each column."""
import re
from pathlib import Path

import polars
import pyarrow.parquet
import pytest

FORMATS = Path(__file__).parents[2] / "docs/formats.md"
CLOCK = 1 << 48


def seconds(timestamp, first):
    ticks = (timestamp - first) % CLOCK
    return (ticks if ticks < CLOCK // 2 else ticks - CLOCK) / 1e8


def check_times(events):
    for _, run in events.group_by("orig_run", maintain_order=True):
        stamps = run["get_timestamp"].to_list()
        first = next((stamp for stamp in stamps if stamp), None)
        assert run["time_s"].to_list() == [seconds(stamp, first) if stamp else None for stamp in stamps]


def total(readouts, name):
    """Of readouts with incremental 1 the sum, of others the last value, each fall on the way a wrap of 32 bits."""
    counts, last, there = 0, 0, False
    for value, incremental in readouts.select(name, "incremental").iter_rows():
        if value is None:
            continue
        there = True
        if incremental:
            counts += value
        else:
            counts += (1 << 32) * (value < last)
            last = value
    return counts + last if there else None


def check_runs(setting):
    folder = setting.harmonic
    events, scalers = polars.read_parquet(folder / "events.parquet"), polars.read_parquet(folder / "scalers.parquet")
    skipped = [item["run"] for item in setting.manifest()["skipped"] if item["event"] is not None]
    for run in polars.read_parquet(folder / "runs.parquet").iter_rows(named=True):
        if run["closed"] is None:
            assert all(run[name] is None for name in ("skipped", "live_fraction", "ic_counts", "mesh_counts", "duration_s"))
            continue
        times = events.filter(polars.col("orig_run") == run["run"])["time_s"]
        readouts = scalers.filter(polars.col("run") == run["run"])
        assert run["skipped"] == skipped.count(run["run"])
        assert (run["ic_counts"], run["mesh_counts"]) == (total(readouts, "ic_sca"), total(readouts, "mesh_sca"))
        free = total(readouts, "clock_free")
        assert run["live_fraction"] == (total(readouts, "clock_live") / free if free else None)
        least, most = times.min(), times.max()
        assert run["duration_s"] == (None if least is None else round((most - least) * 1e8) / 1e8)
    return events


def test_mixed_runs(mixed):
    mixed.configure(harmonic_count=4).harmonize()
    check_times(check_runs(mixed))


def test_what_was_left_out_counts_nowhere(setting):
    """The first event with GET data, which the times would begin at, is one of them."""
    import h5py
    path = setting.make(3, "1.0", "--events", 12, "--frib-only", "0")
    with h5py.File(path, "r+") as file:
        del file["events/event_1/get_traces"].attrs["timestamp"]
    setting.make(4, "1.0").write_bytes(b"")
    assert setting.run("--skip-bad").code == 3
    events = check_runs(setting)
    check_times(events)
    assert events["orig_event"].to_list()[:2] == [0, 2] and events["time_s"].to_list()[:2] == [None, 0.0]
    assert setting.run("verify").code == 3


def described(table):
    """name -> text, from the documents."""
    section = FORMATS.read_text(encoding="utf-8").split(f"### {table}\n")[1].split("\n#")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| `")]
    texts = {}
    for names, _, meaning, unit, *_ in rows:
        text = meaning.replace("`", "") + ("" if unit == "-" else f" [{unit}]")
        texts.update({name: text for name in re.findall(r"`(\w+)`", names)})
    return texts


@pytest.mark.parametrize("table", ["events.parquet", "scalers.parquet", "runs.parquet"])
def test_each_column_is_described_as_in_the_documents(mixed, table):
    mixed.harmonize()
    file = pyarrow.parquet.ParquetFile(mixed.harmonic / table)
    said = {key.decode(): value.decode() for key, value in file.metadata.metadata.items() if key != b"ARROW:schema"}
    assert list(said) and set(said) == set(file.schema_arrow.names)
    texts = described(table)
    for name, text in said.items():
        if re.fullmatch(r"scaler_\d+", name):
            assert text == f"value {name[7:]} [counts]"
        else:
            assert texts[name] == text
    assert set(texts) - {"scaler_11", "scaler_12"} <= set(said)
