"""Find what was handed in: files, whose they are, and whether they are late."""

import os
import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from assignments.files import tidy

LARGEST = 10 * 2**20  # bytes of a submission
# How Canvas names a file: name and number of the student, then that of the submission.
CANVAS = re.compile(r"([^_/]+)_(LATE_)?(\d+)_(\d+)_")
# How Moodle names a folder or a file: full name and number of the participant.
MOODLE = re.compile(r"([^_/]+)_(\d+)_assignsubmission_(?:file|onlinetext)")
IGNORED = ("__MACOSX", "Thumbs.db", "desktop.ini")


class NotAFile(Exception):
    """What was found cannot be read as a file; the message says why."""


@dataclass
class Submission:
    """A file that was handed in."""

    path: Path
    file: str  # the path in the folder
    student: str
    number: str  # the student's, in Canvas or Moodle
    late: bool
    changed: float  # when the file was last changed

    @property
    def key(self):
        """Return a name for files about this submission, which no other has."""
        code = sha256(os.fsencode(self.file)).hexdigest()[:16]
        return re.sub(r"[^\w-]+", "_", self.student)[:40] + "-" + code

    def content(self):
        """Return the bytes of the file; NotAFile says why there are none."""
        if self.path.is_symlink() or not self.path.is_file():
            raise NotAFile("not a file")
        if self.path.stat().st_size > LARGEST:
            raise NotAFile("larger than 10 MB: the outputs were not cleared")
        try:
            return self.path.read_bytes()
        except OSError:
            raise NotAFile("cannot be read here") from None

    def digest(self):
        """Return a digest of the content, or of what can be known of a file without one."""
        try:
            content = self.content()
        except NotAFile:
            content = str(self.path.lstat()).encode()
        return sha256(content).hexdigest()

    def facts(self):
        """Return what tables say of the submission."""
        whose = {"student": tidy(self.student), "number": self.number, "late": self.late}
        return {"file": tidy(self.file), "key": self.key, "changed": self.changed, **whose}


def submissions(folder, out, due=None):
    """Return the submissions of a folder, in the order of their names."""
    found = []
    for path in sorted(folder.rglob("*")):
        file = path.relative_to(folder)
        ignored = any(part.startswith((".", *IGNORED)) for part in file.parts)
        if ignored or path.is_relative_to(out) or (path.is_dir() and not path.is_symlink()):
            continue
        student, number, late = whose(file)
        changed = path.lstat().st_mtime
        late = late or bool(due and datetime.fromtimestamp(changed) > due)
        found.append(Submission(path, str(file), student, number, late, changed))
    return found


def whose(file):
    """Return name and number of a student, and whether the name of the file says "late"."""
    if found := MOODLE.match(str(file)):
        return found[1], found[2], False
    if found := CANVAS.match(str(file)):
        return found[1], found[3], bool(found[2])
    return (*file.parts[:-1], file.stem)[0], "", False
