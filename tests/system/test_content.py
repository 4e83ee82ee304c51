# SPDX-License-Identifier: MIT
"""Everything comes through, whatever merger wrote it."""
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import h5py
import numpy as np
import pyarrow.parquet as parquet
import pytest

from conftest import LONG_AGO

GENUINE = Path(__file__).parents[1] / "genuine"
VERSIONS = ["v0.1.0", "v0.2.0", "v0.2.1", "v0.3.1", "main-2026-02"]


@pytest.mark.parametrize("version", VERSIONS)
def test_genuine_runs_come_through(setting, version):
    for path in (GENUINE / version).glob("*.h5"):
        shutil.copy(path, setting.merged)
        os.utime(setting.merged / path.name, (LONG_AGO, LONG_AGO))
    setting.configure(harmonic_count=3).harmonize()
    setting.assert_whole()
    # The judge reads with h5py; what the merger's own tool noted of each file is a third witness.
    rows = {row["run"]: row for row in parquet.read_table(setting.harmonic / "runs.parquet").to_pylist()}
    for path in (GENUINE / version).glob("*.json"):
        noted, row = json.loads(path.read_text()), rows[int(path.stem[4:])]
        assert row["events"] == len(noted["event_numbers"])
        assert row["scalers"] == len(noted["scaler_numbers"])
        assert row["bytes"] == noted["size"]


def test_all_genuine_versions_in_one_range(setting):
    for k, version in enumerate(VERSIONS):
        for path in (GENUINE / version).glob("*.h5"):
            target = setting.merged / f"run_{20 * k + int(path.stem[4:]):04d}.h5"
            shutil.copy(path, target)
            os.utime(target, (LONG_AGO, LONG_AGO))
    setting.configure(harmonic_size_gb=0.002).harmonize()
    setting.assert_whole()


def test_every_layout_with_everything_unusual(mixed):
    mixed.configure(harmonic_count=7).harmonize()
    mixed.assert_whole()


@pytest.mark.parametrize("layout", ["0.2.0", "1.0", "2.0"])
def test_compounds_texts_and_nested_groups(setting, layout):
    setting.make(1, layout, "--events", 9, "--extra-datasets", "--extra-exotic", "--extra-attributes")
    setting.configure(harmonic_count=2).harmonize()
    setting.assert_whole()
    with h5py.File(setting.harmonic / "run_0000.h5") as file:
        frib = file["events/event_0/frib_physics"]
        assert list(frib["texts"].asstr()) == ["pedestal", "gain \u00b5"]
        assert list(frib["nested/values"]) == [7, 8]
        assert frib["pairs"]["b"][0] == 0.5


@pytest.mark.parametrize("how", [["-f", "SHUF", "-f", "GZIP=4"], ["-l", "CHUNK=7x100"], ["--low=2"]],
                         ids=["compressed", "chunked", "new-style"])
def test_h5repack_changes_nothing(mixed, another, how):
    mixed.configure(harmonic_count=5).harmonize()
    before = mixed.hashes()
    for path in mixed.merged.iterdir():
        packed = path.with_suffix(".packed")
        if subprocess.run(["h5repack", *how, path, packed], stderr=subprocess.DEVNULL, check=False).returncode:
            subprocess.run(["h5repack", "-f", "GZIP=1", path, packed], check=True)
        packed.replace(path)
        os.utime(path, (LONG_AGO, LONG_AGO))
    other = another("packed").configure(harmonic_count=5)
    other.harmonize()
    other.assert_whole()
    after = other.hashes()
    assert before.keys() == after.keys()
    for name in before.keys() - {"runs.parquet"}:  # holds the lengths of the merged runs, which changed
        assert before[name] == after[name], name


def swap(dataset, name):
    """The same values in the other byte order."""
    values, attrs = dataset[()], dict(dataset.attrs)
    parent, key = dataset.parent, dataset.name
    types = {k: dataset.attrs.get_id(k).dtype for k in attrs}
    del parent[key]
    new = parent.create_dataset(name, data=values.astype(values.dtype.newbyteorder(">")))
    for k, value in attrs.items():
        new.attrs.create(k, value, dtype=types[k])


