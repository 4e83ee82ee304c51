# SPDX-License-Identifier: MIT
"""The three steps through a real queue."""
import re
import subprocess

import pytest

from system_conftest import PROGRAM, Result, Setting, damage_data


@pytest.fixture
def submit(cluster):
    """Calls `slurm` where the runs are; gives the ids of the three jobs."""
    def call(setting, *words, config=None):
        done = Result(subprocess.run([PROGRAM, "-c", config or setting.config.name, "slurm", *words], cwd=setting.root,
                                     env=cluster.env, capture_output=True, text=True, timeout=60, check=False))
        assert done.code == 0, done
        assert "squeue -j" in done.out
        return [int(number) for number in re.findall(r"^(?:prepare|write|finish) +job (\d+)", done.out, re.M)]
    return call


def wanted(setting):
    plain = Setting(setting.root, "plain").configure(harmonic_count=4)
    plain.harmonize()
    return plain.hashes()


def logs(setting):
    return "".join(f"{path.name}\n{path.read_text()}" for path in sorted(setting.root.glob("harmonizer-*.log")))


def assert_set(setting, hashes):
    assert (setting.harmonic / "manifest.json").exists(), logs(setting)
    assert setting.hashes() == hashes and ".harmonizer" not in setting.files()


def test_a_whole_set_through_the_queue(cluster, submit, tmp_path):
    """From a folder with a space and quotes in its name, with relative paths, and once more."""
    root = tmp_path / "it's a \"$HOME\" `folder`"
    root.mkdir()
    setting = Setting(root)
    setting.make(1, "1.0", "--events", 40)
    setting.make(2, "2.0", "--events", 30)
    hashes = wanted(setting)
    setting.configure(harmonic_count=4, merger_path="merged", harmonic_path="harmonic")
    prepare, write, finish = submit(setting, "--shards", "3", "--", "--comment", "two words", "--time=5")
    shown = cluster.ask("scontrol", "show", "job", str(finish))
    assert "Comment=two words" in shown and "TimeLimit=00:05:00" in shown
    cluster.wait_until_empty()
    assert_set(setting, hashes)
    assert cluster.state(prepare) == cluster.state(finish) == ["COMPLETED"]
    assert cluster.state(write) == ["COMPLETED"] * 3
    before = {path.name: path.stat().st_mtime_ns for path in setting.harmonic.iterdir()}
    submit(setting)
    cluster.wait_until_empty()
    assert before == {path.name: path.stat().st_mtime_ns for path in setting.harmonic.iterdir()}
    assert logs(setting).count("already complete") == 1 + 4 + 1  # never more shards than harmonic runs


def test_a_killed_task_is_requeued(cluster, submit, setting):
    setting.make(1, "1.0", "--events", 3000, "--traces", "200:300")
    hashes = wanted(setting)
    setting.configure(harmonic_count=4)
    _, write, _ = submit(setting, "--shards", "2")
    cluster.wait_for("a part file", lambda: list(setting.harmonic.glob(".harmonizer/run_0000.*.part")))
    killed = subprocess.run(["scontrol", "requeue", f"{write}_1"], env=cluster.env, capture_output=True, text=True,
                            check=False)
    assert killed.returncode == 0, killed.stderr
    assert not (setting.harmonic / "run_0001.h5").exists()
    cluster.wait_until_empty()
    assert "Restarts=1" in cluster.ask("scontrol", "show", "job", f"{write}_1")
    assert_set(setting, hashes)


def test_a_failing_task_keeps_finish_from_running_and_the_queue_goes_on(cluster, submit, setting):
    setting.make(1, "1.0", "--events", 20)
    damage_data(setting.make(2, "1.0", "--events", 20), 15)
    setting.configure(harmonic_count=4)
    prepare, write, finish = submit(setting, "--shards", "4")
    cluster.wait_until_empty()
    assert cluster.state(prepare) == ["COMPLETED"]
    assert cluster.state(write) == ["COMPLETED"] * 3 + ["FAILED"]
    assert cluster.state(finish) == ["CANCELLED"]
    assert "manifest.json" not in setting.files() and "run_0000.h5" in setting.files()
    assert "shard 4/4: 1 harmonic run could not be written" in logs(setting)
    kept = (setting.harmonic / "run_0000.h5").stat().st_mtime_ns
    _, _, finish = submit(setting, "--shards", "2", "--skip-bad")
    cluster.wait_until_empty()
    assert [(entry["run"], entry["event"]) for entry in setting.manifest()["skipped"]] == [(2, 15)]
    assert (setting.harmonic / "run_0000.h5").stat().st_mtime_ns == kept
    assert "ExitCode=3:0" in cluster.ask("scontrol", "show", "job", str(finish))


def test_force_goes_to_prepare(cluster, submit, setting):
    setting.make(1, "1.0", "--events", 40)
    setting.configure(harmonic_count=2).harmonize()
    setting.configure(harmonic_count=4)
    refused = Result(subprocess.run([PROGRAM, "-c", setting.config, "slurm"], env=cluster.env, cwd=setting.root,
                                    capture_output=True, text=True, timeout=60, check=False))
    assert refused.code == 2 and "replace it with --force" in refused.err and refused.out == "", refused
    assert cluster.ask("squeue", "-h").strip() == ""  # told before anything is submitted
    submit(setting, "--shards", "1", "--force")
    cluster.wait_until_empty()
    assert len(setting.manifest()["outputs"]) == 4 + 3


def test_what_sbatch_refuses_is_told_and_leaves_no_job(cluster, setting):
    setting.make(1, "1.0")
    for words, message in ((["--", "--partition=nowhere"], "invalid partition"),
                           (["--shards", "900000"], "Invalid job array specification")):
        done = Result(subprocess.run([PROGRAM, "-c", setting.config, "slurm", *words], env=cluster.env,
                                     cwd=setting.root,  # where the log goes of a job that had begun already
                                     capture_output=True, text=True, timeout=60, check=False))
        assert done.code == 1 and message in done.err and "nothing was submitted" in done.err, done
        cluster.wait_until_empty()
    assert setting.files() == [] or setting.files() == [".harmonizer"]
