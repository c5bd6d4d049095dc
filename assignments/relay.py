"""In the sandbox: a Jupyter kernel, and a line of JSON in and out for each request to it.

Nothing here is secret. A submission runs as the same user and could speak in the relay's
place, so a reply counts for no more than what the submission claims.
"""

import json
import os
import signal
import sys
from subprocess import DEVNULL
from tempfile import TemporaryDirectory

from jupyter_client import KernelManager


def serve(requests, replies):
    """Run code in a kernel, line by line; TimeoutError if the kernel cannot be interrupted."""
    manager = KernelManager(transport="ipc")  # sockets are files: no network
    manager.start_kernel(stdout=DEVNULL, stderr=DEVNULL)
    signal.signal(signal.SIGCHLD, lambda *_: os._exit(1))  # the end of the kernel is the end
    client = manager.blocking_client()
    # What cells print goes to a channel that nobody listens to.
    client.start_channels(iopub=False, stdin=False, hb=False, control=False)
    client.execute("", silent=True, reply=True, timeout=60)  # its start is not the cells' time
    for line in requests:
        code, show, seconds = json.loads(line)
        how = {"silent": True, "user_expressions": {"answer": show}, "reply": True}
        try:
            reply = client.execute(code, **how, timeout=seconds)["content"]
        except TimeoutError:
            manager.interrupt_kernel()
            client.execute("", **how, timeout=3)
            reply = {"ename": "TimeoutError", "evalue": f"interrupted after {seconds} s"}
        print(json.dumps(reply), file=replies, flush=True)


if __name__ == "__main__":
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # so that nothing else writes among the replies
    with TemporaryDirectory(ignore_cleanup_errors=True) as home:
        os.environ["HOME"] = home
        os.chdir(home)
        serve(sys.stdin, answers)
