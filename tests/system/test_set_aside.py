# SPDX-License-Identifier: MIT
"""FRIB data that Spyral dies on: which they are, under which name they go, and what is said of them."""
import json
import os

import h5py
import numpy as np
import pyarrow.parquet as parquet
import pytest
import xxhash
from conftest import LONG_AGO

# One event of each kind; its number is that of the reason. 12: 977 is 2 too.
UNREADABLE = ["--no-1903", "1,12", "--short-1903", 2, "--coincidence-high", "3,7", "--no-977", 4, "--empty-977", 14,
              "--narrow-1903", "5,7"]
REASONS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 7: 3, 12: 1, 14: 4}
ASIDE, PLAIN = "frib_physics_set_aside", "frib_physics"


def make(setting, run, layout, *more):
    setting.make(run, layout, "--events", 18, "--get-only", 15, "--frib-only", "2,8", "--coincidence", 2, *UNREADABLE,
                 *more)


def events_of(setting):
    """(harmonic run, event) of each, in order."""
    for path in sorted(setting.harmonic.glob("run_*.h5")):
        with h5py.File(path) as file:
            for number in range(len(file["events"])):
                yield path.name, file["events"][f"event_{number}"]


def column(setting, name):
    return parquet.read_table(setting.harmonic / "events.parquet")[name].to_pylist()


@pytest.fixture(name="kinds")
def fixture_kinds(setting):
    make(setting, 1, "0.1.0", "--extra-datasets")
    make(setting, 2, "1.0", "--extra-attributes", "--extra-datasets", "--extra-exotic")
    make(setting, 3, "2.0", "--extra-attributes")
    return setting.configure(harmonic_count=3)


def contents(event, group):
    """All that is in a group of an event: attributes, bytes, types."""
    out = {".": sorted((name, np.asarray(value).tobytes()) for name, value in event[group].attrs.items())}
    event[group].visititems(lambda name, thing: out.update({name: (
        str(thing.dtype) if isinstance(thing, h5py.Dataset) else "",
        thing[()].tobytes() if isinstance(thing, h5py.Dataset) and thing.dtype.kind in "iufV" else "",
        sorted((key, np.asarray(value).tobytes()) for key, value in thing.attrs.items()))}))
    return out


@pytest.mark.parametrize("mode", ["copy", "link"])
@pytest.mark.parametrize("value", ["set_aside", "keep"])
def test_each_kind_goes_where_the_key_says(kinds, mode, value):
    kinds.configure(harmonic_count=3, mode=mode, frib_for_spyral=value, skip_runs=[1] if mode == "link" else [])
    kinds.harmonize()
    kinds.assert_whole()  # names, bytes, attributes and the column are judged by h5py alone
    assert kinds.manifest()["config"]["frib_for_spyral"] == value
    runs = 2 if mode == "link" else 3
    assert column(kinds, "spyral") == [REASONS.get(number, 0) for number in range(18)] * runs
    done = kinds.run("verify")
    assert done.code == 0, done
    other = {"set_aside": "keep", "keep": "set_aside"}[value]
    kinds.configure(harmonic_count=3, mode=mode, frib_for_spyral=other, skip_runs=[1] if mode == "link" else [])
    assert kinds.run("verify").code == 0  # as the set was made
    assert kinds.run("verify", "--checksums").code == 0


def test_set_aside_is_the_default(kinds, another):
    kinds.harmonize()
    said = another("said").configure(harmonic_count=3, frib_for_spyral="set_aside")
    said.harmonize()
    assert kinds.hashes() == said.hashes()


def test_both_hold_the_same_bits(kinds, another):
    kinds.harmonize()
    kept = another("kept").configure(harmonic_count=3, frib_for_spyral="keep")
    kept.harmonize()
    compared = 0
    for (name, aside), (other, plain) in zip(events_of(kinds), events_of(kept), strict=True):
        assert name == other and (ASIDE in aside) == (int(plain.attrs["orig_event"]) in REASONS)
        assert ASIDE not in plain and set(aside) - {ASIDE} == set(plain) - ({PLAIN} if ASIDE in aside else set())
        if ASIDE in aside:
            assert contents(aside, ASIDE) == contents(plain, PLAIN)
            compared += 1
    assert compared == 3 * len(REASONS)
    left, right = (parquet.read_table(one.harmonic / "events.parquet") for one in (kinds, kept))
    assert left.equals(right)  # no dataset changes its place in the order, so no checksum either


