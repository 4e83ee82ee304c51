# SPDX-License-Identifier: MIT
"""What `slurm` does without a queue: the script it shows, what it refuses."""
import os
import signal
import subprocess
import time
from pathlib import Path

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
echo "$tasks.server"
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
