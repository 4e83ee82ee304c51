# SPDX-License-Identifier: MIT
"""A disk that is too small, or fills up: exit 4, both numbers where they are known, nothing lost."""
import json
import os
import re
import shutil
import subprocess

import pytest

DISK_BYTES = 2000 * 4096
BIG = ("--events", 100, "--traces", "100:200")  # 18 MB
SMALL = ("--events", 8, "--traces", "100:100")  # 0.9 MB


@pytest.fixture
def disk(setting, tmp_path):
    """harmonic_path is a small file system of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", folder], check=False)
    if mounted.returncode:
        pytest.fail("this test mounts a small file system and needs root")
    setting.harmonic = folder
    setting.configure(harmonic_path=str(folder), harmonic_count=2)
    yield folder
    subprocess.run(["umount", folder], check=True)


def fill(disk, left):
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(shutil.disk_usage(disk).free - left))
    return ballast


def bytes_of(text):
    number, unit = re.fullmatch(r"([\d.]+) (bytes|kB|MB|GB)", text).groups()
    return float(number) * {"bytes": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}[unit]


def numbers_of(done):
    return [bytes_of(text) for text in re.search(r"needs (.*?), (.*?) free on ", done.err).groups()]


@pytest.mark.parametrize("words", [(), ("prepare",), ("plan",)], ids=lambda words: " ".join(words) or "harmonize")
def test_seen_before_the_first_byte(setting, disk, words):
    setting.make(1, "1.0", *BIG)
    done = setting.run(*words)
    assert done.code == 4, done
    need, free = numbers_of(done)
    assert 15e6 < need < 25e6 and abs(free - DISK_BYTES) < 0.1e6
    assert f"free on {disk}: choose another harmonic_path, or mode: link" in done.err
    assert not list(disk.glob("*.h5"))
    assert ("run_0000.h5" in done.out) == (words == ("plan",))


def test_the_plan_as_json(setting, disk):
    setting.make(1, "1.0", *BIG)
    done = setting.run("plan", "--json")
    assert done.code == 4, done
    plan = json.loads(done.out)
    assert plan["need_bytes"] > 15_000_000 and DISK_BYTES >= plan["free_bytes"] > 8_000_000
    assert not list(disk.iterdir())


def test_a_shard_meets_a_disk_that_filled_up(setting, disk):
    setting.make(1, "1.0", *SMALL)
    setting.harmonize("prepare")
    ballast = fill(disk, 100_000)
    done = setting.run("write", "--shard", "1/2")
    assert done.code == 4 and "harmonic run 0" in done.err and "No space left on device" in done.err, done
    assert not list(disk.glob("*.h5")) and not list(disk.glob(".harmonizer/*.part"))
    ballast.unlink()
    for words in (("write", "--shard", "1/2"), ("write", "--shard", "2/2"), ("finish",)):
        setting.harmonize(*words)
    setting.assert_whole()


def test_the_tables_meet_a_disk_that_filled_up(setting, disk):
    setting.make(1, "1.0", *SMALL)
    setting.harmonize("prepare")
    setting.harmonize("write", "--shard", "1/1")
    ballast = fill(disk, 0)
    done = setting.run("finish")
    assert done.code == 4 and "No space left on device" in done.err, done
    assert "manifest.json" not in os.listdir(disk)
    ballast.unlink()
    setting.harmonize()
    setting.assert_whole()


def test_what_force_frees_is_counted(setting, disk):
    setting.make(1, "1.0", *SMALL)
    setting.harmonize()
    ballast = fill(disk, 2_000_000)
    setting.configure(harmonic_path=str(disk), harmonic_count=1).harmonize("--force")
    ballast.unlink()
    setting.assert_whole()


def test_a_set_is_not_removed_for_one_that_has_no_room(setting, disk):
    setting.make(1, "1.0", *SMALL)
    setting.harmonize()
    before = {path.name: path.read_bytes() for path in disk.iterdir()}
    setting.make(2, "1.0", *BIG)
    done = setting.run("--force")
    assert done.code == 4, done
    need, free = numbers_of(done)
    assert need > 15e6 and abs(free - DISK_BYTES) < 0.1e6
    assert setting.run("verify", "--checksums").code == 0
    assert {path.name: path.read_bytes() for path in disk.iterdir() if path.is_file()} == before


@pytest.fixture
def mount(tmp_path):
    """Small file systems with options of their own."""
    mounted = []

    def make(name, options):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=False).returncode:
            pytest.fail("this test mounts a small file system and needs root")
        mounted.append(folder)
        return folder

    yield make
    for folder in mounted:
        subprocess.run(["umount", folder], check=True)


def test_no_room_for_more_files(setting, mount):
    """Wherever it shows: each try has room for one file more."""
    setting.make(1, "1.0", *SMALL)
    setting.make(2, "1.0", *SMALL)
    told = set()
    for files in range(1, 40):
        folder = mount(f"disk{files}", f"size=20m,nr_inodes={files}")
        setting.harmonic = folder
        setting.configure(harmonic_path=str(folder), harmonic_count=3)
        done = setting.run()
        if done.code == 0:
            break
        assert done.code == 4 and "No space left on device" in done.err, done
        assert re.search(rf"; the file system of {folder} has [12]\d\.\d MB free but takes only \d+ more files \(inodes; df -i counts them\): remove files "
                         r"there, or choose another harmonic_path$", done.err.strip()), done
        assert "manifest.json" not in setting.files()
        told.add(re.sub(r"disk\d+|\d+", "", done.err))
    assert done.code == 0 and len(told) > 3
    setting.assert_whole()


def test_no_room_for_the_files_of_a_plan(setting, mount):
    setting.make(1, "1.0", *SMALL)
    scratch = mount("scratch", "size=20m,nr_inodes=2")
    done = setting.run("plan", env={**os.environ, "TMPDIR": str(scratch)})
    assert done.code == 4 and f"the file system of {scratch} has " in done.err and "another TMPDIR" in done.err, done


def test_a_disk_full_of_bytes_is_not_said_to_lack_files(setting, disk):
    setting.make(1, "1.0", *BIG)
    assert "inodes" not in setting.run("plan").err


@pytest.mark.parametrize("damage", [False, True])
def test_a_plan_for_a_folder_that_cannot_be_written(setting, mount, damage):
    """Ends as the job would, but shows what can be shown."""
    setting.make(1, "1.0", "--events", 20, *(["--damage", "columns:3"] if damage else []))
    folder = mount("read-only", "ro")
    setting.configure(harmonic_path=str(folder))
    done = setting.run()
    assert done.code == 2 and f"harmonic_path: {folder}: cannot be written to: Read-only file system" in done.err, done
    for words in (["plan"], ["plan", "--json"]):
        planned = setting.run(*words)
        assert planned.code == 2 and planned.err.splitlines()[-1] == done.err.splitlines()[-1], planned
        assert ("run_0000.h5" in planned.out) != damage and ("516 columns" in planned.err) == damage
    assert list(folder.iterdir()) == []
