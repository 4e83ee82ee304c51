# SPDX-License-Identifier: MIT
"""Damaged merged runs: found before anything is written, each named, and left out only when asked to."""
import json
import os
import subprocess

import h5py
import numpy as np
import pytest

from conftest import LONG_AGO, PROGRAM, break_chunk, overwrite

# What 1.10.8 takes and we refuse, a newer libhdf5 refuses by itself (./test.sh hdf5-2), in its own words.
NEWER = "HARMONIZER_HDF5" in os.environ

KINDS = {
    "columns": "516 columns, expected 517",
    "type": "32-bit signed integers, expected 16-bit signed integers",
    "missing-id": "missing",
    "soft-link": "soft link",
    "external-link": "link to another file",
    "external-storage": "external storage",
    "virtual": "virtual",
}


@pytest.mark.parametrize("layout", ["1.0", "2.0"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_damage_is_named(setting, kind, layout):
    setting.make(1, "1.0")
    setting.make(2, layout, "--events", 6, "--damage", f"{kind}:3")
    done = setting.run()
    assert done.code == 1 and not list(setting.harmonic.glob("run_*"))
    assert "merged run 2: events/event_3/get" in done.err and KINDS[kind] in done.err
    assert "--skip-bad" in done.err
    assert setting.run("plan").code == 1


@pytest.mark.parametrize("kind", ["columns", "type", "missing-id", "soft-link"])
def test_each_damage_of_a_legacy_run_is_named(setting, kind):
    setting.make(2, "0.1.0", "--events", 6, "--damage", f"{kind}:3")
    done = setting.run()
    assert done.code == 1 and "merged run 2:" in done.err and "evt3" in done.err


def test_all_bad_runs_are_in_one_list(setting):
    setting.make(1, "1.0", "--damage", "columns:3")
    setting.make(2, "1.0", "--damage", "stray")
    setting.make(3, "2.0", "--damage", "name")
    setting.make(4, "2.0", "--damage", "scaler:1")
    path = setting.make(5, "1.0")
    path.write_bytes(path.read_bytes()[:5000])
    os.utime(path, (LONG_AGO, LONG_AGO))
    (setting.merged / "run_0006.h5").write_text("no HDF5")
    with h5py.File(setting.merged / "run_0007.h5", "w") as file:
        file["something"] = 1
    done = setting.run()
    assert done.code == 1
    for words in ("merged run 1: events/event_3/get_traces: 516 columns", "merged run 2: events/notes",
                  "merged run 3: events/event_007", "merged run 4: scalers/event_1", "merged run 5:",
                  "merged run 6: not an HDF5 file", "merged run 7: no merged run: expected /events"):
        assert words in done.err, words
    assert not list(setting.harmonic.glob("run_*"))


def test_skip_bad_leaves_out_exactly_what_is_damaged(setting):
    setting.make(1, "1.0", "--events", 8, "--damage", "columns:3")
    setting.make(2, "2.0", "--events", 8)
    setting.make(3, "1.0", "--events", 8, "--damage", "scaler:1")
    (setting.merged / "run_0004.h5").write_text("no HDF5")
    os.utime(setting.merged / "run_0004.h5", (LONG_AGO, LONG_AGO))
    done = setting.run("--skip-bad", quiet=False)
    assert done.code == 3 and "skipped: merged run 1: events/event_3/get_traces" in done.err
    skipped = setting.manifest()["skipped"]
    assert [(entry["run"], entry["event"], entry.get("scaler")) for entry in skipped] == [
        (1, 3, None), (3, None, 1), (4, None, None)]
    assert [output["events"] for output in setting.manifest()["outputs"]][:1] == [23]
    before = setting.hashes()
    again = setting.run("--skip-bad")
    assert again.code == 3 and setting.hashes() == before
    with h5py.File(setting.harmonic / "run_0000.h5") as file:
        origins = [(int(file[f"events/event_{k}"].attrs["orig_run"]), int(file[f"events/event_{k}"].attrs["orig_event"]))
                   for k in range(23)]
    assert origins == [(run, event) for run in (1, 2, 3) for event in range(8) if (run, event) != (1, 3)]


def test_nothing_left_is_a_failure(setting):
    setting.make(1, "1.0", "--events", 1, "--damage", "columns:0")
    done = setting.run("--skip-bad")
    assert done.code == 1 and "nothing is left" in done.err and not list(setting.harmonic.glob("run_*"))


def patch_header(path, dataset, old, new):
    """Replaces 8-byte numbers in the object header of a dataset."""
    with h5py.File(path) as file:
        address = h5py.h5o.get_info(file[dataset].id).addr
    data = bytearray(path.read_bytes())
    old, new = (b"".join(int(value).to_bytes(8, "little") for value in values) for values in (old, new))
    at = data.index(old, address, address + 1024)
    data[at:at + len(old)] = new
    path.write_bytes(data)
    os.utime(path, (LONG_AGO, LONG_AGO))


def place_of(path, dataset):
    with h5py.File(path) as file:
        data = file[dataset]
        return data.id.get_offset(), data.nbytes, data.shape


def test_a_dataset_that_ends_behind_the_file(setting):
    path = setting.make(1, "1.0", "--events", 20, "--traces", "100")
    offset, length, _ = max(place_of(path, f"events/event_{k}/get_traces") for k in range(20))
    data = path.read_bytes()
    # The end of the file is cut off, and the superblock told of it, as after a copy that broke and was mended.
    cut = offset + 1000
    path.write_bytes(data[:40] + cut.to_bytes(8, "little") + data[48:cut])
    os.utime(path, (LONG_AGO, LONG_AGO))
    done = setting.run()
    assert done.code == 1 and f"merged run 1: events/event_19/get_traces: ends at byte {offset + length:,}, the file at {cut:,}" in done.err


@pytest.mark.parametrize("layout, dataset", [("1.0", "events/event_3/get_traces"), ("2.0", "events/event_3/get/pads"),
                                             ("1.0", "events/event_3/frib_physics/1903"), ("0.1.0", "get/evt3_data")])
def test_an_address_outside_the_file(setting, layout, dataset):
    path = setting.make(1, layout, "--events", 6)
    offset, length, _ = place_of(path, dataset)
    outside = path.stat().st_size + 4096
    patch_header(path, dataset, [offset], [outside])
    done = setting.run()
    assert done.code == 1
    assert f"merged run 1: {dataset}: ends at byte {outside + length:,}, the file at {path.stat().st_size:,}" in done.err


def rewrite(path, dataset, event=3, **options):
    """The same values, stored in another way."""
    with h5py.File(path, "r+") as file:
        group, name = file[f"events/event_{event}"], dataset
        values, attrs = group[name][()], {key: group[name].attrs.get_id(key).dtype for key in group[name].attrs}
        kept = dict(group[name].attrs)
        del group[name]
        new = group.create_dataset(name, data=values.astype(options.pop("dtype", values.dtype)), **options)
        for key, value in kept.items():
            new.attrs.create(key, value, dtype=attrs[key])


def test_an_address_outside_the_file_of_data_in_the_other_byte_order(setting):
    """Only libhdf5 can read these, but the scan sees where they end."""
    path = setting.make(1, "1.0", "--events", 6)
    rewrite(path, "get_traces", dtype=">i2")
    offset, length, _ = place_of(path, "events/event_3/get_traces")
    outside = path.stat().st_size + 4096
    patch_header(path, "events/event_3/get_traces", [offset], [outside])
    done = setting.run()
    assert done.code == 1 and not list(setting.harmonic.glob("run_*"))
    assert f"merged run 1: events/event_3/get_traces: ends at byte {outside + length:,}, the file at" in done.err
    assert setting.run("--skip-bad").code == 3
    assert [item["event"] for item in setting.manifest()["skipped"]] == [3]
    assert setting.run("verify").code == 3


def test_a_scaler_readout_outside_the_file(setting):
    path = setting.make(1, "1.0", "--scalers", 4)
    offset, length, _ = place_of(path, "scalers/event_2")
    outside = path.stat().st_size + 4096
    patch_header(path, "scalers/event_2", [offset], [outside])
    done = setting.run()
    assert done.code == 1 and not list(setting.harmonic.glob("run_*"))
    assert f"scalers/event_2: cannot be read: {length} bytes from byte {outside:,} on: not in the file" in done.err, done


def test_a_chunk_outside_the_file(setting):
    """Without a filter nothing but its place tells that it is not there: it must never be read as zeros."""
    path = setting.make(1, "1.0", "--events", 6, "--traces", "5")
    rewrite(path, "get_traces", chunks=(5, 517))
    with h5py.File(path) as file:
        place = file["events/event_3/get_traces"].id.get_chunk_info(0).byte_offset
    outside, data = path.stat().st_size + 4096, path.read_bytes()
    before, after = (number.to_bytes(8, "little") for number in (place, outside))
    assert data.count(before) == 1
    path.write_bytes(data.replace(before, after))
    os.utime(path, (LONG_AGO, LONG_AGO))
    done = setting.run()
    assert done.code == 1 and "manifest.json" not in setting.files()
    assert f"events/event_3/get_traces: cannot be read: addr overflow, addr = {outside}" in done.err
    assert setting.run("--skip-bad").code == 3
    setting.assert_whole(leave_out=[(1, 3)])


def test_two_events_that_claim_the_same_bytes(setting):
    path = setting.make(1, "1.0", "--events", 6, "--traces", "50")
    mine, theirs = (place_of(path, f"events/event_{k}/get_traces")[0] for k in (3, 4))
    patch_header(path, "events/event_3/get_traces", [mine], [theirs - 100])
    done = setting.run()
    assert done.code == 1 and not list(setting.harmonic.glob("run_*"))
    assert "merged run 1: events/event_3: its data at bytes" in done.err and "overlap those of event_4 at" in done.err
    assert setting.run("--skip-bad").code == 3
    assert sorted(item["event"] for item in setting.manifest()["skipped"]) == [3, 4]
    setting.assert_whole(leave_out=[(1, 3), (1, 4)])
    assert setting.run("verify").code == 3


def test_one_dataset_under_two_names_is_no_damage(setting):
    path = setting.make(1, "1.0", "--events", 6)
    with h5py.File(path, "r+") as file:
        file["events/event_2/frib_physics/1903b"] = file["events/event_1/frib_physics/1903"]
    setting.harmonize()
    setting.assert_whole()


@pytest.mark.parametrize("rows, limit, ours, theirs", [
    (2**62, 2**62, "cannot be", "invalid dataset size"),
    (2**40, 2**40, "and type take 1,136,895,023,120,384 bytes,", None),
    (7, 5, "cannot be: dimension 0 is at most 5", "dataspace dim 0 size of 7 is greater than maxdim size of 5"),
    (0, 5, "and type take 0 bytes,", "invalid dataset size")])
def test_a_shape_that_cannot_be(setting, rows, limit, ours, theirs):
    path = setting.make(1, "1.0", "--events", 6)
    _, _, shape = place_of(path, "events/event_3/get_traces")
    patch_header(path, "events/event_3/get_traces", [*shape, *shape], [rows, shape[1], limit, shape[1]])
    done = setting.run()
    words = f"cannot be opened: {theirs}" if NEWER and theirs else f"shape ({rows}, 517) {ours}"
    assert done.code == 1 and f"merged run 1: events/event_3/get_traces: {words}" in done.err, done


# ---- what older versions of libhdf5 read without a word, and newer ones refuse, in words of their own

def assert_refused(setting, place, ours, theirs=None):
    """`theirs`: what a newer libhdf5 says, where it refuses by itself."""
    done = setting.run()
    assert done.code == 1 and f"merged run 1: {place}" in done.err and "manifest.json" not in setting.files(), done
    assert (theirs if NEWER and theirs else ours) in done.err, done


def number(value, width=8):
    return value.to_bytes(width, "little")


def number_at(data, at, width=8):
    return int.from_bytes(data[at:at + width], "little")


def messages_of(path, name):
    """(type, begin, end) of each message of an object header of version 1, continuations followed."""
    data = path.read_bytes()
    with h5py.File(path) as file:
        address = h5py.h5o.get_info(file[name].id).addr
    blocks, found = [(address + 16, number_at(data, address + 8, 4))], []
    for begin, length in blocks:
        at, end = begin, begin + length
        while at + 8 <= end:
            kind, size = number_at(data, at, 2), number_at(data, at + 2, 2)
            found.append((kind, at + 8, at + 8 + size))
            if kind == 0x10:
                blocks.append((number_at(data, at + 8), number_at(data, at + 16)))
            at += 8 + size
    return found


def patch_message(path, name, old, new):
    """Replaces bytes in the one message of an object that has them."""
    data = path.read_bytes()
    [at] = [data.index(old, begin, end) for _, begin, end in messages_of(path, name) if old in data[begin:end]]
    overwrite(path, at, new)


def tables_of(path, group):
    """Addresses of the search tree and the names of an old-style group."""
    data = path.read_bytes()
    [at] = [begin for kind, begin, _ in messages_of(path, group) if kind == 0x11]
    return number_at(data, at), number_at(data, number_at(data, at + 8) + 24)


U32 = b"\x10\x00\x00\x00\x04\x00\x00\x00\x00\x00\x20\x00"
F32 = b"\x11\x20\x1f\x00\x04\x00\x00\x00\x00\x00\x20\x00\x17\x08\x00\x17\x7f\x00\x00\x00"
F64 = b"\x11\x20\x3f\x00\x08\x00\x00\x00\x00\x00\x40\x00\x34\x0b\x00\x34"
ODD_TYPES = {  # name: dataset, its type, where that changes, to what, what is said of it by us, by newer libhdf5
    "no bits": ("2001", U32, 10, b"\x00", "its number has no bits",
        "precision is zero"),
    "begins outside": ("2001", U32, 8, b"\x21", "its number is bits 33 to 64, expected below 32",
        "integer offset out of bounds"),
    "ends outside": ("2001", U32, 8, b"\x01", "its number is bits 1 to 32, expected below 32",
        "integer offset+precision out of bounds"),
    "wide": ("2001", U32, 5, b"\x01", "numbers of 32 bits in 260 bytes each",
        "datatype has unusually large # of unused bits"),
    "no exponent": ("temperature", F32, 13, b"\x00", "its exponent has no bits",
        "exponent size can't be zero"),
    "sign outside": ("temperature", F32, 2, b"\x2f", "its sign is bits 47 to 47, expected below 32",
        "sign bit position out of bounds"),
    "mantissa outside": ("temperature", F32, 15, b"\x74", "its mantissa is bits 0 to 115, expected below 32",
        "mantissa range out of bounds"),
    "no bias": ("temperature", F32, 16, b"\0\0\0\0", "its exponent has a bias of 0", None),
    "shared": ("temperature", F32, 12, b"\x10", "its exponent and mantissa share bits",
        "mantissa and exponent positions"),
}


@pytest.mark.parametrize("kind", ODD_TYPES)
def test_a_type_that_cannot_be(setting, kind):
    name, old, at, byte, ours, theirs = ODD_TYPES[kind]
    path = setting.make(1, "1.0", "--events", 6, "--extra-datasets")
    place = f"events/event_3/frib_physics/{name}"
    patch_message(path, place, old, old[:at] + byte)
    assert_refused(setting, f"{place}: ", f": the type cannot be: {ours}", theirs and f": cannot be opened: {theirs}")


def test_an_attribute_with_a_type_that_cannot_be(setting):
    path = setting.make(1, "1.0", "--events", 6, "--extra-attributes")
    old = b"zz_numbers".ljust(16, b"\0") + F64
    patch_message(path, "events/event_3/get_traces", old, old[:28] + b"\x30")
    done = setting.run()
    assert done.code == 1 and "merged run 1: events/event_3/get_traces: attribute" in done.err, done
    assert ("attributes cannot be listed: mantissa and exponent positions" if NEWER
            else "attribute zz_numbers: the type cannot be: ") in done.err, done
    assert "manifest.json" not in setting.files()


def test_an_id_with_a_type_that_cannot_be(setting):
    path = setting.make(1, "1.0", "--events", 6)
    old = b"id".ljust(8, b"\0") + U32
    patch_message(path, "events/event_3/frib_physics", old, old[:16] + b"\x08")
    done = setting.run()
    assert done.code == 1 and "merged run 1: events/event_3/frib_physics: " in done.err, done
    assert ("integer offset+precision out of bounds" if NEWER else "cannot be: its number") in done.err, done


def test_a_timestamp_of_a_width_that_no_computer_has(setting):
    """libhdf5 reads it, h5py has no type for it."""
    path = setting.make(1, "1.0", "--events", 6)
    old = b"id".ljust(8, b"\0") + U32
    patch_message(path, "events/event_3/frib_physics", old, old[:12] + b"\x03" + old[13:18] + b"\x18" + old[19:])
    assert_refused(setting, "events/event_3/frib_physics: ", "attribute id holds 24-bit unsigned integers, expected an "
                   "integer of 1, 2, 4 or 8 bytes")


def test_a_text_of_characters_that_cannot_be(setting):
    path = setting.make(1, "1.0", "--events", 6, "--extra-attributes")
    [at] = [begin for _, begin, end in messages_of(path, "events/event_3") if b"free_text" in path.read_bytes()[begin:end]]
    character = b"\x10\x00\x00\x00\x01\x00\x00\x00\x00\x00\x08\x00"
    overwrite(path, path.read_bytes().index(character, at) + 8, b"\x01")
    assert_refused(setting, "events/event_3: ", "attribute free_text: the type cannot be: its number is bits 1 to 8",
                   "integer offset+precision out of bounds")


def test_a_text_of_another_length(setting):
    path = setting.make(1, "1.0", "--events", 6, "--extra-attributes")
    length = len("Bärenfuß".encode())
    [at] = [end for _, begin, end in messages_of(path, "events/event_3") if b"free_text" in path.read_bytes()[begin:end]]
    assert number_at(path.read_bytes(), at - 16, 4) == length
    overwrite(path, at - 16, number(length + 90, 4))
    done = setting.run()
    assert done.code == 1 and "merged run 1: events/event_3: attribute free_text" in done.err, done
    assert ("cannot be read: Expected global heap object" if NEWER
            else f": {length} bytes of text, expected {length + 90}") in done.err, done
    assert "manifest.json" not in setting.files()


def test_a_list_of_free_room_that_leads_back_to_itself(setting):
    """libhdf5 follows it for ever and takes memory all the way: the watch ends that before it takes all."""
    path = setting.make(1, "1.0", "--events", 6)
    data = path.read_bytes()
    [at] = [begin for kind, begin, _ in messages_of(path, "events") if kind == 0x11]
    heap = number_at(data, at + 8)
    free = number_at(data, heap + 16)
    assert data[heap:heap + 4] == b"HEAP"
    overwrite(path, number_at(data, heap + 24) + free, number(free))
    assert_refused(setting, "", "no progress, but ")


@pytest.mark.parametrize("layout, place, name, theirs", [
    ("1.0", "events/event_3/frib_physics", "timestamp", "attribute timestamp cannot be opened"),
    ("1.0", "events/event_3/get_traces", "timestamp_other", "attribute timestamp_other cannot be opened"),
    ("2.0", "events/event_3/get", "id", "attribute id cannot be opened"),
    ("1.0", "scalers/event_1", "timestamp", "attribute timestamp cannot be opened"),
    ("1.0", "scalers", "max_event", "attribute max_event cannot be looked for"),
    ("1.0", "events", "min_event", "attribute version cannot be looked for")])
def test_an_attribute_that_is_larger_than_its_place(setting, layout, place, name, theirs):
    """libhdf5 1.10 takes the value from whatever lies behind it in memory, already where it looks for another."""
    path = setting.make(1, layout, "--events", 6, "--scalers", 3)
    [(at, end)] = [(begin, end) for kind, begin, end in messages_of(path, place)
                   if kind == 0x0c and path.read_bytes()[begin + 8:].startswith(name.encode() + b"\0")]
    overwrite(path, at + 7, b"\x04")  # 8 bytes for its shape are 1032
    assert_refused(setting, f"{place}: ", f" bytes of its header, there are {end - at}\n", theirs)


@pytest.mark.parametrize("place", ["events/event_3/notes", "events/event_3/notes/inner", "events/event_3/comp", "/"])
def test_an_attribute_of_something_unknown_that_is_larger_than_its_place(setting, place):
    path = setting.make(1, "1.0", "--events", 6)
    with h5py.File(path, "r+") as file:
        file.create_group("events/event_3/notes/inner")
        file["events/event_3/comp"] = np.zeros(2, [("a", "i4"), ("b", "f8")])
        file[place].attrs["weight"] = np.float64(1)
    os.utime(path, (LONG_AGO, LONG_AGO))
    [at] = [begin for kind, begin, _ in messages_of(path, place)
            if kind == 0x0c and path.read_bytes()[begin + 8:].startswith(b"weight\0")]
    overwrite(path, at + 7, b"\x04")
    done = setting.run()
    where = {"/": "/", "events/event_3/notes/inner": "events/event_3/notes"}.get(place, place)
    assert done.code == 1 and f"merged run 1: {where}" in done.err and "manifest.json" not in setting.files(), done
    assert place == "/" or NEWER or f"merged run 1: {place}: " in done.err, done
    assert NEWER or "an attribute takes " in done.err, done


def test_chunks_of_another_width_in_a_header_of_0_1_0(setting):
    path = setting.make(1, "0.1.0", "--events", 6)
    with h5py.File(path, "r+") as file:
        values = file["get/evt3_header"][:]
        del file["get/evt3_header"]
        file.create_dataset("get/evt3_header", data=values, chunks=values.shape)
    os.utime(path, (LONG_AGO, LONG_AGO))
    [begin] = [begin for kind, begin, _ in messages_of(path, "get/evt3_header") if kind == 0x08]
    overwrite(path, begin + 11 + 4, number(7, 4))
    assert_refused(setting, "get/evt3_header: ", "its chunks have elements of 7 bytes, its type 8",
                   "stored datatype size in chunk layout does not match")


def test_a_header_of_more_parts_than_it_says(setting):
    path = setting.make(1, "1.0", "--events", 6)
    place = "events/event_3/frib_physics/1903"
    nothing, begin, _ = messages_of(path, place)[-1]
    assert nothing == 0
    overwrite(path, begin - 6, number(0, 2))  # the room that is left: zeros, each 8 of which are a part again
    assert_refused(setting, place, "parts, expected at most", "cannot be opened: bad object header message count")


def test_chunks_of_another_width(setting):
    path = setting.make(1, "2.0", "--events", 6, "--zero-rows", 3)
    place = "events/event_3/get/pads"
    [(begin, end)] = [(begin, end) for kind, begin, end in messages_of(path, place) if kind == 0x08]
    width = begin + 11 + 8
    assert path.read_bytes()[begin:begin + 3] == b"\x03\x02\x03" and number_at(path.read_bytes(), width, 4) == 2
    overwrite(path, width, number(4, 4))
    assert_refused(setting, place, "its chunks have elements of 4 bytes, its type 2",
                   "cannot be opened: stored datatype size in chunk layout does not match")


@pytest.mark.parametrize("layout, group, name", [
    ("1.0", "events", "event_5"), ("1.0", "events/event_3/frib_physics", "1903"),
    ("2.0", "events/event_3/get", "pads"), ("1.0", "scalers", "event_2"), ("0.1.0", "get", "evt0_data")])
def test_a_name_that_the_search_tree_does_not_lead_to(setting, layout, group, name):
    path = setting.make(1, layout, "--events", 6, "--scalers", 3)
    tree, _ = tables_of(path, group)
    # The last key is where the last name lies: at 0 is the empty one, and no name comes before that.
    overwrite(path, tree + 40, number(0))
    done = setting.run()
    all_of_them = "merged run 1: cannot be opened: object 'event_#' doesn't exist"  # one line for six events
    assert done.code == 1, done
    assert f"merged run 1: {group}/{name}: cannot be opened" in done.err or (
        group == "events" and all_of_them in done.err and "in 6 events (event_0 to event_5)" in done.err) or (
        group == "scalers" and "scalers/event_#: cannot be opened" in done.err and "(0 to 2)" in done.err), done


@pytest.mark.parametrize("group, old, new, words", [
    ("events", b"event_1", b"event_3", "events/event_3: 2 members have this name, expected one"),
    ("events/event_3/frib_physics", b"2001", b"1903", "events/event_3/frib_physics: two members have the name 1903"),
    ("scalers", b"event_1", b"event_2", "scalers/event_2: 2 members have this name, expected one")])
def test_two_members_of_one_name(setting, group, old, new, words):
    path = setting.make(1, "1.0", "--events", 6, "--scalers", 3, "--extra-datasets")
    _, names = tables_of(path, group)
    overwrite(path, path.read_bytes().index(old, names), new)
    done = setting.run()
    assert done.code == 1 and f"merged run 1: {words}" in done.err, done


def test_the_plan_of_a_damaged_range_as_json(setting):
    setting.make(1, "1.0", "--damage", "columns:3")
    done = setting.run("plan", "--json", "--skip-bad")
    assert done.code == 3 and json.loads(done.out)["files"][0]["events"] == 9


# ---- what only the copy sees

@pytest.fixture
def with_broken_chunks(setting):
    setting.make(1, "1.0", "--events", 6)
    source = setting.make(2, "2.0", "--events", 9)
    packed = source.with_suffix(".packed")
    subprocess.run(["h5repack", "-f", "SHUF", "-f", "GZIP=4", source, packed], check=True)
    packed.replace(source)
    setting.make(3, "0.1.0", "--events", 6)
    for event in (0, 4, 5):
        break_chunk(source, f"events/event_{event}/get/pads")
    return setting.configure(harmonic_count=3)


def test_what_only_the_copy_sees_stops_it(with_broken_chunks):
    setting = with_broken_chunks
    done = setting.run()
    assert done.code == 1 and "merged run 2: events/event_" in done.err and "get/pads" in done.err
    assert "manifest.json" not in setting.files() and "events.parquet" not in setting.files()
    assert not list(setting.harmonic.glob(".harmonizer/*.part"))


def test_what_only_the_copy_sees_is_left_out(with_broken_chunks, another):
    setting = with_broken_chunks
    assert setting.run().code == 1  # without the option first: nothing of it is kept
    done = setting.run("--skip-bad")
    assert done.code == 3, done
    assert done.err.count("skipped: ") == 1 and "skipped: merged run 2: get/pads: cannot be read: " in done.err
    assert "in 3 events (event_0 to event_5)" in done.err
    assert sorted(item["event"] for item in setting.manifest()["skipped"]) == [0, 4, 5]
    assert all(item["run"] == 2 and "get/pads" in item["reason"] for item in setting.manifest()["skipped"])
    setting.assert_whole(leave_out=[(2, 0), (2, 4), (2, 5)])
    assert setting.run("verify").code == 3 and setting.run("verify", "--checksums").code == 3
    assert setting.run("--skip-bad").code == 3  # already complete
    other = another("other").configure(harmonic_count=3)
    assert other.run("--skip-bad", "-j", "1").code == 3
    assert other.hashes() == setting.hashes()


@pytest.fixture
def fail_after_writing():
    """A command that fails when all harmonic runs are written: a folder gets in the way of the tables' mark."""
    def fail(setting, *words):
        state = setting.harmonic / ".harmonizer"
        with subprocess.Popen([PROGRAM, "-c", setting.config, "-q", *words], stderr=subprocess.DEVNULL) as process:
            while not list(state.glob("run_*.part")) + list(setting.harmonic.glob("run_*.h5")):
                assert process.poll() is None
            (state / "tables").mkdir()
        assert process.returncode in (1, 2)  # 2: it is no file of ours, and named as that
        (state / "tables").rmdir()
    return fail


def test_without_the_option_what_was_left_out_counts_as_missing(with_broken_chunks, fail_after_writing):
    setting = with_broken_chunks
    fail_after_writing(setting, "--skip-bad")
    assert list(setting.harmonic.glob(".harmonizer/unreadable_*"))
    done = setting.run()
    assert done.code == 1 and "get/pads" in done.err and "manifest.json" not in setting.files()
    assert setting.run("--skip-bad").code == 3
    setting.assert_whole(leave_out=[(2, 0), (2, 4), (2, 5)])


def test_a_readable_event_may_not_be_listed(with_broken_chunks):
    setting = with_broken_chunks
    assert setting.run("--skip-bad").code == 3
    source = setting.make(2, "2.0", "--events", 9)
    packed = source.with_suffix(".packed")
    subprocess.run(["h5repack", "-f", "SHUF", "-f", "GZIP=4", source, packed], check=True)
    packed.replace(source)
    break_chunk(source, "events/event_5/get/pads")
    done = setting.run("verify")
    assert done.code == 1
    assert "merged run 2, event 0: listed as damaged, but it can be read" in done.out
    assert "merged run 2, event 4: listed as damaged, but it can be read" in done.out and "event 5" not in done.out


def test_nothing_readable(setting):
    source = setting.make(1, "1.0", "--events", 2)
    packed = source.with_suffix(".packed")
    subprocess.run(["h5repack", "-f", "GZIP=4", source, packed], check=True)
    packed.replace(source)
    for event in (0, 1):
        break_chunk(source, f"events/event_{event}/get_traces")
    done = setting.run("--skip-bad")
    assert done.code == 1 and "nothing is left to write" in done.err and "manifest.json" not in setting.files()


def test_strays_are_left_out_and_verified(setting):
    path = setting.make(1, "1.0", "--events", 6, "--scalers", 3)
    with h5py.File(path, "r+") as file:
        for place in ("scalers/notes", "scalers/more", "events/notes", "events/more"):
            file.create_group(place)
    os.utime(path, (LONG_AGO, LONG_AGO))
    for _ in range(3):
        assert setting.run("--skip-bad", "--force").code == 3
        assert setting.run("verify").code == 3
        assert len(setting.manifest()["skipped"]) == 4


def test_a_tree_of_names_whose_neighbours_are_wrong(setting):
    """Nobody needs them: each name is found from above."""
    path = setting.make(1, "1.0", "--events", 700)
    data = path.read_bytes()
    tree, _ = tables_of(path, "events")
    while data[tree + 5]:  # down to a leaf
        tree = number_at(data, tree + 32)
    assert data[tree:tree + 4] == b"TREE"
    overwrite(path, tree + 16, number(tree))  # the right neighbour
    setting.harmonize(timeout=60)
    setting.assert_whole()


def test_a_file_that_is_cut_short(setting):
    path = setting.make(1, "1.0", "--events", 20)
    setting.make(2, "1.0")
    length = path.stat().st_size
    with path.open("r+b") as file:
        file.truncate(length - 1000)
    os.utime(path, (LONG_AGO, LONG_AGO))
    done = setting.run()
    assert done.code == 1, done
    assert f"merged run 1: the file is cut short: it has {length - 1000:,} bytes, its first block says {length:,}" in done.err
    assert "merged run 1 (whole)" in done.err
    assert setting.run("--skip-bad").code == 3
