# SPDX-License-Identifier: MIT
"""Which merged runs are taken: ranges, lists of them, all; from one folder or several."""
import json
import shutil

import h5py
import pytest


def text_of(setting, **values):
    keys = dict(merger_path=str(setting.merged), harmonic_path=str(setting.harmonic), harmonic_count=3)
    keys.update(values)
    setting.config.write_text("".join(f"{key}: {json.dumps(value)}\n" for key, value in keys.items()))
    return setting


@pytest.fixture(name="runs")
def fixture_runs(setting):
    for run, layout in (3, "1.0"), (4, "2.0"), (7, "0.2.0"), (8, "1.0"), (12, "0.1.0"):
        setting.make(run, layout, "--events", 6 + run)
    return setting


def spread_out(runs):
    """The same runs on two disks; `runs.disks` are their folders."""
    runs.disks = [runs.root / "disk1", runs.root / "disk 2"]
    for folder in runs.disks:
        folder.mkdir()
    for run in 3, 8:
        shutil.move(runs.merged / f"run_{run:04}.h5", runs.disks[0])
    for path in sorted(runs.merged.iterdir()):
        shutil.move(path, runs.disks[1])
    return text_of(runs, merger_path=[str(folder) for folder in runs.disks])


@pytest.fixture(name="spread")
def fixture_spread(runs):
    return spread_out(runs)


def origins(setting):
    found = set()
    for path in setting.harmonic.glob("run_*.h5"):
        with h5py.File(path) as file:
            found |= {int(event.attrs["orig_run"]) for event in file["events"].values()}
    return found


def bytes_of(setting):
    hashes = setting.hashes()
    for path in setting.harmonic.iterdir():
        path.unlink()
    return hashes


def test_a_list_of_runs_gives_the_bytes_of_the_range(runs):
    text_of(runs, min_run=3, max_run=8).harmonize()
    told = runs.manifest()["config"]
    assert (told["min_run"], told["max_run"], "runs" in told) == (3, 8, False)
    wanted = bytes_of(runs)
    for keys, listed in (dict(runs=["3-4", 7, 8]), ["3-4", "7-8"]), (dict(runs=[8, "7-7", "0000-5"]), ["0-5", "7-8"]), \
            (dict(skip_runs=[12]), "all"):
        done = text_of(runs, **keys).run(quiet=False)
        assert done.code == 0, done
        assert runs.manifest()["config"]["runs"] == listed and "min_run" not in runs.manifest()["config"]
        assert bytes_of(runs) == wanted


def test_all_runs_that_are_there(runs):
    done = text_of(runs).run(quiet=False)
    assert done.code == 0 and "all that are there" in done.err and "not found" not in done.err, done
    assert origins(runs) == {3, 4, 7, 8, 12}
    assert runs.run("verify").code == 0
    again = runs.run(quiet=False)
    assert again.code == 0 and "already complete" in again.err


def test_what_a_list_lacks_is_told(runs):
    done = text_of(runs, runs=["2-5", "7-9", 30]).run(quiet=False)
    assert done.code == 0 and "runs 2 to 5, 7 to 9, 30" in done.err, done
    assert "4 of the range" in done.err and ": 2, 5, 9, 30" in done.err
    assert origins(runs) == {3, 4, 7, 8}
    done = text_of(runs, runs=["5-6", 13], harmonic_path=str(runs.root)).run()
    assert done.code == 2 and "no merged run of 5, 6, 13; the folder has run_0003 to run_0012, 5 runs" in done.err
    done = text_of(runs, runs=[3]).run()
    assert done.code == 2 and "runs and skip_runs of the configuration leave them out" in done.err


def test_an_empty_folder_is_named(another):
    setting = another("empty")
    done = text_of(setting).run()
    assert done.code == 2 and f"{setting.merged}: no run_NNNN.h5 at all" in done.err


