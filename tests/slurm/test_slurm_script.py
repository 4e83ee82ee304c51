# SPDX-License-Identifier: MIT
"""What `slurm` does without a queue: the script it shows, what it refuses."""
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from system_conftest import PROGRAM, Result, Setting


def test_the_script_is_shown_and_is_one(tmp_path):
    root = tmp_path / "it's"
    root.mkdir()
    setting = Setting(root)
    setting.make(1, "1.0")
    done = setting.run("slurm", "--print", "--shards", "7", "--skip-bad", "--force", "--", "--comment=a b's")
    assert done.code == 0 and done.err == "" and setting.files() == []
    for words in ("--array=1-7", '"$SLURM_ARRAY_TASK_ID/7" --skip-bad', "prepare --force --skip-bad",
                  "--dependency=afterok:", "--kill-on-invalid-dep=yes", "'--comment=a b'\"'\"'s'"):
        assert words in done.out, words
    assert done.out.count("--force") == 1
    subprocess.run(["sh", "-n"], input=done.out, text=True, check=True)


def test_without_slurm(setting, tmp_path):
    setting.make(1, "1.0")
    done = Result(subprocess.run([PROGRAM, "-c", setting.config, "slurm"], capture_output=True, text=True, check=False,
                                 env={**os.environ, "PATH": str(tmp_path)}))
    assert done.code == 1 and "no sbatch in PATH" in done.err and "nothing was submitted" in done.err


SLOW_SBATCH = """#!/bin/sh
cat >/dev/null
echo "$*" >>"$CALLS"
[ "$(wc -l <"$CALLS")" -lt 2 ] || sleep 2
echo 101
"""


def test_a_signal_takes_back_what_was_submitted(setting, tmp_path):
    setting.make(1, "1.0")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name, text in (("sbatch", SLOW_SBATCH), ("scancel", '#!/bin/sh\necho "$*" >>"$CANCELLED"\n')):
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    calls, cancelled = tmp_path / "calls", tmp_path / "cancelled"
    with subprocess.Popen([PROGRAM, "-c", setting.config, "slurm"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "CALLS": str(calls),
                                          "CANCELLED": str(cancelled)}) as job:
        while not calls.exists() or len(calls.read_text().splitlines()) < 2:  # the second is on its way
            assert job.poll() is None
            time.sleep(0.01)
        job.send_signal(signal.SIGTERM)
        _, err = job.communicate(timeout=30)
    assert job.returncode == 143 and "nothing stays in the queue" in err and "ended by signal 15" in err, err
    assert "101" in cancelled.read_text().split() and len(calls.read_text().splitlines()) == 2


FAKE_SBATCH = """#!/bin/sh
cat >/dev/null
echo "$*" >>"$CALLS"
number=$((100 + $(wc -l <"$CALLS")))
[ $number -lt "${LAST:-999}" ] || { echo "no more today"; exit 1; }
printf "$PRINTED" $number
"""


