# SPDX-License-Identifier: MIT
"""What must never be lost: nothing of a set is removed while it holds events or scaler readouts that no merged run
has any more."""
import hashlib
import os
import re
import shutil
import subprocess

import h5py
import pytest

from conftest import LONG_AGO, PROGRAM, Setting, damage_data, overwrite


def age(path):
    """Another time than before, or it would be the same run."""
    os.utime(path, (LONG_AGO + 1, LONG_AGO + 1))


def cut_short(path, last):
    """As if the merger had never written more: events from `last` on are gone, and the counters say so."""
    with h5py.File(path, "a") as file:
        events = file["events"]
        for number in range(last, 60):
            del events[f"event_{number}"]
        events.attrs["max_event"] = type(events.attrs["max_event"])(last - 1)
    age(path)


@pytest.fixture
def complete(setting):
    """Three merged runs of 60 events, a complete set of them."""
    for run, layout in ((55, "1.0"), (56, "1.0"), (57, "2.0")):
        setting.make(run, layout, "--events", 60, "--scalers", 4)
    setting.configure(harmonic_count=4).harmonize()
    return setting


def everything(setting):
    """Every file in harmonic_path, the state folder too."""
    return {str(path.relative_to(setting.harmonic)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in setting.harmonic.rglob("*") if path.is_file()}


def outputs(setting):
    return {name: digest for name, digest in everything(setting).items() if "/" not in name}


def assert_refused(setting, *words):
    """Nothing has changed, and the set is good."""
    before = everything(setting)
    done = setting.run(*words)
    assert done.code == 2, done
    assert everything(setting) == before, done
    assert sorted(path.name for path in setting.harmonic.iterdir()) == sorted({name.split("/")[0] for name in before})
    checked = setting.run("verify", "--checksums")
    assert checked.code == 0, checked
    return done


# ---- what became of merged run 57, and how it is told ----

def gone(path):
    path.unlink()
    return r"merged run 57 is gone: its 60 events \(event 0 to 59\) and 4 scaler readouts \(readout 0 to 3\)"


def cut(path):
    cut_short(path, 48)
    return r"merged run 57 has fewer than the set: 12 of 60 events \(event 48 to 59\) are only in this set"


def emptied(path):
    path.write_bytes(b"")
    age(path)
    return r"merged run 57 cannot be read now: its 60 events \(event 0 to 59\) and 4 scaler readouts"


def no_hdf5(path):
    path.write_bytes(b"somebody else's file\n" * 1000)
    age(path)
    return r"merged run 57 cannot be read now: its 60 events \(event 0 to 59\) and 4 scaler readouts"


def other_events(path):
    """As many events under the same numbers: of another run of the experiment."""
    with h5py.File(path, "a") as file:
        for number in range(60):
            place = file[f"events/event_{number}"]
            for part in ("get", "get_traces"):
                if part in place and "timestamp" in place[part].attrs:
                    place[part].attrs["timestamp"] = place[part].attrs["timestamp"] + 1
    age(path)
    return r"merged run 57 has others under the same numbers: 60 events \(event 0 to 59\) are only in this set"


def one_other_timestamp(path):
    with h5py.File(path, "a") as file:
        attributes = file["events/event_7/get"].attrs
        attributes["timestamp_other"] = attributes["timestamp_other"] + 1
    age(path)
    return r"merged run 57 has others under the same numbers: 1 of 60 events \(event 7\) are only in this set"


def fewer_rows(path):
    with h5py.File(path, "a") as file:
        get = file["events/event_9/get"]
        values = get["pads"][:-1]
        del get["pads"]
        get.create_dataset("pads", data=values)
    age(path)
    return r"merged run 57 has others under the same numbers: 1 of 60 events \(event 9\)"


def fewer_scalers(path):
    with h5py.File(path, "a") as file:
        del file["scalers/event_3"]
        file["scalers"].attrs["max_event"] = type(file["scalers"].attrs["max_event"])(2)
    age(path)
    return r"merged run 57 has fewer than the set: 1 of 4 scaler readouts \(readout 3\) are only in this set"


def other_scaler(path):
    with h5py.File(path, "a") as file:
        file["scalers/event_1"][4] += 1
    age(path)
    return r"merged run 57 has others under the same numbers: 1 of 4 scaler readouts \(readout 1\)"


CHANGES = [gone, cut, emptied, no_hdf5, other_events, one_other_timestamp, fewer_rows, fewer_scalers, other_scaler]
WAYS = {"--force": {}, "prepare --force": {}, "plan --force": {}, "--force --skip-bad": {},
        "--force another size": dict(harmonic_count=2), "--force another mode": dict(mode="link"),
        "--force another range": dict(max_run=56), "--force skip_runs": dict(skip_runs=[57])}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("change", CHANGES)
def test_what_only_the_set_has_stays(complete, change, way):
    told = change(complete.merged / "run_0057.h5")
    complete.configure(**{"harmonic_count": 4, **WAYS[way]})
    done = assert_refused(complete, *[word for word in way.split() if word.startswith("--") or word in ("prepare", "plan")])
    assert re.search(told, done.err), done
    assert "--discard-events" in done.err and "merged run 55" not in done.err, done
    assert done.err.count("the file is empty") <= 1 and done.err.count("not an HDF5 file") <= 1, done


def test_another_folder_of_merged_runs(complete):
    """They are looked for in both: in that of the configuration, and in that of the manifest."""
    other = complete.root / "other"
    other.mkdir()
    shutil.copy2(complete.merged / "run_0055.h5", other)
    complete.configure(harmonic_count=2, merger_path=str(other))
    gone_text = gone(complete.merged / "run_0057.h5")
    done = assert_refused(complete, "--force")
    assert re.search(gone_text, done.err) and "merged run 56" not in done.err, done
    assert str(other) in done.err and str(complete.merged) in done.err


def test_a_run_may_be_in_either_folder(complete):
    other = complete.root / "other"
    other.mkdir()
    for run in (55, 57):
        shutil.copy2(complete.merged / f"run_{run:04d}.h5", other)
    cut_short(other / "run_0057.h5", 20)
    (complete.merged / "run_0055.h5").unlink()
    complete.configure(harmonic_count=2, merger_path=str(other)).harmonize("--force")
    assert sum(output["events"] or 0 for output in complete.manifest()["outputs"]) == 80


def test_a_run_that_is_damaged_now_counts_as_not_there(complete):
    """With --skip-bad its events would be left out; without, that option would be the advice."""
    path = complete.merged / "run_0057.h5"
    with h5py.File(path, "a") as file:
        del file["events/event_5/get"].attrs["id"]
    age(path)
    for words in (["--force"], ["--force", "--skip-bad"], ["plan", "--force"]):
        done = assert_refused(complete, *words)
        assert re.search(r"merged run 57 has fewer than the set: 1 of 60 events \(event 5\)", done.err), done
    complete.run("--force", "--skip-bad", "--discard-events")
    assert complete.manifest()["skipped"][0]["event"] == 5


def test_a_run_that_may_not_be_read(complete):
    """Outside of the new range it is a refusal that says why; inside, the scan itself fails."""
    (complete.merged / "run_0057.h5").chmod(0)
    # Root without the right to read what it may not.
    step_down = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    complete.program = complete.root / "stepped_down"
    complete.program.write_text("#!/bin/sh\nexec " + " ".join([*step_down, str(PROGRAM)]) + ' "$@"\n')
    complete.program.chmod(0o755)
    complete.configure(harmonic_count=2, max_run=56)
    done = assert_refused(complete, "--force")
    assert re.search(r"merged run 57 cannot be read now: its 60 events .*Permission denied", done.err), done
    complete.configure(harmonic_count=2)
    before = outputs(complete)
    done = complete.run("--force")
    assert done.code in (1, 2) and "run_0057.h5" in done.err and outputs(complete) == before, done


# ---- where nothing is lost ----

def test_all_runs_are_there(complete):
    """Another size, another range, runs that are skipped: they are still in the folder."""
    complete.configure(harmonic_count=2).harmonize("--force")
    complete.assert_whole()
    complete.configure(harmonic_count=2, max_run=55).harmonize("--force")
    complete.assert_whole()
    complete.configure(harmonic_count=2).harmonize("--force")
    complete.configure(harmonic_count=1, skip_runs=[56]).harmonize("prepare", "--force")
    complete.harmonize()
    complete.assert_whole()
    assert not (complete.harmonic / ".harmonizer").exists()


def test_only_its_time_or_its_form_changed(complete):
    """Or there is more in it now."""
    os.utime(complete.merged / "run_0057.h5", (LONG_AGO + 5, LONG_AGO + 5))
    shutil.copy(complete.merged / "run_0056.h5", complete.merged / "copy")
    os.replace(complete.merged / "copy", complete.merged / "run_0056.h5")
    complete.make(55, "1.0", "--events", 70, "--scalers", 6)
    assert complete.run("plan", "--force").code == 0
    complete.harmonize("--force")
    complete.assert_whole()


def test_they_can_be_given_up(complete):
    gone(complete.merged / "run_0057.h5")
    assert complete.run("plan", "--force", "--discard-events").code == 0
    complete.harmonize("--force", "--discard-events")
    complete.assert_whole()
    assert {entry["run"] for entry in complete.manifest()["inputs"]} == {55, 56}


@pytest.mark.parametrize("words", [[], ["plan"], ["prepare"], ["slurm", "--print"]])
def test_to_give_them_up_is_a_part_of_force(complete, words):
    done = assert_refused(complete, *words, "--discard-events")
    assert "--force" in done.err
    done = complete.run("slurm", "--print", "--force", "--discard-events")
    assert "prepare --force --discard-events" in done.out and done.out.count("--discard-events") == 1


def test_readouts_of_a_set_without_events(setting):
    setting.make(1, "1.0", "--events", 0, "--scalers", 5)
    setting.make(2, "1.0", "--events", 3)
    setting.configure(max_run=1).harmonize()
    (setting.merged / "run_0001.h5").unlink()
    setting.configure(max_run=2)
    done = assert_refused(setting, "--force")
    assert re.search(r"merged run 1 is gone: its 5 scaler readouts \(readout 0 to 4\)", done.err), done


# ---- where it cannot be told ----

@pytest.mark.parametrize("name", ["events.parquet", "scalers.parquet"])
@pytest.mark.parametrize("how", ["missing", "another bit", "empty"])
def test_a_table_is_lost(complete, name, how):
    path = complete.harmonic / name
    if how == "missing":
        path.unlink()
    elif how == "empty":
        path.write_bytes(b"")
    else:
        overwrite(path, 40, b"\xff")
    before = everything(complete)
    for words in (["--force"], ["plan", "--force"], ["--force", "--skip-bad"]):
        done = complete.run(*words)
        assert done.code == 2 and name in done.err and "--discard-events" in done.err, done
        assert everything(complete) == before
    plain = complete.run()  # proposes nothing that is refused
    assert plain.code == (0 if how == "another bit" else 2) and everything(complete) == before, plain
    assert how == "another bit" or "write the set again with --force --discard-events" in plain.err, plain
    complete.harmonize("--force", "--discard-events")
    complete.assert_whole()


def test_a_harmonic_run_is_lost(complete):
    """The tables tell what was in it; the merged runs have it."""
    (complete.harmonic / "run_0001.h5").unlink()
    complete.harmonize("--force")
    complete.assert_whole()


# ---- sets that are not finished ----

@pytest.fixture
def begun(setting):
    """Three merged runs, of three harmonic runs the first and the third are written."""
    for run in (55, 56, 57):
        setting.make(run, "1.0", "--events", 60, "--scalers", 4)
    setting.configure(harmonic_count=3)
    setting.harmonize("prepare")
    setting.harmonize("write", "--shard", "1/3")
    setting.harmonize("write", "--shard", "3/3")
    return setting


def refused_begun(setting, *words):
    before = outputs(setting)
    done = setting.run(*words)
    assert done.code == 2 and outputs(setting) == before, done
    assert (setting.harmonic / ".harmonizer/plan").exists()
    return done


@pytest.mark.parametrize("keys", [dict(harmonic_count=3), dict(harmonic_count=2), dict(harmonic_count=1, max_run=56)])
def test_harmonic_runs_of_an_unfinished_set(begun, keys):
    kept = begun.root / "kept.h5"
    shutil.copy2(begun.merged / "run_0057.h5", kept)
    cut_short(begun.merged / "run_0057.h5", 48)
    begun.configure(**keys)
    for words in (["plan", "--force"], ["--force"], ["--force", "--skip-bad"], ["--force"], ["prepare", "--force"]):
        done = refused_begun(begun, *words)
        assert re.search(r"merged run 57 has fewer than the set: 12 of \d+ events \(event 48 to 59\)", done.err), done
    (begun.merged / "run_0057.h5").unlink()
    done = refused_begun(begun, "--force")
    assert re.search(r"merged run 57 is gone: its \d+ events \(event \d+ to 59\) are only", done.err), done
    shutil.copy(kept, begun.merged / "run_0057.h5")  # another time, another inode
    begun.harmonize("--force")
    begun.assert_whole()
    assert not (begun.harmonic / ".harmonizer").exists()


def test_only_what_is_written_is_held(begun):
    """Harmonic run 1, with merged run 56, is not there yet."""
    (begun.merged / "run_0056.h5").unlink()
    begun.harmonize("--force")
    begun.assert_whole()


def test_the_plain_command_forgets_nothing(begun):
    """It scans what has changed, and says that --force is needed: then --force must still know what there was."""
    cut_short(begun.merged / "run_0057.h5", 48)
    for words in ([], ["--skip-bad"], ["plan"], ["prepare"], []):
        assert begun.run(*words).code in (1, 2)
    done = refused_begun(begun, "--force")
    assert re.search(r"merged run 57 has fewer than the set: 12 of \d+ events", done.err), done
    begun.make(57, "1.0", "--events", 60, "--scalers", 4)
    os.utime(begun.merged / "run_0057.h5", (LONG_AGO + 2, LONG_AGO + 2))
    assert begun.run().code == 1  # scanned once more
    begun.harmonize("--force")
    begun.assert_whole()


@pytest.mark.parametrize("name", ["plan", "index_0057", "written_0002"])
def test_what_an_unfinished_set_holds_cannot_be_told(begun, name):
    cut_short(begun.merged / "run_0057.h5", 48)
    (begun.harmonic / ".harmonizer" / name).write_bytes(b"rubbish")
    for words in (["plan", "--force"], ["--force"], ["--force"]):
        done = refused_begun(begun, *words)
        assert "cannot be told" in done.err and "--discard-events" in done.err, done
    begun.harmonize("--force", "--discard-events")
    begun.assert_whole()


def test_scalers_of_an_unfinished_set(complete):
    """Killed before the manifest: the tables are there, and tell of readouts that no harmonic run has."""
    manifest = complete.manifest()
    fresh = Setting(complete.root, "fresh").configure(harmonic_count=4)
    fresh.harmonize("prepare")
    fresh.harmonize("write", "--shard", "1/1")
    state = fresh.harmonic / ".harmonizer"
    (state / "tables").write_bytes((state / "plan").read_bytes())  # a mark: only its name counts
    for output in manifest["outputs"]:
        if output["events"] is None:
            shutil.copy2(complete.harmonic / output["file"], fresh.harmonic)
    fewer_scalers(complete.merged / "run_0057.h5")
    before = outputs(fresh)
    done = fresh.run("--force")
    assert done.code == 2 and "1 of 4 scaler readouts (readout 3)" in done.err, done
    assert outputs(fresh) == before


# ---- a set that was being replaced when the command was killed ----

def half_replaced(setting, gone_names):
    """As --force leaves it when it is killed: the manifest set aside, some files gone."""
    state = setting.harmonic / ".harmonizer"
    state.mkdir()
    os.replace(setting.harmonic / "manifest.json", state / "replaced")
    for name in gone_names:
        (setting.harmonic / name).unlink()


def test_half_replaced(complete):
    half_replaced(complete, ["run_0000.h5", "run_0001.h5"])
    kept = complete.root / "kept.h5"
    shutil.move(complete.merged / "run_0057.h5", kept)
    before = outputs(complete)
    done = complete.run("--force")
    assert done.code == 2 and "merged run 57 is gone" in done.err and outputs(complete) == before, done
    shutil.move(kept, complete.merged / "run_0057.h5")
    complete.harmonize("--force")
    complete.assert_whole()


def test_half_replaced_with_nothing_but_scalers_left(complete):
    names = [f"run_{number:04d}.h5" for number in range(4)] + ["events.parquet", "runs.parquet"]
    half_replaced(complete, names)
    other_events(complete.merged / "run_0057.h5")  # its events are in no file any more
    fewer_scalers(complete.merged / "run_0056.h5")
    done = complete.run("--force")
    assert done.code == 2 and "merged run 57" not in done.err, done
    assert re.search(r"merged run 56 has fewer than the set: 1 of 4 scaler readouts \(readout 3\)", done.err), done
    complete.harmonize("--force", "--discard-events")
    complete.assert_whole()


# ---- the data of events, which no scan sees

def spoil_data(path, event, new):
    """Other bytes in the place of an event's traces; or a changed chunk, which cannot be inflated any more."""
    place = f"events/event_{event}/get_traces"
    with h5py.File(path) as file:
        at, length = file[place].id.get_offset(), file[place].nbytes
    data = bytearray(path.read_bytes())
    data[at:at + length] = new(bytes(data[at:at + length]))
    path.write_bytes(data)
    age(path)


SPOILT = {
    "zeros": lambda path: spoil_data(path, 3, lambda data: bytes(len(data))),
    "one bit": lambda path: spoil_data(path, 3, lambda data: bytes([data[0] ^ 1]) + data[1:]),
    "a broken chunk": lambda path: [damage_data(path, 3), age(path)],
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("how", SPOILT)
def test_data_that_only_the_set_has_stay(complete, how, way):
    SPOILT[how](complete.merged / "run_0056.h5")
    complete.configure(**{"harmonic_count": 4, **WAYS[way]})
    done = assert_refused(complete, *[word for word in way.split() if word.startswith("--") or word in ("prepare", "plan")])
    assert "merged run 56 has other data than the set" in done.err and "1 of 60 events (event 3)" in done.err, done
    assert "--discard-events" in done.err and "merged run 55" not in done.err, done


def test_data_in_another_form_are_the_same(complete):
    repack = complete.merged / "run_0056.h5"
    subprocess.run(["h5repack", "-f", "GZIP=1", repack, complete.root / "packed.h5"], check=True)
    (complete.root / "packed.h5").replace(repack)
    age(repack)
    complete.configure(harmonic_count=2)
    complete.harmonize("--force")
    complete.assert_whole()


@pytest.mark.parametrize("how", SPOILT)
def test_data_that_only_an_unfinished_set_has_stay(begun, how):
    """Event 3 of merged run 55 lies in harmonic run 0, which is written; one of 56 in a run that is not."""
    SPOILT[how](begun.merged / "run_0055.h5")
    begun.configure(harmonic_count=2)
    for words in (["plan", "--force"], ["--force"], ["--force", "--skip-bad"]):
        done = refused_begun(begun, *words)
        assert "merged run 55 has other data than the set" in done.err and "(event 3)" in done.err, done


def test_data_that_no_harmonic_run_has_are_not_asked_for(begun):
    SPOILT["one bit"](begun.merged / "run_0056.h5")
    begun.configure(harmonic_count=2)
    assert begun.run("--force").code == 0
    begun.assert_whole()
