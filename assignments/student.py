"""A submission's kernel as the grader sees it: a process that is not to be trusted.

What comes out of one pipe is read, up to a limit, as data.
"""

import base64
import json
import threading
import time
from contextlib import suppress
from subprocess import DEVNULL, PIPE, Popen

import psutil

from assignments.inside.values import pack, unpack
from assignments.sandbox import MB, PATIENCE, command, environment

# What a call may raise in the grader as it was raised in the kernel; the rest is RuntimeError.
ERRORS = (NameError, NotImplementedError, TimeoutError, TypeError, ValueError)
ERRORS = {error.__name__: error for error in ERRORS}
LONGEST = 4 * MB  # of a reply
BUSY = 5  # how much longer everything may take on a machine that has much else to do
DIED = "the kernel died or could not be interrupted"


def memory(process):
    """Return the bytes of a process; of what it shares with others only its part.

    Else the kernel that has been forked fifty times would seem to take fifty times as much.
    """
    try:
        return process.memory_full_info().pss
    except psutil.AccessDenied:
        return process.memory_info().rss


class Lost(Exception):
    """The kernel is gone; the message says why."""


class Unreadable(Exception):
    """The file that was handed in is not a notebook; status and reason are its arguments."""


class Student:
    """A submission at work. If its kernel dies, a new one runs the cells that did no harm."""

    def __init__(self, limits, how, package=False):
        self.limits, self.how, self.package = limits, how, package
        self.cells = []  # pairs of code and the seconds that it may take
        self.process = None
        self.spent = 0.0  # seconds of processor time
        self.begun = time.monotonic()
        self.slow = set()  # functions that have taken too long, and get a quarter of the time
        self.waited = False  # longer by the clock than by the processor
        self.last = {}  # what the last error of a call has told of itself

    def read(self, name, content):
        """Return what the sandbox reads in a file: cells, names and imports."""
        content = base64.b64encode(content).decode()
        try:
            reply = self.ask({"read": name, "content": content})
        except Lost:
            raise Unreadable("not gradable", "reading it takes too much time or memory") from None
        if "why" in reply:
            raise Unreadable(reply["status"], reply["why"])
        return reply

    def run(self, code):
        """Run a cell; return what went wrong, or None."""
        try:
            reply = self.execute(code)
            self.execute("")  # a sign of life
        except Lost as error:
            return f"{error}; the cell was left out"
        if reply.get("ename") == "TimeoutError":
            # A new kernel runs what came before the endless part, and does not wait as long.
            self.cells.append((code, self.limits.cell / 10))
            return f"TimeoutError: interrupted after {self.limits.cell} s"
        self.cells.append((code, self.limits.cell))
        return f"{reply['ename']}: {reply.get('evalue')}" if "ename" in reply else None

    def call(self, name, arguments, options, tables):
        """Call a function of the submission; return plain data or raise what it raised."""
        request = {"arguments": pack([list(arguments), options]), "tables": tables}
        show = f"__import__('calls').call({name!r}, {json.dumps(request)!r})"
        limit = self.limits.cell / (4 if name in self.slow else 1)
        try:
            reply = self.execute("", show, limit)
        except Lost as error:
            if str(error) != DIED:
                raise
            reply = self.execute("", show, limit)  # it was a thread of some cell, perhaps
        if reply.get("ename") == "TimeoutError":
            self.slow.add(name)
        return self.answer(reply)

    def answer(self, reply):
        """Return the value that a reply has, or raise the error that it tells of."""
        self.last = {}
        if "ename" in reply:
            raise ERRORS.get(str(reply["ename"]), RuntimeError)(reply["ename"])
        try:
            answer = reply["user_expressions"]["answer"]
            if answer["status"] != "ok":
                raise RuntimeError(str(answer.get("ename")))
            answer = json.loads(answer["data"]["text/plain"])
            if "raised" not in answer:
                return unpack(answer["value"])
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
            raise RuntimeError("no answer") from None
        self.last = {key: str(value) for key, value in answer.items()}
        raise ERRORS.get(self.last["raised"], RuntimeError)(self.last["raised"])

    def execute(self, code, show="None", limit=None):
        """Execute code in the kernel and show an expression; return the reply, a dict."""
        if self.spent > self.limits.seconds:
            self.stop()
        if self.process is None:
            self.start()
        limit = self.limits.cell if limit is None else limit
        reply = self.ask({"code": code, "show": show, "limit": limit, "clock": PATIENCE * limit})
        with suppress(TypeError, ValueError):
            used, past = float(reply.get("used", 0)), float(reply.get("past", 0))
            self.spent += max(used, past / PATIENCE, 0)
        self.waited |= bool(reply.get("waited"))
        return reply

    def ask(self, request):
        """Send a request to the relay and return its reply, a dict."""
        if self.process is None:
            self.start()
        by_clock = BUSY * request.get("clock", PATIENCE * self.limits.cell) + 60
        self.deadline = min(time.monotonic() + by_clock, self.end_by_clock)
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
            return dict(json.loads(self.process.stdout.readline(LONGEST)))
        except (OSError, ValueError, TypeError, RecursionError):
            self.waited |= time.monotonic() >= self.deadline
            self.stop()
            raise Lost(self.reason) from None

    @property
    def end_by_clock(self):
        """Return when the whole submission has taken too long by the clock."""
        return self.begun + BUSY * PATIENCE * self.limits.seconds + 60

    def start(self):
        """Start a kernel and bring it to where the last one was."""
        if self.spent > self.limits.seconds or time.monotonic() > self.end_by_clock:
            self.waited |= self.spent <= self.limits.seconds
            raise Lost("the time for the whole submission was up")
        self.reason = DIED
        self.deadline = self.end_by_clock
        line = command(self.limits, self.how, self.package)
        pipes = {"stdin": PIPE, "stdout": PIPE, "stderr": DEVNULL}
        self.process = Popen(line, **pipes, env=environment(self.package))
        threading.Thread(target=self.watch, args=[self.process], daemon=True).start()
        for cell in list(self.cells):
            try:
                self.execute(*cell[:1], limit=cell[1])
                self.execute("")
            except Lost:
                self.cells.remove(cell)  # it has ended two kernels, the first one late
                return self.start()

    def watch(self, process):
        """End the kernel when it takes too long or too much memory."""
        while process.poll() is None:
            used, stopped = 0, False
            with suppress(psutil.Error):  # a process that has just ended
                for each in psutil.Process(process.pid).children(recursive=True):
                    used += memory(each)
                    stopped |= each.status() == psutil.STATUS_STOPPED
            if stopped:
                self.reason = "it stopped itself"
                process.kill()
            elif used > self.limits.memory * MB:
                self.reason = f"it took more than {self.limits.memory} MB of memory"
                process.kill()
            elif time.monotonic() > self.deadline:
                self.reason = "it took too long"
                process.kill()
            time.sleep(0.25)

    def stop(self):
        """End the relay, and with it all that came from it."""
        if self.process:
            with suppress(OSError), self.process as process:
                process.kill()
            self.process = None
