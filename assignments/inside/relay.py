"""In the sandbox: a Jupyter kernel, and a line of JSON in and out for each request to it.

Nothing here is secret. A submission runs as the same user and could speak in the relay's place
once its first cell has run, so a reply counts for no more than what the submission claims.
"""

import base64
import json
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from queue import Empty
from subprocess import DEVNULL
from tempfile import TemporaryDirectory

import psutil
from jupyter_client import KernelManager
from reading import ByHand, NotGradable, names_used, read


class Kernel:
    """The kernel, with a limit on the processor time that each request takes."""

    def __init__(self):
        self.manager = KernelManager(transport="ipc")  # sockets are files: no network
        self.manager.start_kernel(stdout=DEVNULL, stderr=DEVNULL)
        self.process = psutil.Process(self.manager.provisioner.process.pid)
        signal.signal(signal.SIGCHLD, self.child_ended)
        self.client = self.manager.blocking_client()
        # What cells print goes to a channel that nobody listens to.
        self.client.start_channels(iopub=False, stdin=False, hb=False, control=False)
        self.ready = False

    def child_ended(self, *_):
        """End the relay where the kernel has ended."""
        how = os.WEXITED | os.WNOHANG | os.WNOWAIT
        if os.waitid(os.P_PID, self.process.pid, how):
            os._exit(1)

    def seconds(self):
        """Return the processor time of the kernel, and of what it started and has ended."""
        return sum(self.process.cpu_times()[:4])

    def starved(self):
        """Return for how many seconds others have kept the kernel from a processor."""
        try:
            told = Path(f"/proc/{self.process.pid}/schedstat").read_text()
            return int(told.split()[1]) / 1e9
        except (OSError, IndexError, ValueError):  # not told on this system
            return 0.0

    def seconds_of_children(self, since):
        """Return the processor time of what the kernel has started since then."""
        total = 0.0
        for child in self.process.children(recursive=True):
            with suppress(psutil.Error):  # it has just ended
                if child.create_time() >= since:
                    total += sum(child.cpu_times()[:2])
        return total

    def ask(self, code, show, limit, clock):
        """Execute code and show an expression; interrupt what takes too long."""
        if not self.ready:  # its start is not the cells' time
            self.ready = True
            self.ask("__import__('calls').prepare()", "None", 60, 180)
        before, begun, starved = self.seconds(), time.time(), self.starved()
        how = {"silent": True, "user_expressions": {"answer": show}}
        number = self.client.execute(code, **how)
        reply = self.reply_to(number, 0.2)
        while reply is None:
            used = self.seconds() - before + self.seconds_of_children(begun)
            past = time.time() - begun - (self.starved() - starved)
            if used > limit or past > clock:
                self.manager.interrupt_kernel()
                if self.reply_to(number, clock) is None:
                    os._exit(1)  # it cannot be interrupted
                waited = used <= limit
                return {"ename": "TimeoutError", "used": used, "past": past, "waited": waited}
            reply = self.reply_to(number, 0.2)
        reply["used"] = self.seconds() - before
        reply["past"] = time.time() - begun - (self.starved() - starved)
        return reply

    def reply_to(self, number, seconds):
        """Return the reply to a request, or None if it does not come in time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                reply = self.client.get_shell_msg(timeout=max(end - time.monotonic(), 0.001))
            except Empty:
                return None
            if reply["parent_header"].get("msg_id") == number:
                return reply["content"]
        return None


def reading(request):
    """Return the cells of a file and the names that they use, or why there are none."""
    try:
        cells = read(request["read"], base64.b64decode(request["content"]))
        names, imports = names_used([source for kind, source in cells if kind == "code"])
    except (ByHand, NotGradable) as error:
        status = "by hand" if isinstance(error, ByHand) else "not gradable"
        return {"status": status, "why": str(error)}
    return {"cells": cells, "names": names, "imports": imports}


def serve(requests, replies):
    """Answer requests, line by line."""
    kernel = Kernel()
    for line in requests:
        request = json.loads(line)
        if "read" in request:
            reply = reading(request)
        else:
            reply = kernel.ask(request["code"], request["show"], request["limit"], request["clock"])
        print(json.dumps(reply), file=replies, flush=True)


if __name__ == "__main__":
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # so that nothing else writes among the replies
    with TemporaryDirectory(ignore_cleanup_errors=True) as home:
        os.environ["HOME"] = home
        os.chdir(home)
        serve(sys.stdin, answers)