def test_several_folders_give_the_bytes_of_one(runs):
    text_of(runs).harmonize()
    wanted = bytes_of(runs)
    spread = spread_out(runs)
    spread.harmonize("-j", "2")
    assert spread.hashes() == wanted
    told = spread.manifest()
    assert told["config"]["merger_path"] == [str(folder) for folder in spread.disks]
    assert {item["run"]: item["folder"] for item in told["inputs"]} == \
        {run: str(spread.disks[run not in (3, 8)]) for run in (3, 4, 7, 8, 12)}
    assert spread.run("verify").code == 0
    assert spread.run(quiet=False).err.count("already complete") == 1


def test_steps_over_several_folders(spread):
    for words in ["prepare"], ["write", "--shard", "2/2"], ["write", "--shard", "1/2"], ["finish"]:
        spread.harmonize(*words)
    assert origins(spread) == {3, 4, 7, 8, 12} and spread.run("verify").code == 0


def test_a_run_that_moves_to_the_other_folder_is_the_same(spread):
    spread.harmonize("prepare")
    shutil.move(spread.disks[0] / "run_0003.h5", spread.disks[1])
    spread.harmonize("write", "--shard", "1/1")
    shutil.move(spread.disks[1] / "run_0003.h5", spread.disks[0])
    spread.harmonize("finish")
    assert spread.run("verify").code == 0


def test_the_same_run_in_two_folders_is_named(spread):
    shutil.copy2(spread.disks[0] / "run_0003.h5", spread.disks[1])
    done = spread.run()
    assert done.code == 2 and "merged run 3 is there twice" in done.err, done
    assert all(str(folder / "run_0003.h5") in done.err for folder in spread.disks)
    assert not spread.files()
    text_of(spread, merger_path=[str(folder) for folder in spread.disks], skip_runs=[3]).harmonize()


def test_links_into_several_folders(spread):
    keys = dict(merger_path=[str(folder) for folder in spread.disks], mode="link", skip_runs=[12])
    text_of(spread, **keys).harmonize()
    assert spread.run("verify").code == 0 and origins(spread) == {3, 4, 7, 8}
    assert spread.run(quiet=False).err.count("already complete") == 1
    moved = spread.root / "disk3"
    spread.disks[1].rename(moved)
    done = text_of(spread, **{**keys, "merger_path": [str(spread.disks[0]), str(moved)]}).run()
    assert done.code == 2 and "../disk1, ../disk 2" in done.err and "../disk1, ../disk3" in done.err, done


def test_what_is_lost_is_asked_in_all_folders(spread):
    spread.harmonize()
    before = spread.hashes()
    (spread.disks[1] / "run_0007.h5").rename(spread.root / "away.h5")
    for words in [], ["--force"], ["plan", "--force"]:
        done = spread.run(*words)
        assert done.code == 2 and "merged run 7" in done.err, done
        assert spread.hashes() == before
    (spread.root / "away.h5").rename(spread.disks[0] / "run_0007.h5")
    assert spread.run("verify").code == 0
    text_of(spread, merger_path=[str(folder) for folder in spread.disks], harmonic_count=5).harmonize("--force")
    assert spread.run("verify").code == 0 and len(list(spread.harmonic.glob("run_*"))) == 5


def test_folders_are_looked_at_one_by_one(spread):
    first, second = map(str, spread.disks)
    for folders, told in (([first, second, first + "/."], f"merger_path: {first}/.: is the same directory as {first}"),
                          ([first, second + "x"], f"merger_path: {second}x: does not exist"),
                          ([first, str(spread.config)], "is no directory"),
                          ([first, str(spread.harmonic)], "is the same directory as merger_path")):
        done = text_of(spread, merger_path=folders).run()
        assert done.code == 2 and told in done.err, done
    text_of(spread, merger_path=[first, second]).harmonize()
    for folder in spread.disks:
        shutil.rmtree(folder)
    assert spread.run("verify", "--checksums").code == 0
    assert spread.run("find", "3", "0").out == "run_0000.h5 event_0\n"
