# SPDX-License-Identifier: MIT
"""A Slurm cluster of one node, on loopback: munged, slurmctld, slurmd, all files in a temporary folder."""
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest



def load_system():
    """The settings of the system tests; their file has the name of this one."""
    path = Path(__file__).parent.parent / "system" / "conftest.py"
    spec = importlib.util.spec_from_file_location("system_conftest", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["system_conftest"] = module
    spec.loader.exec_module(module)
    return module


system = load_system()
NEEDED = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol")
PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"

CONFIGURATION = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ctld_port}
SlurmdPort={slurmd_port}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
CryptoType=crypto/munge
SlurmUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SchedulerParameters=sched_min_interval=0,bf_interval=1,batch_sched_delay=0
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=2
MinJobAge=300
NodeName={host} NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Cluster:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.daemons = []
        self.env = {**os.environ, "PATH": PATH, "SLURM_CONF": str(self.folder / "slurm.conf")}
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        (self.folder / "slurm.conf").write_text(CONFIGURATION.format(
            folder=self.folder, host=socket.gethostname().split(".")[0], ctld_port=free_port(),
            slurmd_port=free_port()))
        # No cgroup is used above; left to look for their version, slurmd needs them mounted.
        (self.folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\n")
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)

    def start(self):
        files = [f"--{name}={self.folder}/munge.{ending}" for name, ending in
                 (("key-file", "key"), ("socket", "socket"), ("pid-file", "pid"), ("log-file", "log"),
                  ("seed-file", "seed"))]
        self.spawn("munged", "--foreground", "--force", *files)
        self.wait_for("munged", lambda: (self.folder / "munge.socket").exists())
        self.spawn("slurmctld", "-D", "-i")
        self.spawn("slurmd", "-D")
        self.wait_for("the node", lambda: "idle" in self.ask("sinfo", "-h", "-o", "%t"))

    def spawn(self, *command):
        with open(self.folder / f"{command[0]}.out", "w") as out:
            self.daemons.append(subprocess.Popen(command, env=self.env, stdout=out, stderr=out))

    def stop(self):
        for daemon in reversed(self.daemons):
            daemon.terminate()
            try:
                daemon.wait(timeout=15)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()

    def ask(self, *command):
        return subprocess.run(command, env=self.env, capture_output=True, text=True, check=False, timeout=30).stdout

    def wait_for(self, what, is_so, seconds=60):
        deadline = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > deadline:
                logs = "\n".join(f"{path.name}: {path.read_text()[-1500:]}" for path in self.folder.glob("*.log"))
                pytest.fail(f"no sign of {what} after {seconds} s\n{self.ask('squeue')}\n{logs}")
            time.sleep(0.1)

    def wait_until_empty(self):
        self.wait_for("an empty queue", lambda: self.ask("squeue", "-h").strip() == "", 120)

    def state(self, job):
        """Of all tasks of a job, as scontrol says it."""
        shown = self.ask("scontrol", "show", "job", str(job))
        return sorted(word.removeprefix("JobState=") for word in shown.split() if word.startswith("JobState="))


def lacks():
    if os.geteuid() != 0:
        return "not root"
    missing = [name for name in NEEDED if not shutil.which(name, path=PATH)]
    return f"not installed: {', '.join(missing)}" if missing else ""


@pytest.fixture(scope="session")
def cluster():
    reason = lacks()
    if reason:
        pytest.fail(f"needs Slurm and root: {reason}")
    with tempfile.TemporaryDirectory(prefix="slurm-") as folder:
        started = Cluster(folder)
        try:
            started.start()
            yield started
        finally:
            started.stop()


@pytest.fixture
def setting(tmp_path):
    return system.Setting(tmp_path)
