# SPDX-License-Identifier: MIT
"""mode: link: external links into the merged runs, read like a copy."""
import json
import os
import shutil
import subprocess
import sys

import h5py
import numpy as np
import pyarrow.parquet as parquet
import pytest
from conftest import LONG_AGO, Setting

LEGACY = [1, 8, 9]  # runs of merger 0.1.0 among the mixed ones


@pytest.fixture(name="linked")
def fixture_linked(mixed):
    return mixed.configure(harmonic_count=4, mode="link", skip_runs=LEGACY)


@pytest.fixture(name="small")
def fixture_small(setting):
    setting.make(1, "1.0", "--events", 9, "--frib-tail", 2)
    setting.make(2, "2.0", "--events", 9)
    return setting.configure(harmonic_count=3, mode="link")


def events_of(folder):
    for path in sorted(folder.glob("run_*.h5")):
        with h5py.File(path, "r") as file:
            for name in file["events"]:
                yield path.name, file["events"][name]


def edit(setting, change, name="run_0001.h5"):
    """Changes a harmonic run behind its manifest's back."""
    with h5py.File(setting.harmonic / name, "r+") as file:
        change(file["events/event_1"])


# ---- content ----

def test_a_linked_set_is_read_like_a_copy(linked):
    done = linked.harmonize(quiet=False)
    assert "the merged runs, which must stay" in done.err
    linked.assert_whole()
    assert linked.manifest()["config"]["mode"] == "link"
    assert len([name for name in linked.files() if name.startswith("run_")]) == 4
    assert not (linked.harmonic / ".harmonizer").exists()


def test_the_cuts_are_those_of_a_copy(linked, another):
    linked.harmonize()
    copy = another("copy").configure(harmonic_count=4, skip_runs=LEGACY)
    copy.harmonize()

    def cuts(setting):
        return [(out["file"], out["events"], out["first"], out["last"]) for out in setting.manifest()["outputs"]]
    assert cuts(linked) == cuts(copy)
    assert linked.hashes()["scalers.parquet"] == copy.hashes()["scalers.parquet"]
    assert linked.hashes()["runs.parquet"] == copy.hashes()["runs.parquet"]
    left = parquet.read_table(linked.harmonic / "events.parquet")
    right = parquet.read_table(copy.harmonic / "events.parquet")
    assert left.drop(["checksum"]).equals(right.drop(["checksum"]))
    assert left["checksum"].null_count == len(left) and right["checksum"].null_count == 0


def test_compressed_runs_are_linked_too(small):
    plain = small.merged / "run_0001.h5"
    packed = small.root / "packed.h5"
    subprocess.run(["h5repack", "-f", "GZIP=3", plain, packed], check=True)
    packed.replace(plain)
    os.utime(plain, (LONG_AGO, LONG_AGO))
    small.harmonize()
    small.assert_whole()
    assert small.run("verify").code == 0


def test_events_without_get_data_have_a_real_empty_matrix(small):
    small.harmonize()
    empty = 0
    for _, event in events_of(small.harmonic):
        link = event.get("get_traces", getlink=True)
        assert isinstance(event.get("frib_physics", getlink=True), h5py.HardLink)
        if isinstance(link, h5py.HardLink):
            empty += 1
            assert event["get_traces"].shape == (0, 517) and not event["get_traces"].attrs
            assert event["get_traces"].file == event.file
        else:
            assert event["get_traces"].file.filename != event.file.filename
    assert empty == 2


def test_traces_of_the_new_layout(small):
    small.harmonize()
    seen = 0
    for _, event in events_of(small.harmonic):
        if event.attrs["orig_run"] == 2:
            seen += 1
            link = event.get("get", getlink=True)
            number = event.attrs["orig_event"]
            assert (link.filename, link.path) == ("../merged/run_0002.h5", f"/events/event_{number}/get")
            assert event.get("get_traces", getlink=True).path == f"/events/event_{number}/get/pads"
            assert set(event["get"].attrs) == {"id", "timestamp", "timestamp_other"}
            assert not event["get_traces"].attrs
            assert np.array_equal(event["get_traces"][()], event["get/pads"][()])
    assert seen == 9