def test_the_checksum_goes_by_the_names_as_written(setting):
    """`frib_physics_a` comes between the two names."""
    path = setting.make(1, "1.0", "--events", 4, "--no-1903", 1)
    with h5py.File(path, "r+") as file:
        for number in (1, 2):
            file[f"events/event_{number}/frib_physics_a"] = np.arange(9, dtype="<u4")
            file[f"events/event_{number}/frib_physics_set_asides"] = np.arange(5, dtype="<u4")
    os.utime(path, (LONG_AGO, LONG_AGO))
    for mode in ("copy", "link"):
        setting.configure(harmonic_count=1, mode=mode).harmonize("--force")
        setting.assert_whole()
        assert setting.run("verify").code == 0


@pytest.mark.parametrize("layout, place, named", [
    ("1.0", "events/event_3/frib_physics_set_aside", "events/event_3/frib_physics_set_aside"),
    ("2.0", "events/event_3/frib_physics_set_aside", "events/event_3/frib_physics_set_aside"),
    ("0.1.0", "get/evt3_frib_physics_set_aside", "get/evt3_frib_physics_set_aside"),
    ("0.1.0", "get/evt3_frib_physics", "get/evt3_frib_physics"),
    ("0.1.0", "get/evt3_get", "get/evt3_get"),
])
@pytest.mark.parametrize("value", ["set_aside", "keep"])
def test_a_merged_run_that_has_such_a_name_is_damaged(setting, layout, place, named, value):
    path = setting.make(1, layout, "--events", 5)
    with h5py.File(path, "r+") as file:
        file[place] = np.arange(3, dtype="<u2")
    os.utime(path, (LONG_AGO, LONG_AGO))
    done = setting.configure(frib_for_spyral=value).run()
    assert done.code == 1 and f"merged run 1: {named}: has the name of a group" in done.err, done
    assert setting.run("--skip-bad").code == 3
    setting.assert_whole(leave_out={(1, 3)})


@pytest.mark.parametrize("begun", ["complete", "prepared", "unfinished"])
@pytest.mark.parametrize("was, now", [("keep", "set_aside"), ("set_aside", "keep")])
def test_the_other_value_over_a_set_is_named(kinds, begun, was, now):
    kinds.configure(harmonic_count=3, frib_for_spyral=was)
    steps = {"complete": [[]], "prepared": [["prepare"]], "unfinished": [["prepare"], ["write", "--shard", "1/3"]]}
    for words in steps[begun]:
        kinds.harmonize(*words)
    before = kinds.hashes() if begun == "complete" else None
    kinds.configure(harmonic_count=3, frib_for_spyral=now)
    for words in [["plan"], []] if begun != "prepared" else [["write", "--shard", "1/3"], ["finish"]]:
        done = kinds.run(*words)
        assert done.code == 2 and f"frib_for_spyral: {was}, the configuration says {now}" in done.err, done
    assert before is None or kinds.hashes() == before
    kinds.harmonize("--force")
    kinds.assert_whole()


@pytest.mark.parametrize("text, words", [
    ("aside", "\"aside\" is neither; expected set_aside or keep"), ("", "no value; expected set_aside or keep"),
    ("[keep]", "expected set_aside or keep"), ("KEEP", "\"KEEP\" is neither"),
])
def test_other_values_are_errors(setting, text, words):
    setting.make(1, "1.0")
    with open(setting.config, "a", encoding="utf-8") as file:
        file.write(f"frib_for_spyral: {text}\n")
    done = setting.run()
    assert done.code == 2 and f"{setting.config}:6: frib_for_spyral: " in done.err and words in done.err, done


