"""Grade a folder: each submission in a process of its own, several at a time.

A result is written when it is finished, and never before; an old one stays until then. So a run
that is interrupted loses nothing that was finished, and the next one grades what is left. What
ran out of time by the clock, though not by the processor, is graded again when the others are
done; until then it does not count as finished.
"""

import json
import multiprocessing
import os
import signal
import sys
import threading
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed
from hashlib import sha256

from assignments.files import write
from assignments.one import grade_one
from assignments.recording import record
from assignments.sandbox import PATIENCE, Limits
from assignments.student import BUSY
from assignments.submissions import submissions

FORMAT = 2  # of results; a new one grades everything again
WAITING = {"status": "waiting", "why": "not graded yet"}


class Batch:
    """The submissions of a folder, and their results in another."""

    def __init__(self, assignment, folder, out, *, seed, limits=None, how="sandbox", due=None):
        self.assignment, self.out, self.seed = assignment, out, seed
        self.limits, self.how = limits or Limits(), how
        self.submissions = submissions(folder, out, due)
        source = assignment.path.read_text("utf8") + repr(sorted(assignment.settings.items()))
        self.settings = sha256(f"{FORMAT} {source} {seed} {self.limits}".encode()).hexdigest()
        self.failures = {}  # of the grader, by key
        self.stopping = threading.Event()
        self.recordings = None
        self.context = multiprocessing.get_context("forkserver")

    def target(self, submission):
        """Return where the result of a submission is."""
        return self.out / "results" / f"{submission.key}.json"

    def known(self, submission):
        """Return the result that there is for the file as it is now, or None."""
        try:
            result = json.loads(self.target(submission).read_text("utf8"))
            return result if result["digest"] == self.digest(submission.digest()) else None
        except (OSError, ValueError, KeyError):
            return None

    def digest(self, content):
        """Return a digest of a file's content and of all that its marks depend on."""
        return f"{content} {self.settings}"

    def results(self):
        """Return a result for each submission; what is not graded has the status "waiting"."""
        found = []
        for submission in self.submissions:
            result = self.known(submission)
            if result is None:
                empty = {"outcomes": [], "notes": [], "text": "", "code": ""}
                failure = self.failures.get(submission.key)
                status = {"status": "not gradable", "why": failure} if failure else WAITING
                result = {**submission.facts(), **empty, **status}
            found.append({**result, **submission.facts()})
        return found

    def run(self, jobs, again=False, show=None):
        """Grade what is new, has changed or was not finished; False if it was interrupted."""
        if not again and all(finished(self.known(s)) for s in self.submissions):
            return True
        left = [s for s in self.submissions if again or self.known(s) is None]
        self.recordings = record(self.assignment, self.seed)
        heavy = ["torch._dynamo"] if "torch" in self.assignment.imports else []
        self.context.set_forkserver_preload(["assignments.one", "numpy", *heavy])
        alone = jobs == 1 or len(left) == 1
        if not self.side_by_side(left, jobs, alone, show):
            return False
        slow = [s for s in self.submissions if self.known(s) and not finished(self.known(s))]
        return self.side_by_side(slow, 1, True, None)

    def side_by_side(self, left, jobs, alone, show):
        """Grade submissions, some at a time; False if it was interrupted."""
        pool = ThreadPoolExecutor(jobs)
        futures = [pool.submit(self.apart, submission, alone) for submission in left]
        try:
            for done, future in enumerate(as_completed(futures), start=1):
                future.result()
                if show:
                    show(done, len(left))
        except KeyboardInterrupt:
            self.stopping.set()
            return False
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        return True

    def apart(self, submission, alone):
        """Grade one submission in a process, and end that when it takes too long."""
        if self.stopping.is_set():
            raise CancelledError
        job = (self.assignment, submission, self.recordings, self.seed, self.limits, self.how)
        job += (self.target(submission), self.settings, alone)
        process = self.context.Process(target=work, args=job)
        process.start()
        seconds = BUSY * PATIENCE * self.limits.seconds + 120
        while process.is_alive() and seconds > 0 and not self.stopping.is_set():
            process.join(0.2)
            seconds -= 0.2
        if process.is_alive():
            process.kill()
            process.join()
        if process.exitcode and not self.stopping.is_set():
            self.failures[submission.key] = f"the grader failed on it (exit {process.exitcode})"


def work(assignment, submission, recordings, seed, limits, how, target, settings, alone):
    """Grade one submission and write its result; runs in a process of its own."""
    signal.signal(signal.SIGINT, lambda *_: None)  # the parent decides what Ctrl-C means
    result = grade_one(assignment, submission, recordings, seed, limits, how)
    content = result.pop("content") or submission.digest()
    write(target, json.dumps({**result, "digest": f"{content} {settings}", "alone": alone}))


def finished(result):
    """Tell whether a result is there that need not be made again."""
    return result is not None and (result["alone"] or not result["waited"])


def cores():
    """Return how many processors there are for us."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def show_bar(done, total):
    """Draw a bar on a terminal; nothing elsewhere."""
    if sys.stderr.isatty():
        bar = "#" * (30 * done // total)
        end = "\n" if done == total else ""
        print(f"\r[{bar:<30}] {done} of {total}", end=end, file=sys.stderr, flush=True)
