"""The sandbox that a submission runs in: bubblewrap, and limits of the kernel.

No network, no other process in sight, and of the disk only Python, the system's libraries and
``inside/``; the chapter's package in ``code/`` only where the assignment is about it.
"""

import importlib.util
import os
import sys
from pathlib import Path
from subprocess import run
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
CODE = HERE.parent / "code"
INSIDE = HERE / "inside"
PACKAGE = "rmsprop"  # what is in code/
READABLE = ["/usr", "/bin", "/lib", "/lib64", "/etc/alternatives", "/etc/fonts"]
READABLE += ["/etc/ld.so.cache", sys.base_prefix, sys.prefix, INSIDE]
MB = 2**20
PATIENCE = 3  # how much longer than its processor time anything may take by the clock


class Limits(NamedTuple):
    """What a submission may use: seconds of processor time and MB of memory.

    Processor time and not the clock, so that a mark does not depend on what else the machine
    has to do. By the clock everything may take a few times longer.
    """

    seconds: int = 240  # in all
    cell: int = 20  # for a cell, or for a call of a function
    memory: int = 2000


def environment(package):
    """Return the environment variables of a kernel, with or without the chapter's package."""
    paths = [str(INSIDE), *([str(CODE)] if package else [])]
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",  # so that sets have the same order each time
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def command(limits, how, package=False):
    """Return the command that starts a relay: in a "sandbox", as another "user", or "bare"."""
    relay = [sys.executable, str(INSIDE / "relay.py")]
    if how == "bare":
        return relay
    root = os.getuid() == 0
    if root:  # is root in a sandbox too, so become a user that nobody else is
        user = 60000 + os.getpid() % 5000
        relay = [*f"setpriv --nnp --reuid={user} --regid={user} --clear-groups".split(), *relay]
    most = {
        "core": 0,
        "nofile": 256,
        "fsize": 64 * MB,
        "cpu": 2 * limits.seconds,
        "data": limits.memory * MB,
    }
    if root or how == "sandbox":
        most["nproc"] = 64
    relay = ["prlimit", *(f"--{name}={value}" for name, value in most.items()), *relay]
    if how == "user":
        return relay
    return [*bubblewrap(root, package), *relay]


def bubblewrap(root, package):
    """Return the command that starts a program in the sandbox."""
    words = "bwrap --die-with-parent --new-session --unshare-pid --unshare-net --unshare-ipc"
    words += " --unshare-uts --unshare-cgroup-try" + ("" if root else " --unshare-user")
    words += f" --proc /proc --dev /dev --perms 1777 --size {256 * MB} --tmpfs /tmp --chdir /tmp"
    readable = [*READABLE, *([CODE] if package else [])]
    folders = sorted({folder for path in readable for folder in Path(path).parents})
    made = [word for path in folders for word in ("--perms", "0755", "--dir", path)]
    made += [word for path in readable for word in ("--ro-bind-try", path, path)]
    if not package:
        made += [word for path in installed_packages() for word in ("--tmpfs", path)]
    return [*words.split(), *made, "--remount-ro", "/dev", "--remount-ro", "/"]


def installed_packages():
    """Return the folders of the chapter's package among what a submission can read."""
    found = importlib.util.find_spec(PACKAGE)
    folders = found.submodule_search_locations if found else []
    seen = [Path(path).resolve() for path in READABLE]
    paths = [Path(folder).resolve() for folder in folders]
    return [path for path in paths if any(path.is_relative_to(folder) for folder in seen)]


def why_not(*private):
    """Return why submissions cannot be kept from these paths here, or None if they can."""
    for path in map(Path.resolve, private):
        for folder in [*READABLE, CODE]:
            if path.is_relative_to(folder):
                return f"submissions can read {folder}, and {path} lies in it"
    request = b'{"code": "1", "show": "None", "limit": 60, "clock": 60}\n'
    try:
        trial = {"input": request, "capture_output": True, "env": environment(package=False)}
        done = run(command(Limits(), "sandbox"), **trial)
    except FileNotFoundError:
        return "bubblewrap is not installed (its command is bwrap)"
    said = done.stderr.decode(errors="replace").strip()[-500:]
    return None if b"ok" in done.stdout else f"bubblewrap does not work: {said}"
