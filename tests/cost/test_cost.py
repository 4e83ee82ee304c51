# SPDX-License-Identifier: MIT
"""What a job may cost, where that can be told on any machine: bytes read from the disk, memory, growth with the number
of events. Wall time is measured in bench/."""
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "system"))
from conftest import BUILD, PROGRAM, Setting  # noqa: E402

MIB = 1 << 20
SMALL = ["--traces", "1:3", "--samples", 16]
MEMORY_FILE_SYSTEMS = {"tmpfs", "ramfs"}


@pytest.fixture(name="on_disk")
def fixture_on_disk():
    """A setting beside the build, which lies on a disk where temporary files may lie in memory."""
    folder = Path(tempfile.mkdtemp(prefix="cost-", dir=BUILD))
    yield Setting(folder)
    shutil.rmtree(folder)


def used_by(setting, *words):
    """Runs a job to its end: what its processes took together (ru_maxrss: the largest of any of them), and the resident
    size of the command itself in bytes, as last seen."""
    child = subprocess.Popen([PROGRAM, "-q", "-c", setting.config, *words])
    own = 0
    while True:
        pid, status, used = os.wait4(child.pid, os.WNOHANG)
        if pid:
            break
        own = max(own, resident(child.pid))
        time.sleep(0.002)
    assert os.waitstatus_to_exitcode(status) == 0
    return used, own


def resident(pid):
    """The most it ever was, in bytes; 0 for a process that has just ended."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return 0


def forget(path):
    """Lets the page cache drop the file."""
    fd = os.open(path, os.O_RDONLY)
    os.fsync(fd)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(fd)


def file_system(path):
    return subprocess.run(["stat", "-f", "-c", "%T", path], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("layout", ["1.0", "2.0"])
def test_each_byte_is_read_once_from_the_disk(on_disk, layout):
    assert file_system(on_disk.root) not in MEMORY_FILE_SYSTEMS, "the build must lie on a disk for this test"
    paths = [on_disk.make(run, layout, "--events", 150, "--traces", "300:700", "--seed", run) for run in (1, 2)]
    length = sum(path.stat().st_size for path in paths)
    on_disk.configure(harmonic_count=3)
    for path in paths:
        forget(path)
    read = used_by(on_disk)[0].ru_inblock * 512
    assert 0.9 * length < read <= 1.1 * length, (read, length)


def test_link_mode_reads_little(on_disk):
    paths = [on_disk.make(run, "1.0", "--events", 150, "--traces", "300:700", "--seed", run) for run in (1, 2)]
    length = sum(path.stat().st_size for path in paths)
    on_disk.configure(harmonic_count=3, mode="link")
    for path in paths:
        forget(path)
    assert used_by(on_disk)[0].ru_inblock * 512 <= 0.15 * length


@pytest.mark.parametrize("mode", ["copy", "link"])
def test_memory(tmp_path, mode):
    """No process of a job takes 128 MiB, with 60,000 events in one harmonic run; the command itself takes half."""
    setting = Setting(tmp_path)
    for run in range(1, 5):
        setting.make(run, "2.0", "--events", 15000, "--seed", run, *SMALL)
    setting.configure(harmonic_count=1, mode=mode)
    used, own = used_by(setting)
    assert 0 < own <= 64 * MIB + 150 * 60000
    assert own <= used.ru_maxrss * 1024 <= 128 * MIB


def all_in(folder, merged_runs, harmonic_runs):
    """A job over 200,000 events, more names than the cache of libhdf5 holds by itself."""
    folder.mkdir()
    setting = Setting(folder)
    for run in range(1, merged_runs + 1):
        setting.make(run, "1.0", "--events", 200_000 // merged_runs, "--seed", run, *SMALL)
    return setting.configure(harmonic_count=harmonic_runs)


def used_again(setting):
    """Processor time in seconds; the most memory of any process in bytes."""
    shutil.rmtree(setting.harmonic)
    setting.harmonic.mkdir()
    used, _ = used_by(setting, "-j", "1")
    return used.ru_utime + used.ru_stime, used.ru_maxrss * 1024


def test_time_grows_in_proportion(tmp_path):
    """An event costs the same in runs ten times as large. Both jobs do as much for as long with one worker, so that the
    machine treats them alike; and the better of two pairs, as others are at work on it."""
    small, large = all_in(tmp_path / "small", 40, 10), all_in(tmp_path / "large", 4, 1)
    pairs = []
    while not pairs or (len(pairs) < 2 and pairs[-1][1][0] > 1.05 * pairs[-1][0][0]):
        pairs.append((used_again(small), used_again(large)))
    assert min(large_time / small_time for (small_time, _), (large_time, _) in pairs) <= 1.05, pairs
    assert max(memory for pair in pairs for _, memory in pair) <= 96 * MIB, pairs