@pytest.fixture
def queue(tmp_path):
    """A stand-in for sbatch and scancel; calls `slurm` and gives what came of it, what sbatch and what scancel got."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name, text in (("sbatch", FAKE_SBATCH),
                       ("scancel", '#!/bin/sh\nprintf "%s\\n" "$@" >>"$CANCELLED"; echo "$SLURM_CLUSTERS" >>"$CLUSTER"\n')):
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    calls, cancelled, cluster = tmp_path / "calls", tmp_path / "cancelled", tmp_path / "cluster"

    def call(setting, *words, printed="%s\\n", last=999, config=None, **options):
        for path in (calls, cancelled, cluster):
            path.unlink(missing_ok=True)
        done = Result(subprocess.run([PROGRAM, "-c", config or setting.config, "slurm", *words], capture_output=True, text=True,
                                     check=False, cwd=setting.root, timeout=60,
                                     env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "CALLS": str(calls),
                                          "CANCELLED": str(cancelled), "CLUSTER": str(cluster), "PRINTED": printed,
                                          "LAST": str(last)}, **options))
        done.calls = calls.read_text().splitlines() if calls.exists() else []
        done.cancelled = cancelled.read_text().split() if cancelled.exists() else []
        done.cluster = cluster.read_text().split() if cluster.exists() else []
        return done
    return call


PRINTED = ["%s\\n", "%s", "%s;main\\n", "*** 3 nodes free ***\\n\\nWelcome to 2026\\n%s\\n", "%s\\nHave a nice day; 12 users\\n",
           "sbatch: warning: can't honor --ntasks 4\\n%s;main\\n", "Submitted batch job %s\\n", "%s\\r\\n", "1 2 3\\n  %s\\n",
           "rm -rf /\\n--me\\n-u root\\n%s\\n", "Submitted batch job %s on cluster main\\n"]


@pytest.mark.parametrize("printed", PRINTED)
def test_what_sbatch_prints_besides_the_number_is_no_job_id(setting, queue, printed):
    setting.make(1, "1.0")
    done = queue(setting, printed=printed)
    assert done.code == 0, done
    assert "prepare  job 101\n" in done.out and "-j 101,102,103\n" in done.out
    assert "afterok:101 " in done.calls[1] and "afterok:102 " in done.calls[2]
    assert ("squeue -M main -j" in done.out) == (";main" in printed)
    done = queue(setting, printed=printed, last=103)  # the third is refused
    assert done.code == 1 and "sbatch did not take the step finish; nothing stays in the queue" in done.err, done
    assert done.cancelled == ["101", "102"] and done.cluster == (["main"] if ";main" in printed else [])


@pytest.mark.parametrize("printed", ["", "Welcome\\n", "job-%s\\n", "%s.server\\n", "%s; rm -rf /\\n", "x -%s\\n"])
def test_no_number_is_no_job(setting, queue, printed):
    setting.make(1, "1.0")
    done = queue(setting, printed=printed)
    assert done.code == 1 and "sbatch took the step prepare but printed no job id; a job harmonizer-prepare is in the " in done.err
    assert "nothing" not in done.err and done.err.count("harmonizer: ") == 2
    assert len(done.calls) == 1 and done.cancelled == []


def test_what_scancel_leaves_is_named(setting, queue, tmp_path):
    setting.make(1, "1.0")
    (tmp_path / "tools" / "scancel").write_text("#!/bin/sh\nexit 1\n")
    done = queue(setting, last=103)
    assert done.code == 1 and "these jobs may still be in the queue: 101 102" in done.err and "nothing" not in done.err, done


def test_jobs_go_to_the_steps(setting):
    setting.make(1, "1.0")
    assert setting.run("slurm", "--print", "--jobs", "3").out.count("\njobs=3\n") == 3
    text = setting.run("slurm", "--print").out
    assert "jobs=${SLURM_CPUS_ON_NODE:-1}" in text and "jobs=${SLURM_CPUS_PER_TASK:-1}" in text


@pytest.mark.parametrize("words, count, shards", [([], 4, 4), (["--shards", "40"], 7, 7), (["--shards", "3"], 7, 3),
                                                  ([], 100, 16), (["--shards", "1"], 1, 1)])
def test_never_more_shards_than_harmonic_runs(setting, queue, words, count, shards):
    setting.make(1, "1.0")
    done = queue(setting.configure(harmonic_count=count), *words)
    assert done.code == 0 and f"--array=1-{shards} " in done.calls[1] and f", {shards} shards" in done.out, done


def refused(queue, setting, *words, code=2, **options):
    done = queue(setting, *words, **options)
    assert done.code == code and done.calls == [] and done.out == "", done
    printed = queue(setting, *words, "--print", **options)
    assert printed.code == code and printed.out == ""
    return done.err


def test_what_prepare_would_refuse_is_refused_before_anything_is_submitted(setting, queue):
    assert "no run_NNNN.h5 at all" in refused(queue, setting)
    setting.make(1, "1.0", "--events", 40)
    setting.configure(min_run=5, max_run=9)
    assert "no merged run from 5 to 9" in refused(queue, setting)
    setting.configure(harmonic_count=2)
    foreign = setting.harmonic / "run_0007.h5"
    foreign.write_text("somebody else's")
    for words in ([], ["--force"]):
        assert "files that this program did not write there: run_0007.h5" in refused(queue, setting, *words)
    foreign.unlink()
    setting.harmonize()
    assert queue(setting).code == 0  # the same set: the steps will say that it is complete
    setting.configure(harmonic_count=3)
    assert f"{setting.harmonic} holds a complete harmonic set" in refused(queue, setting)
    assert queue(setting, "--force").code == 0
    setting.make(2, "1.0", "--events", 5)
    (setting.merged / "run_0001.h5").rename(setting.root / "kept.h5")
    assert "merged run 1 is gone" in refused(queue, setting, "--force")
    assert queue(setting, "--force", "--discard-events").code == 0
    before = setting.hashes()
    assert setting.hashes() == before and setting.files().count("manifest.json") == 1


def test_an_unfinished_set_is_gone_on_with_if_it_is_the_same(setting, queue):
    path = setting.make(1, "1.0", "--events", 40)
    setting.configure(harmonic_count=2).harmonize("prepare")
    assert queue(setting.configure(harmonic_count=3)).code == 0  # nothing was written: another plan may take its place
    setting.configure(harmonic_count=2).harmonize("write", "--shard", "1/2")
    assert queue(setting).code == 0
    assert f"{setting.harmonic} holds an unfinished harmonic set of another plan" in refused(queue, setting.configure(harmonic_count=3))
    setting.configure(harmonic_count=2)
    setting.make(2, "1.0")
    assert "merged run 2 is new: " in refused(queue, setting)
    (setting.merged / "run_0002.h5").unlink()
    os.utime(path, (1, 1))
    assert "merged run 1: its " in refused(queue, setting, code=1)
    assert queue(setting, "--force").code == 0
    assert ".harmonizer" in setting.files() and "run_0000.h5" in setting.files()


@pytest.mark.parametrize("path", ["/dev/stdin", "pipe"])
def test_a_configuration_that_cannot_be_read_again(setting, queue, path):
    """The steps begin later, when the pipe is gone."""
    setting.make(1, "1.0")
    text = setting.config.read_text()
    if path == "pipe":
        os.mkfifo(setting.root / path)
        keeper = subprocess.Popen(["sh", "-c", 'for i in 1 2; do cat "$0" >pipe; sleep 0.2; done', setting.config], cwd=setting.root)
    try:
        err = refused(queue, setting, config=path, **({"input": text} if path != "pipe" else {}))
    finally:
        if path == "pipe":
            keeper.kill()
            keeper.wait()
    assert f"slurm: {path} is no file that the steps could read again" in err and err.count("\n") == 1


def test_paths_with_control_characters_are_refused(tmp_path, queue):
    root = tmp_path / "line\x1b[31m"
    root.mkdir()
    setting = Setting(root)
    setting.make(1, "1.0")
    assert "control character: " in refused(queue, setting)


def test_usage(setting):
    setting.make(1, "1.0")
    for words in (["slurm", "--shards", "0"], ["slurm", "script"], ["slurm", "script", "--", "-p", "x"],
                  ["plan", "--print"]):
        assert setting.run(*words).code == 2, words


def test_the_script_for_pbs_hands_over_the_three_steps(tmp_path):
    """Against a stand-in for qsub that runs each job, and each task of an array, at once."""
    root = tmp_path / "it's a folder"
    root.mkdir()
    setting = Setting(root)
    setting.make(1, "1.0", "--events", 40)
    setting.configure(harmonic_count=4, merger_path="merged", harmonic_path="harmonic")
    stand_in = tmp_path / "qsub"
    stand_in.write_text("""#!/bin/sh
