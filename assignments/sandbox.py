"""A submission's kernel as the grader sees it: a process that is not to be trusted.

It runs under bubblewrap: no network, no other process in sight, and of the disk only Python,
the system's libraries and ``code/``. What comes out of one pipe is read, up to a limit, as data.
"""

import json
import os
import sys
import threading
import time
from collections import namedtuple
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, run

import psutil

from assignments.plain import pack, unpack

HERE = Path(__file__).resolve().parent
CODE = HERE.parent / "code"
READABLE = ["/usr", "/bin", "/lib", "/lib64", "/etc/alternatives", "/etc/fonts"]
READABLE += ["/etc/ld.so.cache", sys.base_prefix, sys.prefix, CODE, HERE / "relay.py"]
PLAIN = f"_plain = {{}}; exec({(HERE / 'plain.py').read_text('utf8')!r}, _plain)"
ENVIRONMENT = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "LANG": "C.UTF-8"}
ENVIRONMENT |= {"PYTHONPATH": str(CODE), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
MB = 2**20
# What a call may raise in the grader as it was raised in the kernel; the rest is RuntimeError.
ERRORS = (NameError, NotImplementedError, TimeoutError, TypeError, ValueError)
ERRORS = {error.__name__: error for error in ERRORS}
# What a submission may use: seconds in all, seconds for a cell or a call, MB of memory.
Limits = namedtuple("Limits", "seconds cell memory", defaults=(240, 20, 2000))


class Lost(Exception):
    """The kernel is gone; the message says why."""


def command(limits, how):
    """Return the command that starts a relay: in a "sandbox", as another "user", or "bare"."""
    relay = [sys.executable, HERE / "relay.py"]
    if how == "bare":
        return relay
    root = os.getuid() == 0
    if root:  # is root in a sandbox too, so become a user that nobody else is
        user = 60000 + os.getpid() % 5000
        relay = [*f"setpriv --nnp --reuid={user} --regid={user} --clear-groups".split(), *relay]
    most = f"--core=0 --nofile=256 --fsize={64 * MB} --cpu={limits.seconds}"
    most += f" --data={limits.memory * MB}" + (" --nproc=64" if root or how == "sandbox" else "")
    relay = ["prlimit", *most.split(), *relay]
    if how == "user":
        return relay
    words = "bwrap --die-with-parent --new-session --unshare-pid --unshare-net --unshare-ipc"
    words += " --unshare-uts --unshare-cgroup-try" + ("" if root else " --unshare-user")
    words += f" --proc /proc --dev /dev --perms 1777 --size {256 * MB} --tmpfs /tmp --chdir /tmp"
    folders = sorted({folder for path in READABLE for folder in Path(path).parents})
    made = [word for path in folders for word in ("--perms", "0755", "--dir", path)]
    made += [word for path in READABLE for word in ("--ro-bind-try", path, path)]
    return [*words.split(), *made, "--remount-ro", "/dev", "--remount-ro", "/", *relay]


def why_not(*private):
    """Return why submissions cannot be kept from these paths here, or None if they can."""
    seen = [(p, f) for p in map(Path.resolve, private) for f in READABLE if p.is_relative_to(f)]
    if seen:
        return "submissions can read {1}, and {0} lies in it".format(*seen[0])
    try:
        trial = {"input": b'["1", "1", 60]', "capture_output": True, "env": ENVIRONMENT}
        done = run(command(Limits(), "sandbox"), **trial)
    except FileNotFoundError:
        return "bubblewrap is not installed (its command is bwrap)"
    said = done.stderr.decode(errors="replace").strip()[-500:]
    return None if b"ok" in done.stdout else f"bubblewrap does not work: {said}"


class Student:
    """A submission at work; if its kernel dies in a cell, a new one runs the other cells."""

    def __init__(self, limits, how):
        self.limits, self.how = limits, how
        self.end = time.monotonic() + limits.seconds
        self.cells, self.process, self.late = [PLAIN], None, False

    def run(self, code):
        """Run a cell; return what went wrong, or None."""
        try:
            reply = self.ask(code)
        except Lost as error:
            return str(error)
        self.cells.append(code)  # what a new kernel will have to run again
        return f"{reply['ename']}: {reply.get('evalue')}" if "ename" in reply else None

    def call(self, name, *arguments, **options):
        """Call a function of the submission; return plain data or raise what it raised."""
        text = json.dumps(pack([arguments, options]))
        reply = self.ask(f"_answer = _plain['Answer']({name}, {text!r})", "_answer")
        if "ename" in reply:
            raise ERRORS.get(str(reply["ename"]), RuntimeError)(reply["ename"])
        return unpack(json.loads(reply["user_expressions"]["answer"]["data"]["text/plain"]))

    def ask(self, code, show="None"):
        """Send a request to the relay and return its reply, a dict."""
        if self.process is None:
            self.start()
        end = min(time.monotonic() + self.limits.cell, self.end)
        self.deadline = min(end + 15, self.end)
        try:
            request = json.dumps([code, show, self.limits.cell]) + "\n"
            self.process.stdin.write(request.encode())
            self.process.stdin.flush()
            return dict(json.loads(self.process.stdout.readline(4 * MB)))
        except (OSError, ValueError, TypeError, RecursionError):
            self.stop()
            raise Lost(self.reason) from None
        finally:
            self.late |= time.monotonic() >= end

    def start(self):
        """Start a kernel and bring it to where the last one was."""
        if time.monotonic() > self.end:
            raise Lost("the time for the whole submission was up")
        self.reason, self.deadline = "the kernel died or could not be interrupted", self.end
        pipes = {"stdin": PIPE, "stdout": PIPE, "stderr": DEVNULL, "env": ENVIRONMENT}
        self.process = Popen(command(self.limits, self.how), **pipes)
        threading.Thread(target=self.watch, args=[self.process], daemon=True).start()
        for code in self.cells:
            self.ask(code)

    def watch(self, process):
        """End the kernel when it takes too long or too much memory."""
        while process.poll() is None:
            used = 0
            with suppress(psutil.Error):  # a process that has just ended
                for each in psutil.Process(process.pid).children(recursive=True):
                    used += each.memory_info().rss
            if used > self.limits.memory * MB:
                self.reason = f"it took more than {self.limits.memory} MB of memory"
                process.kill()
            elif time.monotonic() > self.deadline:
                self.reason = "it took too long"
                process.kill()
            time.sleep(0.1)

    def stop(self):
        """End the relay, and with it all that came from it."""
        if self.process:
            with suppress(OSError), self.process as process:
                process.kill()
            self.process = None