CHANGES = {
    "under the plain name": (lambda event: event.move(ASIDE, PLAIN), "frib_physics_set_aside: is missing"),
    "in both": (lambda event: event.copy(ASIDE, PLAIN), "frib_physics: is there, but not in the merged run"),
    "a bit": (lambda event: event[f"{ASIDE}/977"].write_direct(np.array([9], "<u2")), f"{ASIDE}/977: byte 0 is 0x09"),
    "an attribute": (lambda event: event[ASIDE].attrs.modify("id", np.uint32(1)), f"{ASIDE}: attribute id is 1"),
    "one more": (lambda event: event[ASIDE].create_dataset("1999", data=[1]), f"{ASIDE}/1999: is there, but not"),
    "one less": (lambda event: event[ASIDE].pop("1903"), f"{ASIDE}/1903: is missing"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_verify_finds_what_is_wrong_with_data_set_aside(setting, change):
    setting.make(1, "1.0", "--events", 6, "--coincidence-high", 3)
    setting.configure(harmonic_count=1).harmonize()
    alter, words = CHANGES[change]
    with h5py.File(setting.harmonic / "run_0000.h5", "r+") as file:
        alter(file["events/event_3"])
    done = setting.run("verify")
    assert done.code == 1 and f"event_3/{words}" in done.out + done.err, done


def test_verify_finds_a_link_set_aside_that_leads_elsewhere(setting):
    setting.make(1, "1.0", "--events", 6, "--coincidence-high", 3)
    setting.configure(harmonic_count=1, mode="link").harmonize()
    with h5py.File(setting.harmonic / "run_0000.h5", "r+") as file:
        link = file["events/event_3"].get(f"{ASIDE}/977", getlink=True)
        del file[f"events/event_3/{ASIDE}/977"]
        file[f"events/event_3/{ASIDE}/977"] = h5py.ExternalLink(link.filename, "/events/event_2/frib_physics/977")
    done = setting.run("verify")
    assert done.code == 1 and f"event_3/{ASIDE}/977: links to /events/event_2" in done.out + done.err, done


# ---- what is said ----

def test_the_summary_counts_by_reason(kinds):
    done = kinds.harmonize(quiet=False)
    assert ("cannot read the FRIB data of 24 events (no 1903: 6, 1903 of other than 2048 samples: 3, 977 above 3: 6, no value in 977: 6, "
            "1903 no matrix of eight columns: 3), in run_0000.h5, run_0001.h5, run_0002.h5\n") in done.err
    assert "set aside as frib_physics_set_aside: Spyral reads these events without FRIB data" in done.err
    assert "of these, 12 of coincidence 2: Spyral drops such events where it can read them" in done.err
    assert "warning" not in done.err
    rows = zip(column(kinds, "spyral"), column(kinds, "coincidence"))
    assert sum(1 for spyral, coincidence in rows if spyral and coincidence == 2) == 12


def test_keep_warns_at_the_end(kinds):
    kinds.configure(harmonic_count=3, frib_for_spyral="keep")
    done = kinds.run("plan", quiet=False)
    assert done.code == 0 and "run_0002.h5: it loses the rest of such a file" in done.out, done
    done = kinds.harmonize(quiet=False)
    last = done.err[done.err.index("for Spyral "):]
    assert ("warning          Spyral 1.1.2 dies on run_0000.h5, run_0001.h5, run_0002.h5: it loses the rest of such a file\n"
            "                 and all later files of that process, and ends with exit code 0 all the same;\n") in last
    assert "of these" not in done.err


@pytest.mark.parametrize("value", ["set_aside", "keep"])
def test_nothing_is_said_where_spyral_reads_all(setting, value):
    setting.make(1, "1.0", "--events", 8, "--get-only", 3)
    setting.make(2, "1.0", "--events", 4, "--no-frib")
    done = setting.configure(harmonic_count=2, frib_for_spyral=value).harmonize(quiet=False)
    assert "cannot read" not in done.err and "dies" not in done.err
    assert column(setting, "spyral") == [0] * 12


@pytest.mark.parametrize("mode", ["copy", "link"])
def test_the_longer_name_is_in_the_predicted_length(setting, mode):
    setting.make(1, "2.0", "--events", 2500, "--traces", "0:1", "--samples", 3, "--silicon", 0, "--with-1904", "all")
    setting.configure(harmonic_count=2, mode=mode)
    plan = {file["file"]: file["file_bytes"] for file in json.loads(setting.run("plan", "--json").out)["files"]}
    setting.harmonize()
    for name, predicted in plan.items():
        length = (setting.harmonic / name).stat().st_size
        assert abs(predicted - length) <= max(length / 100, 32 << 10), (name, predicted, length)


def test_a_set_from_before_the_key_was_kept(setting):
    """Its manifest does not say: there was nothing but keep."""
    setting.make(1, "1.0", "--events", 4, "--no-1903", 1)
    setting.configure(frib_for_spyral="keep").harmonize()
    path = setting.harmonic / "manifest.json"
    content = path.read_text().replace(',"frib_for_spyral":"keep"', "")
    head = content[:content.index('"xxh3_128": "', content.index('"skipped"'))]
    path.write_text(head + f'"xxh3_128": "{xxhash.xxh3_128(head.encode()).hexdigest()}"}}\n')
    assert "frib_for_spyral" not in path.read_text()
    assert setting.run().code == 0 and setting.run("verify").code == 0
    done = setting.configure().run()
    assert done.code == 2 and "made with frib_for_spyral: keep, the configuration says set_aside" in done.err, done


@pytest.mark.parametrize("layout", ["0.1.0", "1.0"])
@pytest.mark.parametrize("name, value, reason", [
    ("1903", np.zeros(2048, "<u2"), 5), ("1903", np.zeros(64, "<u2"), 2), ("1903", np.zeros((2048, 8, 1), "<u2"), 5),
    ("1903", np.uint16(7), 5), ("1903", np.zeros((2048, 9), "<u2"), 5), ("1903", np.zeros((0, 8), "<u2"), 2),
    ("1903", np.zeros((2048, 8), ">u2"), 0), ("977", np.arange(100, dtype="<u2"), 0), ("977", np.full(90, 4, "<u2"), 3),
])
@pytest.mark.parametrize("packed", [False, True])
def test_the_shape_of_frib_data_is_no_damage(setting, layout, name, value, reason, packed):
    path = setting.make(1, layout, "--events", 4)
    place = f"events/event_2/frib_physics/{name}" if layout == "1.0" else f"frib/evt/evt2_{name}"
    with h5py.File(path, "r+") as file:
        del file[place]
        chunks = {"chunks": value.shape, "compression": "gzip"} if packed and value.size > 1 else {}
        file.create_dataset(place, data=value, **chunks)
    os.utime(path, (LONG_AGO, LONG_AGO))
    setting.configure(harmonic_count=1).harmonize()
    assert column(setting, "spyral") == [0, 0, reason, 0]
    setting.assert_whole()
    assert setting.run("verify").code == 0


@pytest.mark.parametrize("name, reason", [("1903", 5), ("977", 4)])
def test_a_dataset_without_a_dataspace_is_one_that_spyral_cannot_read(setting, name, reason):
    """h5py.Empty: it is carried over, where it is no damage, and set aside."""
    path = setting.make(1, "1.0", "--events", 4)
    with h5py.File(path, "r+") as file:
        del file[f"events/event_2/frib_physics/{name}"]
        file[f"events/event_2/frib_physics/{name}"] = h5py.Empty("<u2")
    os.utime(path, (LONG_AGO, LONG_AGO))
    setting.configure(harmonic_count=1).harmonize()
    assert column(setting, "spyral") == [0, 0, reason, 0]
    with h5py.File(setting.harmonic / "run_0000.h5") as file:
        assert file[f"events/event_2/{ASIDE}/{name}"].shape is None
    assert setting.run("verify").code == 0
