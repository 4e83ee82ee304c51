# SPDX-License-Identifier: MIT
"""The fixture maker writes what the mergers write: the same names, types, shapes, attributes and storage."""
import re
import subprocess
from pathlib import Path

import h5py
import pytest

from conftest import MKRUN

GENUINE = Path(__file__).parents[1] / "genuine"


def structure(path):
    """{name with N for numbers: everything about it but its values and numbers of rows}"""
    out = {}

    def look(name, thing):
        name = re.sub(r"(event_|evt|scaler(?=\d))\d+", r"\1N", name)
        attrs = {key: (thing.attrs.get_id(key).dtype.str, thing.attrs.get_id(key).shape,
                       thing.attrs.get_id(key).get_type().get_class()) for key in thing.attrs}
        if isinstance(thing, h5py.Dataset):
            empty = thing.size == 0
            kind = (thing.dtype.str, len(thing.shape), thing.shape[-1] if name.endswith(("_traces", "pads", "_data"))
                    and "scaler" not in name else None, thing.chunks if empty else None, thing.compression)
            out.setdefault((name, "empty" if empty else "full"), set()).add((kind, tuple(sorted(attrs.items()))))
        else:
            out.setdefault((name, "group"), set()).add(tuple(sorted(attrs.items())))

    with h5py.File(path) as file:
        assert file.id.get_create_plist().get_version()[0] == 0
        file.visititems(look)
    return out


@pytest.mark.parametrize("version, layout", [("v0.1.0", "0.1.0"), ("v0.2.0", "0.2.0"), ("v0.2.1", "1.0"),
                                             ("v0.3.1", "2.0"), ("main-2026-02", "2.0")])
def test_structure_is_the_mergers_own(tmp_path, version, layout):
    genuine = {}
    for path in (GENUINE / version).glob("*.h5"):
        for key, kinds in structure(path).items():
            genuine.setdefault(key, set()).update(kinds)
    made = tmp_path / "run_0001.h5"
    subprocess.run([MKRUN, made, "--run", "1", "--layout", layout, "--events", "30", "--zero-rows", "3",
                    "--frib-tail", "2", "--with-1904", "all", "--with-1905", "all", "--with-1906", "all"], check=True)
    found = structure(made)
    for key, kinds in found.items():
        if "cobo" in key[0] or (version != "main-2026-02" and re.search(r"190[456]", key[0])):
            continue  # file lists have the names of their DAQ; modules that came later
        if key[1] == "empty" and key not in genuine:  # this version's samples happen to have none of this one
            assert {kind[3] for kind, _ in kinds} == {(1, 1)}, key
            continue
        assert key in genuine, key
        assert kinds <= genuine[key], (key, kinds, genuine[key])
    needed = {key for key in genuine if not re.search(r"cobo|190[456]", key[0])}
    assert needed - set(found) <= {key for key in needed if key[1] == "empty"}, needed - set(found)


def numbers(group):
    return sorted(int(name[6:]) for name in group)


def test_options_do_what_they_say(tmp_path):
    path = tmp_path / "run_0007.h5"
    subprocess.run([MKRUN, path, "--run", "7", "--layout", "2.0", "--events", "10", "--first-event", "5", "--holes",
                    "8", "--frib-tail", "3", "--frib-only", "6", "--get-only", "7", "--zero-rows", "9",
                    "--no-1903", "10", "--coincidence-high", "11", "--scalers", "4", "--scaler-holes", "2",
                    "--scaler-values", "0,11", "--extra-datasets", "--extra-attributes"], check=True)
    with h5py.File(path) as file:
        events = file["events"]
        assert numbers(events) == [5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17]
        assert (int(events.attrs["min_event"]), int(events.attrs["max_event"])) == (5, 14)
        assert "get" not in events["event_6"] and "frib_physics" not in events["event_7"]
        assert events["event_9/get/pads"].shape == (0, 517) and events["event_9/get/pads"].chunks == (1, 1)
        assert "1903" not in events["event_10/frib_physics"] and events["event_5/frib_physics/1903"].shape == (2048, 8)
        assert events["event_11/frib_physics/977"][0] == 7
        assert all("get" not in events[f"event_{k}"] for k in (15, 16, 17))
        event = events["event_5"]
        ids = {int(event["get"].attrs["id"]), int(event["frib_physics"].attrs["id"]), 5}
        assert len(ids) == 3
        assert event["get"].attrs["timestamp"] > 2**32 and event["frib_physics"].attrs["timestamp"] > 2**31
        assert numbers(file["scalers"]) == [0, 1, 3] and len(file["scalers/event_1"]) == 11
        assert "2001" in event["get"] and "zz_numbers" in event.attrs


@pytest.mark.parametrize("layout", ["0.1.0", "1.0", "2.0"])
def test_unclosed_and_empty_runs(tmp_path, layout):
    path = tmp_path / "run.h5"
    subprocess.run([MKRUN, path, "--run", "7", "--layout", layout, "--unclosed"], check=True)
    with h5py.File(path) as file:
        if layout == "0.1.0":
            assert "meta" not in file["meta"]
        else:
            assert int(file["events"].attrs["max_event"]) == 0 and len(file["events"]) == 10
    subprocess.run([MKRUN, path, "--run", "7", "--layout", layout, "--events", "0"], check=True)
    with h5py.File(path) as file:
        if layout == "0.1.0":
            assert list(file["meta/meta"]) == [1000000000, 0, 0, 0] and len(file["get"]) == 0
        else:
            assert len(file["events"]) == 0


@pytest.mark.parametrize("layout", ["0.1.0", "0.2.0", "1.0", "2.0", "synchronizer"])
def test_same_arguments_same_bytes(tmp_path, layout):
    for name in ("a", "b"):
        subprocess.run([MKRUN, tmp_path / name, "--run", "3", "--layout", layout, "--extra-datasets"], check=True)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    subprocess.run([MKRUN, tmp_path / "b", "--run", "3", "--layout", layout, "--seed", "2"], check=True)
    assert (tmp_path / "a").read_bytes() != (tmp_path / "b").read_bytes()