script=$(mktemp) && cat >"$script"
echo "$*" >>"$CALLS"
tasks=1
for word; do
    case $word in 1-*) tasks=${word#1-} ;; esac
done
for i in $(seq "$tasks"); do
    PBS_ARRAY_INDEX=$i sh "$script" >/dev/null || exit
done
echo "Welcome to 2026, 3 users"
echo "$tasks.server"
echo "have a nice day"
""")
    stand_in.chmod(0o755)
    calls = tmp_path / "calls"
    script = Path(__file__).parents[2] / "docs" / "harmonizer.pbs"
    done = Result(subprocess.run([script, setting.config.name, "3", "--", "-q", "main"], cwd=root, capture_output=True,
                                 text=True, check=False,
                                 env={**os.environ, "HARMONIZER": str(PROGRAM), "CALLS": str(calls),
                                      "PATH": f"{tmp_path}:{os.environ['PATH']}"}))
    assert done.code == 0, done
    told = calls.read_text().splitlines()
    assert len(told) == 3 and all(line.endswith("-q main") for line in told)
    assert "-J 1-3 -W depend=afterok:1.server" in told[1] and "depend=afterok:3.server" in told[2]
    assert len(setting.manifest()["outputs"]) == 4 + 3
    done = Result(subprocess.run([script, "/dev/null"], cwd=root, capture_output=True, text=True, check=False,
                                 env={**os.environ, "HARMONIZER": str(PROGRAM), "PATH": f"{tmp_path}:{os.environ['PATH']}"}))
    assert done.code == 2 and "/dev/null is no file" in done.err