def test_no_event(setting):
    setting.make(3, "2.0", "--events", 0)
    done = setting.configure(mode="link").harmonize(quiet=False)
    assert "no event" in done.err
    assert setting.files() == ["events.parquet", "manifest.json", "runs.parquet", "scalers.parquet"]
    assert setting.run("verify").code == 0


def test_runs_of_merger_0_1_0_are_refused_by_name(mixed):
    mixed.configure(harmonic_count=4, mode="link")
    for words in ((), ("plan",)):
        done = mixed.run(*words)
        assert done.code == 2 and "merged runs 1, 8, 9: of merger 0.1.0" in done.err, done
        assert mixed.files() == []
    mixed.configure(harmonic_count=4, mode="link", skip_runs=[1, 8])
    assert "merged run 9: of merger 0.1.0" in mixed.run().err
    mixed.configure(harmonic_count=4)
    assert "mode: link is not possible" in mixed.run("plan").out


# ---- paths ----

READ = ("import h5py, sys; file = h5py.File(sys.argv[1], 'r'); "
        "print(sum(event['get_traces'].shape[0] for event in file['events'].values()))")


def read_from(folder, path):
    done = subprocess.run([sys.executable, "-c", READ, path], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_links_are_found_from_anywhere(small):
    small.harmonize()
    elsewhere = small.root / "far" / "away"
    elsewhere.mkdir(parents=True)
    (elsewhere / "shortcut").symlink_to(small.harmonic)
    wanted = read_from(small.harmonic, "run_0000.h5")
    assert wanted[0] == 0 and int(wanted[1]) > 0
    for folder, path in ((small.root, "harmonic/run_0000.h5"), ("/", small.harmonic / "run_0000.h5"),
                         (elsewhere, "shortcut/run_0000.h5"), (elsewhere, "../../harmonic/run_0000.h5")):
        assert read_from(folder, path) == wanted


def test_paths_through_symbolic_links(small):
    deep = small.root / "disk" / "data"
    deep.mkdir(parents=True)
    (small.root / "there").symlink_to(deep)
    (small.root / "runs").symlink_to(small.merged)
    small.configure(harmonic_count=3, mode="link", harmonic_path="there", merger_path="runs").harmonize()
    links = {event.get("frib_physics/977", getlink=True).filename for _, event in events_of(deep)}
    assert links == {"../../merged/run_0001.h5", "../../merged/run_0002.h5"}
    assert read_from("/", deep / "run_0000.h5")[0] == 0 == read_from(small.root, "there/run_0000.h5")[0]
    assert small.run("verify").code == 0


def test_a_folder_inside_the_other(setting):
    inside = Setting(setting.root / "merged" if (setting.root / "merged").exists() else setting.root, "in")
    inside.merged = setting.merged
    setting.make(1, "1.0", "--events", 5)
    inside.configure(harmonic_count=2, mode="link").harmonize()
    inside.assert_whole()
    assert {event.get("get_traces", getlink=True).filename for _, event in events_of(inside.harmonic)} == \
        {"../run_0001.h5"}
    assert inside.run("verify").code == 0


def test_both_folders_can_move_together(small, tmp_path):
    small.harmonize()
    new = tmp_path / "new"
    new.mkdir()
    shutil.move(small.merged, new / "merged")
    shutil.move(small.harmonic, new / "harmonic")
    moved = Setting(new).configure(harmonic_count=3)
    assert moved.run("verify").code == 0
    moved.assert_whole()


# ---- same bytes, resume, force ----

def test_same_bytes_whatever_the_workers(linked, another):
    linked.harmonize("-j", "1")
    for jobs in ("2", "7"):
        other = another(f"jobs_{jobs}").configure(harmonic_count=4, mode="link", skip_runs=LEGACY)
        other.harmonize("-j", jobs)
        assert other.hashes() == linked.hashes()


def test_again_and_force_and_the_other_mode(small):
    small.harmonize()
    wanted = small.hashes()
    assert "already complete" in small.harmonize(quiet=False).err
    small.configure(harmonic_count=3)
    assert small.run().code == 2
    small.harmonize("--force")
    small.assert_whole()
    assert small.hashes() != wanted
    small.configure(harmonic_count=3, mode="link").harmonize("--force")
    assert small.hashes() == wanted
    assert small.run("find", "2", "3").out.startswith("run_000")


# ---- sizes ----

@pytest.mark.parametrize("layout, traces", [("1.0", "300:500"), ("2.0", "300:500")])
def test_links_take_little_room(setting, layout, traces):
    setting.make(1, layout, "--events", 60, "--traces", traces)
    setting.configure(harmonic_count=2, mode="link").harmonize()
    data = sum(row["bytes"] for row in parquet.read_table(setting.harmonic / "events.parquet").to_pylist())
    links = sum(path.stat().st_size for path in setting.harmonic.glob("run_*.h5"))
    assert links <= data * 0.005, links / data


@pytest.mark.parametrize("case", ["one", "many", "new layout", "names double", "mixed"])
def test_plan_predicts_the_lengths(setting, case):
    if case == "one":
        setting.make(1, "1.0", "--events", 2)
    elif case == "many":
        setting.make(1, "1.0", "--events", 6000, "--traces", "1", "--samples", 3, "--first-event", 98000)
    elif case == "names double":  # the room of the names of the events has just become twice as large
        setting.make(1, "1.0", "--events", 2 * 4200, "--traces", "1", "--samples", 3)
    elif case == "new layout":
        setting.make(1, "2.0", "--events", 4000, "--traces", "0:1", "--samples", 3, "--silicon", 0)
    else:
        setting.make(1, "2.0", "--events", 1200, "--traces", "0:1", "--extra-datasets", "--with-1904", "all")
        setting.make(2, "1.0", "--events", 1200, "--traces", "0:1", "--frib-tail", 1200, "--samples", 3)
    setting.configure(harmonic_count=2, mode="link")
    plan = json.loads(setting.run("plan", "--json").out)
    setting.harmonize()
    for file in plan["files"]:
        length = (setting.harmonic / file["file"]).stat().st_size
        # The spec allows 1 % or 2 MiB; these files are so small that 2 MiB would be nearly all of them.
        assert abs(file["file_bytes"] - length) <= max(length / 100, 16 << 10), (file, length)
    assert sum(path.stat().st_size for path in setting.harmonic.iterdir()) <= plan["need_bytes"]


def need_of(text, pattern):
    line = next(line for line in text.splitlines() if pattern in line)
    return line.split(pattern)[1].split(",")[0].strip()


def test_plan_says_what_both_modes_need(small):
    links = small.run("plan").out
    small.configure(harmonic_count=3)
    copy = small.run("plan").out
    assert need_of(links, "mode: copy would need ") == need_of(copy, "disk             needs ")
    assert need_of(copy, "mode: link would need ") == need_of(links, "disk             needs ")


# ---- verify ----

def test_verify_says_what_it_covers(small):
    small.harmonize()
    good = small.run("verify")
    assert good.code == 0 and "the merged runs must stay" in good.out.splitlines()[-1]
    sums = small.run("verify", "--checksums")
    assert sums.code == 0 and "the data that they link to, in the merged runs, are not covered" in sums.out


def to_another_event(event):
    path = event.get("get_traces", getlink=True)
    del event["get_traces"]
    event["get_traces"] = h5py.ExternalLink(path.filename, "/events/event_0/get_traces")


def to_nowhere(event):
    path = event.get("get_traces", getlink=True)
    del event["get_traces"]
    event["get_traces"] = h5py.ExternalLink("../gone/run_0001.h5", path.path)


def to_another_run(event):
    path = event.get("get_traces", getlink=True)
    del event["get_traces"]
    event["get_traces"] = h5py.ExternalLink("../merged/run_0002.h5", path.path)


def absolute(event):
    path = event.get("get_traces", getlink=True)
    del event["get_traces"]
    event["get_traces"] = h5py.ExternalLink("/x/run_0001.h5", path.path)


def real(event):
    del event["frib_physics/977"]
    event["frib_physics/977"] = np.zeros(1, dtype="<u2")


def lost(event):
    del event["frib_physics/1903"]


def extra(event):
    event["frib_physics/2000"] = h5py.ExternalLink("../merged/run_0001.h5", "/events/event_1/frib_physics/977")


def attribute(event):
    event["frib_physics"].attrs["id"] = np.uint32(77)


CHANGES = {
    "another event": (to_another_event, "links to /events/event_0/get_traces, expected /events/event_1/get_traces"),
    "nowhere": (to_nowhere, "lead to ../gone/run_0001.h5, which is not there"),
    "another run": (to_another_run, "which is not merged run 1"),
    "absolute": (absolute, "lead to /x/run_0001.h5, expected a path relative"),
    "real": (real, "977: is no link to the merged run"),
    "lost": (lost, "1903: is missing"),
    "extra": (extra, "2000: is there, but not in the merged run"),
    "attribute": (attribute, "attribute id is 77"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_verify_finds_changed_links(small, case):
    small.harmonize()
    change, message = CHANGES[case]
    edit(small, change, "run_0000.h5")
    done = small.run("verify")
    assert done.code == 1 and message in done.out, done
    assert small.run("verify", "--checksums").code == 1


def test_a_merged_run_that_changed_is_a_difference(small):
    small.harmonize()
    os.utime(small.merged / "run_0002.h5", (LONG_AGO + 5, LONG_AGO + 5))
    done = small.run("verify")
    assert done.code == 1 and "merged run 2 has changed since the set was linked to it" in done.out


def test_a_merged_run_that_is_gone(small):
    small.harmonize()
    (small.merged / "run_0002.h5").unlink()
    done = small.run("verify")
    assert done.code == 1 and "merged run 2 is linked to, but its file is not there" in done.out


def test_dead_links_are_no_complete_set(small):
    small.harmonize()
    moved = small.root / "elsewhere"
    small.merged.rename(moved)
    small.configure(harmonic_count=3, mode="link", merger_path=str(moved))
    for words in ([], ["plan"]):
        done = small.run(*words)
        assert done.code == 2 and "links to the merged runs in ../merged, seen from there, but they are in ../elsewhere" \
            in done.err, done
    small.harmonize("--force")
    assert small.run("verify").code == 0


def test_a_set_that_moved_with_its_merged_runs_is_complete(small, tmp_path_factory):
    small.harmonize()
    new = tmp_path_factory.mktemp("new")
    for folder in (small.merged, small.harmonic):
        folder.rename(new / folder.name)
    moved = Setting(new).configure(harmonic_count=3, mode="link")
    done = moved.harmonize(quiet=False)
    assert "already complete" in done.err and moved.run("verify").code == 0


def test_merged_runs_that_moved(small):
    small.harmonize()
    small.merged.rename(small.root / "elsewhere")
    done = small.run("verify")
    assert done.code == 2 and f"{small.merged}" in done.err
    small.configure(harmonic_count=3, mode="link", merger_path=str(small.root / "elsewhere"))
    done = small.run("verify")
    assert done.code == 1 and "../merged/run_0001.h5, which is not there, expected merged run 1" in done.out
    assert done.out.count("run_0001.h5, which is not there") <= 3  # once a harmonic run, not once a link
    assert small.run("verify", "--checksums").code == 0


def test_linked_data_that_cannot_be_read(small):
    """Links are written without a look at the data; verify looks."""
    path = small.merged / "run_0001.h5"
    packed = small.root / "packed.h5"
    subprocess.run(["h5repack", "-f", "GZIP=3", path, packed], check=True)
    with h5py.File(packed) as file:
        chunk = file["events/event_4/get_traces"].id.get_chunk_info(0)
    with open(packed, "r+b") as file:
        file.seek(chunk.byte_offset)
        file.write(b"\xff" * chunk.size)
    packed.replace(path)
    small.harmonize()
    done = small.run("verify")
    assert done.code == 1 and "event_4/get_traces" in done.err + done.out, done
