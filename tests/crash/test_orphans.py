# SPDX-License-Identifier: MIT
"""A command is killed, a worker of it is still there, held up by the disk perhaps: it ends as soon as it can, and what
it still does breaks nothing of the command that was started meanwhile."""
import itertools
import os
import signal
import subprocess

import pytest

from crash import CONTROL, PROGRAM, SELF, SHIM, in_memory, stopped, table
from power_cut import read_trace


@pytest.fixture
def job():
    with in_memory(jobs=1) as made:
        yield made


class Orphan:
    """A worker whose parent is no more, and that has not seen it yet; it stops right before its call `hit_at`."""

    def __init__(self, job, hit_at, *words):
        control = job.root / "orphan"
        control.write_bytes(CONTROL.pack(0, hit_at, SELF, signal.SIGSTOP, 0, 0, 0))
        env = dict(os.environ, LD_PRELOAD=str(SHIM), CRASH_CONTROL=str(control))
        command = ["sh", "-c", 'exec "$@" 3>/dev/null', "sh", PROGRAM, "worker", "60", *map(str, words)]
        self.process = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        start_new_session=True)
        self.is_stopped = stopped(self.process.pid) is not None

    def go_on(self):
        """To its end."""
        self.process.send_signal(signal.SIGCONT)
        self.process.wait(timeout=20)
        self.process.stdin.close()


def folders(path):
    """As one word (run_folders.h)."""
    return f"{len(os.fsencode(path))}:{path},"


def first_call(job, call, name, *words):
    """The number of the first such call on a file of such a name."""
    outcome = job.go(*words, trace=True)
    made = read_trace(job.trace, every=True)
    assert outcome.code == 0 and outcome.calls == len(made)
    return next(i for i, record in enumerate(made, start=1)
                if record.call == call and os.path.basename(record.path).startswith(name))


def test_a_writer_of_another_plan(job):
    """Whatever it may still do when the set is begun again, with another cut."""
    assert job.go("prepare").code == 0
    began = job.save("began")
    job.configure(harmonic_count=2)
    job.start_over()
    assert job.go().code == 0
    wanted = job.bytes()
    for at in itertools.count(1):
        job.start_over(began)
        orphan = Orphan(job, at, "write", job.harmonic, 0, folders(job.merged), "stop")
        if not orphan.is_stopped:
            break
        assert job.go("prepare", "--force").code == 0, at
        orphan.go_on()
        for step in (["write", "--shard", "1/1"], ["finish"]):
            done = job.go(*step)
            assert done.code == 0, f"stopped before its call {at}: {' '.join(step)}: {done}"
        assert job.bytes() == wanted and job.everything() == sorted(wanted), at
    table("writers of a killed command, stopped before each of their calls, went on", [("calls", at - 1)])
    assert at > 20


def test_a_writer_when_the_set_is_complete(job):
    assert job.go("prepare").code == 0
    began = job.save("began")
    job.configure(harmonic_count=2)
    for at in (1, 2, 10, 20):
        job.start_over(began)
        orphan = Orphan(job, at, "write", job.harmonic, 0, folders(job.merged), "stop")
        assert orphan.is_stopped and job.go("--force").code == 0
        wanted = job.bytes()
        orphan.go_on()
        assert job.bytes() == wanted and job.run("verify", "--checksums").code == 0, at


def test_a_scan(job):
    """Old and new scan of a merged run end at the same time."""
    state = job.harmonic / ".harmonizer"
    state.mkdir()
    at = first_call(job, "rename", "index_")
    wanted = job.bytes()
    job.start_over()
    state.mkdir()
    run = max(job.merged.glob("run_*.h5"), key=os.path.getsize)
    number = int(run.stem[4:])
    orphan = Orphan(job, 6, "scan", number, run, job.harmonic, "", f"index_{number:04d}")
    assert orphan.is_stopped
    process = job.start(hit_at=at, target=SELF, number=signal.SIGSTOP)
    new = stopped(process.pid)
    orphan.go_on()
    os.kill(new, signal.SIGCONT)
    done = job.end(process)
    assert done.code == 0 and job.bytes() == wanted, done


@pytest.mark.parametrize("name", ["index_", "run_", "written_"])
def test_a_worker_that_is_stopped_goes_too(job, name):
    at = first_call(job, "rename", name)
    wanted = job.bytes()
    job.start_over()
    process = job.start(hit_at=at, target=SELF, number=signal.SIGSTOP)
    assert stopped(process.pid) != process.pid
    process.kill()
    done = job.end(process)  # it asserts that all are gone within 2 s
    assert done.code == -signal.SIGKILL and done.hit == "worker"
    assert job.go().code == 0 and job.bytes() == wanted