def test_big_endian_runs_give_the_same_bytes(setting, another):
    path = setting.make(1, "1.0", "--events", 6)
    setting.harmonize()
    with h5py.File(path, "r+") as file:
        for event in file["events"].values():
            swap(event["get_traces"], "get_traces")
            for module in list(event["frib_physics"]):
                swap(event["frib_physics"][module], module)
    os.utime(path, (LONG_AGO, LONG_AGO))
    other = another("swapped")
    other.harmonize()
    before, after = setting.hashes(), other.hashes()
    assert before["run_0000.h5"] == after["run_0000.h5"]
    assert before["events.parquet"] == after["events.parquet"]


def test_files_look_as_promised(mixed):
    mixed.configure(harmonic_count=4).harmonize()
    for path in sorted(mixed.harmonic.glob("run_*.h5")):
        with h5py.File(path) as file:
            assert list(file) == ["events"]
            attrs = file["events"].attrs
            assert attrs["version"] == "harmonizer:0.1.0" and isinstance(attrs["harmonizer_version"], str)
            assert file["events"].attrs.get_id("version").get_type().is_variable_str()
            assert {name: attrs.get_id(name).dtype.str for name in attrs if "version" not in name} == {
                "min_event": "<u8", "max_event": "<u8", "first_run": "<i4", "first_event": "<u8",
                "last_run": "<i4", "last_event": "<u8"}
            assert file.id.get_create_plist().get_version()[0] == 0  # superblock
            for event in file["events"].values():
                assert event.attrs.get_id("orig_run").dtype.str == "<i4"
                assert event.attrs.get_id("orig_event").dtype.str == "<u8"
                traces = event["get_traces"]
                assert traces.dtype.str == "<i2" and traces.shape[1] == 517 and traces.chunks is None
        text = path.read_bytes()
        assert text.count(b"TREE") > 0 and b"OHDR" not in text  # old-style groups only


def test_an_event_without_get_data_gets_an_empty_matrix(setting):
    setting.make(1, "1.0", "--events", 5, "--frib-only", 2, "--zero-rows", 3)
    setting.harmonize()
    with h5py.File(setting.harmonic / "run_0000.h5") as file:
        frib_only, zero_rows = file["events/event_2/get_traces"], file["events/event_3/get_traces"]
        assert frib_only.shape == zero_rows.shape == (0, 517)
        assert not frib_only.attrs and set(zero_rows.attrs) == {"id", "timestamp", "timestamp_other"}


def test_scalers_of_any_number_of_values(setting):
    setting.make(1, "1.0", "--scalers", 5, "--scaler-values", "0,11,12,13,32", "--scaler-max")
    setting.make(2, "0.1.0", "--scalers", 2, "--scaler-values", "3")
    setting.make(3, "2.0", "--scalers", 0)
    setting.harmonize()
    setting.assert_whole()
    table = parquet.read_table(setting.harmonic / "scalers.parquet")
    assert table.num_rows == 7 and table.column_names[-5] == "scaler_31"
    values = table["clock_free"].to_numpy(zero_copy_only=False)
    assert np.nansum(values[:5]) == 4 * (2**32 - 1)


def test_tables_are_read_by_all_readers(mixed):
    """The same cells and sums beyond 2^32 from pyarrow, polars, DuckDB and fastparquet."""
    import duckdb
    import pandas
    import polars
    mixed.make(4, "1.0", "--scalers", 300, "--scaler-max")
    mixed.harmonize()
    for name in ("scalers", "events", "runs"):
        path = str(mixed.harmonic / f"{name}.parquet")
        wanted = parquet.read_table(path).to_pylist()
        assert polars.read_parquet(path).to_dicts() == wanted
        found = duckdb.execute(f"select * from '{path}'")
        names = [column[0] for column in found.description]
        assert [dict(zip(names, row)) for row in found.fetchall()] == wanted
        frame = pandas.read_parquet(path, engine="fastparquet")
        assert list(frame.columns) == list(wanted[0])
        for column in frame.columns:
            cells = [None if pandas.isna(cell) else cell for cell in frame[column]]
            assert cells == [row[column] for row in wanted], column
    path = str(mixed.harmonic / "scalers.parquet")
    total = sum(row["clock_free"] or 0 for row in parquet.read_table(path).to_pylist())
    assert total > 2**32
    assert polars.read_parquet(path)["clock_free"].sum() == total
    assert duckdb.sql(f"select sum(clock_free) from '{path}'").fetchall()[0][0] == total


