# SPDX-License-Identifier: MIT
"""verify: a good set is good, and whatever is changed in it is found."""
import json
import os
import random
import re
import shutil
from concurrent.futures import ThreadPoolExecutor

import h5py
import numpy as np
import pytest

from conftest import LONG_AGO, Setting, mixed_runs


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A complete set of runs of every layout; tests change copies of it."""
    setting = mixed_runs(Setting(tmp_path_factory.mktemp("verify")))
    setting.configure(harmonic_count=3).harmonize("-j", "2")
    return setting


@pytest.fixture
def copy(made, tmp_path):
    shutil.copytree(made.harmonic, tmp_path / "harmonic")
    setting = Setting(tmp_path)
    return setting.configure(merger_path=str(made.merged), harmonic_count=3)


def find_event(setting, wanted):
    """Path of the harmonic run and name of the first event that `wanted` accepts."""
    for path in sorted(setting.harmonic.glob("run_*.h5")):
        with h5py.File(path) as file:
            for name in sorted(file["events"], key=lambda name: int(name[6:])):
                if wanted(file["events"][name]):
                    return path, f"events/{name}"
    raise AssertionError("no such event")


def differences(setting):
    done = setting.run("verify", "--json")
    assert done.code == 1, done
    found = json.loads(done.out)
    assert found["difference_count"] == len(found["differences"]) or len(found["differences"]) == 20
    return found["differences"]


def assert_found(setting, words, **place):
    found = differences(setting)
    fitting = [item for item in found if words in item["what"]
               and all(item[key] == value for key, value in place.items())]
    assert fitting, f"{words!r} not in {json.dumps(found, indent=1)}"


# ---- good sets

def test_a_good_set_is_good(made):
    for words in (["verify"], ["verify", "-j", "1"], ["verify", "--checksums"]):
        done = made.run(*words)
        assert done.code == 0 and done.out.startswith("good: "), done
        assert "run_NNNN.yml" in done.out
    before = made.hashes()
    assert json.loads(made.run("verify", "--json").out)["differences"] == []
    assert before == made.hashes() and ".harmonizer" not in made.files()


def test_events_are_counted(made):
    found = json.loads(made.run("verify", "--json").out)
    assert found["events"] == sum(item["events"] or 0 for item in made.manifest()["outputs"])
    assert found["skipped"] == 0


def test_checksums_need_no_merged_run(copy):
    copy.configure(merger_path="/nowhere/at/all", harmonic_count=3)
    assert copy.run("verify", "--checksums").code == 0
    assert copy.run("verify").code == 2


def test_a_set_of_no_event(setting):
    setting.make(1, "1.0", "--events", 0)
    setting.harmonize()
    assert setting.run("verify").code == 0 and setting.run("verify", "--checksums").code == 0


def test_repacked_runs(setting):
    """Merged runs whose data only libhdf5 can read."""
    source = setting.make(1, "1.0", "--events", 6, "--extra-datasets", "--extra-attributes")
    packed = source.with_suffix(".packed")
    os.system(f"h5repack -f SHUF -f GZIP=4 {source} {packed}")
    packed.replace(source)
    os.utime(source, (LONG_AGO, LONG_AGO))
    setting.harmonize()
    assert setting.run("verify").code == 0


def test_without_a_manifest_there_is_no_set(copy):
    (copy.harmonic / "manifest.json").unlink()
    for words in (["verify"], ["verify", "--checksums"]):
        done = copy.run(*words)
        assert done.code == 1 and "the manifest is missing: this set is not complete" in done.err


# ---- skipped events

def test_exactly_the_listed_events_may_lack(setting):
    setting.make(1, "1.0", "--events", 8)
    setting.make(2, "2.0", "--events", 8, "--damage", "columns:3")
    assert setting.run("--skip-bad").code == 3
    for words in (["verify"], ["verify", "--checksums"]):
        done = setting.run(*words)
        assert done.code == 3 and "1 damaged" in done.out, done
    setting.make(2, "2.0", "--events", 8)
    assert_found(setting, "listed as damaged, but it can be read", run=2, event=3)
    setting.make(2, "2.0", "--events", 8, "--damage", "columns:4")
    assert_found(setting, "516 columns", run=2, event=4)


# ---- changed files

def test_every_flipped_bit_is_found_by_the_checksums(setting, request):
    """200 bits, each in a place of its own, over all files of the set, the manifest included; 1,000 in tests/crash."""
    setting.make(1, "2.0", "--events", 3, "--traces", 2)
    setting.make(2, "0.1.0", "--events", 2, "--traces", 2)
    setting.configure(harmonic_count=2).harmonize()
    seed = random.SystemRandom().randrange(2**32)
    print("seed", seed)
    numbers = random.Random(seed)
    names = setting.files()

    def flips(worker, count):
        folder = setting.root / f"copy{worker}"
        shutil.copytree(setting.harmonic, folder)
        mine = Setting(setting.root, folder.name).configure(harmonic_path=str(folder), harmonic_count=2)
        lost = []
        for i in range(count):
            name = names[i % len(names)]
            with numbers_lock:
                bit = numbers.randrange(8 * (folder / name).stat().st_size)
            content = bytearray((folder / name).read_bytes())
            content[bit // 8] ^= 1 << bit % 8
            (folder / name).write_bytes(content)
            done = mine.run("verify", "--checksums", "-j", "1")
            if done.code != 1 or name not in done.out + done.err:
                lost.append((name, bit, done))
            content[bit // 8] ^= 1 << bit % 8
            (folder / name).write_bytes(content)
        assert mine.run("verify", "--checksums").code == 0
        return lost

    from threading import Lock
    numbers_lock = Lock()
    with ThreadPoolExecutor(4) as pool:
        lost = [item for part in pool.map(flips, range(4), [50] * 4) for item in part]
    assert not lost, (seed, lost[:5])


def test_a_missing_file(copy):
    (copy.harmonic / "run_0001.h5").unlink()
    (copy.harmonic / "scalers.parquet").unlink()
    for words in (["verify"], ["verify", "--checksums"]):
        done = copy.run(*words)
        assert done.code == 1
        assert "run_0001.h5: is missing" in done.out and "scalers.parquet: is missing" in done.out


@pytest.mark.parametrize("words", [["verify"], ["verify", "--checksums"]])
def test_a_missing_file_is_told_once(copy, words):
    """However many lack, in text and as JSON."""
    (copy.harmonic / "run_0001.h5").unlink()
    (copy.harmonic / "events.parquet").unlink()
    done = copy.run(*words)
    assert done.code == 1, done
    assert done.out.splitlines() == ["run_0001.h5: is missing", "events.parquet: is missing", "2 differences"]
    told = json.loads(copy.run(*words, "--json").out)
    assert [(entry["file"], entry["what"]) for entry in told["differences"]] == [
        ("run_0001.h5", "is missing"), ("events.parquet", "is missing")] and told["difference_count"] == 2
    for path in copy.harmonic.glob("run_*"):
        path.unlink()
    done = copy.run(*words)
    assert done.code == 1 and len(done.out.splitlines()) == len(copy.manifest()["outputs"]) - 2 + 1, done


def test_a_file_too_much(copy):
    shutil.copy(copy.harmonic / "run_0001.h5", copy.harmonic / "run_0007.h5")
    for words in (["verify"], ["verify", "--checksums"]):
        done = copy.run(*words)
        assert done.code == 1 and "run_0007.h5: is there, but not listed" in done.out


def test_a_file_cut_short(copy):
    path = copy.harmonic / "run_0001.h5"
    path.write_bytes(path.read_bytes()[:70000])
    for words in (["verify"], ["verify", "--checksums"]):
        done = copy.run(*words)
        assert done.code == 1 and "run_0001.h5: has 70,000 bytes, the manifest says" in done.out


def test_a_file_of_rubbish(copy):
    path = copy.harmonic / "run_0001.h5"
    path.write_bytes(bytes(path.stat().st_size))
    assert_found(copy, "cannot be opened", file="run_0001.h5")


# ---- changed content: each kind of change has its words

def with_traces(event):
    return event["get_traces"].shape[0] > 0


def with_frib(event):
    return "frib_physics" in event and "1903" in event["frib_physics"]


def set_sample(event):
    event["get_traces"][0, 7] += 1


def new_shape(event):
    data, attrs = event["get_traces"][:-1], dict(event["get_traces"].attrs)
    del event["get_traces"]
    event["get_traces"] = data
    for name, value in attrs.items():
        event["get_traces"].attrs[name] = value


def new_type(event):
    data = event["frib_physics/1903"][:].astype("i4")
    del event["frib_physics/1903"]
    event["frib_physics/1903"] = data


def soft_link(event):
    event.move("frib_physics/1903", "frib_physics/hidden")
    event["frib_physics/1903"] = h5py.SoftLink("hidden")


def chunk(event):
    data = event["frib_physics/1903"][:]
    del event["frib_physics/1903"]
    event.create_dataset("frib_physics/1903", data=data, chunks=data.shape, compression="gzip")


def second_pads(event):
    data = event["get_traces"][:]
    del event["get/pads"]
    event["get/pads"] = data


def set_attr(path, name, value, dtype):
    def change(event):
        del event[path].attrs[name]
        event[path].attrs.create(name, value, dtype=dtype)
    return change


CHANGES = {
    "sample": (with_traces, set_sample, "get_traces: byte 14 is 0x"),
    "shape": (with_traces, new_shape, "get_traces: shape ("),
    "type": (with_frib, new_type, "1903: holds 32-bit signed integers, another type"),
    "missing dataset": (with_frib, lambda event: event.pop("frib_physics/1903"), "1903: is missing"),
    "missing group": (with_frib, lambda event: event.pop("frib_physics"), "frib_physics: is missing"),
    "dataset too much": (with_frib, lambda event: event.create_dataset("frib_physics/1999", data=[1]),
                         "frib_physics/1999: is there, but not in the merged run"),
    "group too much": (with_traces, lambda event: event.create_group("notes"), "notes: is there, but not"),
    "link": (with_frib, soft_link, "1903: is a link"),
    "chunks": (with_frib, chunk, "1903: is not stored in one piece"),
    "get_traces missing": (with_traces, lambda event: event.pop("get_traces"), "get_traces: is missing"),
    "event attribute": (with_traces, set_attr(".", "orig_event", 4711, "u8"), "attribute orig_event is 4711"),
    "event attribute type": (with_traces, lambda event: event.attrs.modify("orig_run", np.int64(event.attrs["orig_run"])),
                             None),
    "GET id": (with_traces, set_attr("get_traces", "id", 99, "u4"), "attribute id is 99, expected"),
    "FRIB timestamp": (with_frib, set_attr("frib_physics", "timestamp", 99, "u4"), "attribute timestamp is 99"),
    "attribute too much": (with_frib, lambda event: event["frib_physics"].attrs.create("x", 1),
                           "frib_physics: attribute x: not in the merged run"),
    "attribute missing": (with_traces, lambda event: event["get_traces"].attrs.pop("timestamp_other"),
                          "timestamp_other is missing"),
    "attribute of an empty matrix": (lambda event: "id" not in event["get_traces"].attrs,
                                     lambda event: event["get_traces"].attrs.create("id", 3),
                                     "get_traces: attribute id: not in the merged run"),
    "pads twice": (lambda event: "get" in event and with_traces(event), second_pads,
                   "get/pads: is not the dataset get_traces under a second name"),
    "get group attribute": (lambda event: "get" in event, set_attr("get", "timestamp", 5, "u8"),
                            "get: attribute timestamp is 5"),
}


@pytest.mark.parametrize("change", [name for name in CHANGES if CHANGES[name][2]])
def test_each_change_is_found_and_named(copy, change):
    wanted, alter, words = CHANGES[change]
    path, name = find_event(copy, wanted)
    with h5py.File(path, "r+") as file:
        run, event = (int(file[name].attrs[key]) for key in ("orig_run", "orig_event"))
        alter(file[name])
    assert_found(copy, words, file=path.name, run=run, event=event)
    assert copy.run("verify", "--checksums").code == 1


def objects_of_unknown_kind(event):
    group = event["frib_physics"].create_group("notes")
    group["text"] = ["one", "two"]
    group["pair"] = np.array([(1, 2.5)], dtype=[("a", "i4"), ("b", "f8")])
    group.create_group("within").attrs["why"] = "because"
    group.create_dataset("lists", (2,), dtype=h5py.vlen_dtype("i4"))
    group["lists"][0] = [1, 2, 3]


OBJECT_CHANGES = {
    "text": lambda notes: notes["text"].__setitem__(1, "three"),
    "pair": lambda notes: notes["pair"].__setitem__(0, (1, 2.25)),
    "lists": lambda notes: notes["lists"].__setitem__(0, [1, 2, 4]),
    "within: attribute why": lambda notes: notes["within"].attrs.modify("why", "whynot"),
    "within": lambda notes: notes.pop("within"),
    "more": lambda notes: notes.create_group("more"),
}


def test_changed_objects_of_unknown_kind_are_found(setting):
    """What only libhdf5 can copy: strings, compounds, lists, groups within."""
    with h5py.File(setting.make(1, "1.0", "--events", 4), "r+") as file:
        objects_of_unknown_kind(file["events/event_2"])
    setting.configure(harmonic_count=1).harmonize()
    assert setting.run("verify").code == 0
    for member, change in OBJECT_CHANGES.items():
        copied = setting.root / member
        shutil.copytree(setting.harmonic, copied)
        changed = Setting(setting.root, member).configure(harmonic_path=str(copied), harmonic_count=1)
        with h5py.File(copied / "run_0000.h5", "r+") as file:
            change(file["events/event_2/frib_physics/notes"])
        assert_found(changed, f"event_2/frib_physics/notes: {member}: ", run=1, event=2)


def test_a_changed_unknown_attribute_is_found(copy):
    own = {"orig_run", "orig_event"}
    path, name = find_event(copy, lambda event: set(event.attrs) - own)
    with h5py.File(path, "r+") as file:
        attrs = file[name].attrs
        extra = sorted(set(attrs) - own)[0]
        attrs.modify(extra, np.array(attrs[extra]) + 1 if np.array(attrs[extra]).dtype.kind in "iuf" else "other")
    assert_found(copy, f"attribute {extra}: ", file=path.name)
    with h5py.File(path, "r+") as file:
        del file[name].attrs[extra]
    assert_found(copy, f"attribute {extra} is missing", file=path.name)


def test_the_head_of_a_harmonic_run(copy):
    path = copy.harmonic / "run_0001.h5"
    with h5py.File(path, "r+") as file:
        file["events"].attrs.modify("max_event", np.uint64(3))
        file["events"].attrs.modify("version", "harmonizer:0.0.9")
        file["events"].attrs.create("note", 1)
        file.attrs.create("note", 1)
        file.create_group("more")
        file.create_group("events/event_999999")
    found = " ".join(item["what"] for item in differences(copy))
    for words in ("attribute max_event is 3", 'attribute version is "harmonizer:0.0.9"', "attribute note",
                  "the root group has 2 members, expected 1", "members, expected"):
        assert words in found, words


def test_swapped_events(copy):
    """Both are in the set, but not in their places."""
    path = copy.harmonic / "run_0001.h5"
    with h5py.File(path, "r+") as file:
        file.move("events/event_0", "events/x")
        file.move("events/event_1", "events/event_0")
        file.move("events/x", "events/event_1")
    assert_found(copy, "attribute orig_event is", file=path.name)


def replace_listed(setting, name, content):
    """Puts another content in the place of a file of the set, and a manifest that fits it."""
    import xxhash
    (setting.harmonic / name).write_bytes(content)
    manifest = setting.harmonic / "manifest.json"
    lines = manifest.read_text().splitlines(keepends=True)
    parsed = setting.manifest()
    listed = next(item for item in parsed["outputs"] if item["file"] == name)
    body = "".join(lines[:-1]).replace(listed["xxh3_128"], xxhash.xxh3_128_hexdigest(content))
    body = body.replace(f'"file":"{name}","bytes":{listed["bytes"]}', f'"file":"{name}","bytes":{len(content)}')
    manifest.write_text(body + lines[-1].replace(parsed["xxh3_128"], xxhash.xxh3_128_hexdigest(body.encode())))
    assert setting.run("verify", "--checksums").code == 0


@pytest.mark.parametrize("table", ["events", "scalers", "runs"])
def test_tables_are_built_again(copy, table):
    """A table that was written by someone else, with a manifest that fits it."""
    content = bytearray((copy.harmonic / f"{table}.parquet").read_bytes())
    content[40] ^= 1
    replace_listed(copy, f"{table}.parquet", bytes(content))
    assert_found(copy, "is not the table that the merged runs give: it: ", file=f"{table}.parquet")


@pytest.mark.parametrize("table, options, told", [
    ("events", ["--seed", 2], r"row \d+: traces is \d+, expected \d+"),
    ("events", ["--events", 9], "it has 9 rows, expected 10"),
    ("scalers", ["--seed", 2], r"row 0: clock_free is \d+, expected \d+"),
    ("runs", ["--frib-tail", 1], r"row 0: bytes is \d+, expected \d+")])
def test_a_table_of_other_rows_is_named_by_its_first(setting, table, options, told):
    setting.make(1, "1.0", "--traces", "3:40")
    setting.harmonize()
    (setting.root / "elsewhere").mkdir()
    other = Setting(setting.root / "elsewhere")
    other.make(1, "1.0", "--traces", "3:40", *options)
    other.harmonize()
    replace_listed(setting, f"{table}.parquet", (other.harmonic / f"{table}.parquet").read_bytes())
    done = setting.run("verify")
    assert done.code == 1 and re.search(f"{table}.parquet: is not the table that the merged runs give: {told}", done.out), done


# ---- changed merged runs

@pytest.fixture
def small(setting):
    for run in (1, 2, 3):
        setting.make(run, "1.0", "--events", 6)
    setting.configure(harmonic_count=2).harmonize()
    return setting


def test_a_merged_run_that_is_gone(small):
    (small.merged / "run_0002.h5").unlink()
    assert_found(small, "merged run 2 is in the set, but its file is not there", run=2, event=None, file=None)
    assert small.run("verify", "--checksums").code == 0


@pytest.mark.parametrize("keys", [{"max_run": 2}, {"min_run": 4, "max_run": 9}, {"skip_runs": [3]}], ids=str)
def test_a_narrower_range_is_named(small, keys):
    small.configure(harmonic_count=2, **keys)
    small.make(5, "1.0")
    assert_found(small, "merged run 3 is in the set, but min_run, max_run and skip_runs", run=3)


def test_a_merged_run_that_came_later(small):
    small.make(4, "1.0")
    assert_found(small, "merged run 4 is not in the set", run=4)


def test_a_merged_run_with_a_changed_sample(small):
    with h5py.File(small.merged / "run_0002.h5", "r+") as file:
        file["events/event_3/get_traces"][1, 100] += 1
    done = small.run("verify")
    assert done.code == 1 and "merged run 2 has changed since" in done.err
    assert_found(small, "get_traces: byte", run=2, event=3)


def test_a_merged_run_with_an_event_more(small):
    small.make(2, "1.0", "--events", 7)
    assert_found(small, "the manifest lists other events than the merged runs give")


def test_a_copied_merged_run_is_as_good(small):
    os.utime(small.merged / "run_0002.h5", (LONG_AGO + 5, LONG_AGO + 5))
    done = small.run("verify")
    assert done.code == 0 and "merged run 2 has changed since" in done.err


def test_the_size_is_that_of_the_set(small):
    small.configure(harmonic_count=5)
    done = small.run("verify")
    assert done.code == 0 and "made with another size" in done.err


# ---- the list

def test_many_differences_are_counted(copy):
    path = copy.harmonic / "run_0000.h5"
    with h5py.File(path, "r+") as file:
        for name in file["events"]:
            file["events"][name].attrs.modify("orig_event", np.uint64(5000))
        count = len(file["events"])
    done = copy.run("verify")
    assert done.code == 1 and count > 20
    assert len(done.out.splitlines()) == 22 and f"and {count + 1 - 20} more" in done.out
    found = json.loads(copy.run("verify", "--json").out)
    assert len(found["differences"]) == 20 and found["difference_count"] == count + 1