def test_statistics_and_types_of_the_tables(mixed):
    mixed.harmonize()
    file = parquet.ParquetFile(mixed.harmonic / "events.parquet")
    assert [str(kind) for kind in file.schema_arrow.types] == [
        "int32", "uint64", "int32", "uint64", "uint64", "uint64", "uint32", "uint64", "uint64", "uint32", "uint32",
        "uint32", "uint64", "uint32", "double"]
    table = file.read()
    for index, name in enumerate(table.column_names):
        chunk = file.metadata.row_group(0).column(index)
        column = table[name]
        cells = [cell for cell in column.to_pylist() if cell is not None]
        assert chunk.compression == "ZSTD" and chunk.statistics.null_count == column.null_count
        assert (chunk.statistics.min, chunk.statistics.max) == (min(cells), max(cells))
        assert file.schema.column(index).max_definition_level == 1


def test_runs_table(mixed):
    mixed.make(10, "0.1.0", "--title", "10Be(d,p) 300 Torr")
    mixed.harmonize()
    rows = {row["run"]: row for row in parquet.read_table(mixed.harmonic / "runs.parquet").to_pylist()}
    assert rows[10]["title"] == "10Be(d,p) 300 Torr" and rows[3]["title"] is None
    assert rows[10]["version"] is None and rows[3]["version"] == "libattpc_merger:1.0" and rows[10]["frib_time"] == 95
    assert [run for run, row in rows.items() if not row["closed"]] == [2, 8]
    assert rows[5]["events_without_get"] == 3 and rows[5]["events_after_last_get"] == 2
    assert rows[8]["frib_run"] is None and rows[6]["events"] == 0


def test_a_range_without_any_event(setting):
    setting.make(1, "1.0", "--events", 0, "--scalers", 0)
    setting.make(2, "0.1.0", "--events", 0, "--scalers", 0)
    done = setting.harmonize(quiet=False)
    assert setting.files() == ["events.parquet", "manifest.json", "runs.parquet", "scalers.parquet"]
    assert re.search(r"holds no event", done.err)
    assert parquet.read_table(setting.harmonic / "events.parquet").num_rows == 0
    assert parquet.read_table(setting.harmonic / "scalers.parquet").num_rows == 0


def test_an_unknown_version_is_a_warning(setting):
    setting.make(1, "1.0", "--version-text", "libattpc_merger:9.7")
    done = setting.harmonize(quiet=False)
    assert 'unknown version "libattpc_merger:9.7"' in done.err
    setting.assert_whole()


def test_what_is_not_carried_over_is_said(setting):
    setting.make(1, "2.0", "--extra-top")
    done = setting.harmonize(quiet=False)
    assert "events@future_attribute, /future_group" in done.err


def test_harmonic_runs_are_refused(setting, another):
    setting.make(1, "1.0")
    setting.harmonize()
    shutil.copy(setting.harmonic / "run_0000.h5", setting.merged / "run_0050.h5")
    done = another("again").run()
    assert done.code == 2 and "merged run 50: is a harmonic run" in done.err
    assert another("again").files() in ([], [".harmonizer"])


def test_merged_runs_are_never_written_to(mixed):
    for path in mixed.merged.iterdir():
        path.chmod(0o444)
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in mixed.merged.iterdir()}
    mixed.harmonize()
    assert before == {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in mixed.merged.iterdir()}
