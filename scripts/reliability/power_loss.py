"""Simulate a power loss at every moment of a build: only what was synced is still there.

The preloaded library records each change of a name, and what each file contained when it was
synced. The record is replayed up to every change. Three kinds of disk lose power:

- *names kept*: every name is there, a file has what it had when it was last synced (or nothing);
- *synced names*: a folder has the names that it had when it was last synced itself;
- *deletions kept*: the same, but a deletion is on disk at once.

Afterwards the old build or the new one is visible, complete; and the next build gives the bytes of
a clean one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from reliability.builds import Contents, Place, build_here, make_place, outcome_in_child
from reliability.figure import Effort, Figure, not_run, spread
from reliability.shim import VARIABLE, Shim

NAME = "power loss simulated: published but damaged builds"
TARGET = "0"
DISKS = ("names kept", "synced names", "deletions kept")


@dataclass(eq=False)
class File:
    """A file, and a copy of what it contained when it was last synced."""

    synced: Path | None = None


@dataclass(eq=False)
class Folder:
    """A folder: its names now, and those when it was last synced."""

    now: dict[str, File | Folder] = field(default_factory=dict)
    synced: dict[str, File | Folder] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    """Names that were deleted since the last sync."""

    def names(self, disk: str) -> dict[str, File | Folder]:
        """Return the names that a disk has after a power loss."""
        if disk == "names kept":
            return self.now
        if disk == "synced names":
            return self.synced
        return {name: node for name, node in self.synced.items() if name not in self.deleted}


def from_disk(path: Path) -> Folder:
    """Return a folder with everything below it, all synced."""
    folder = Folder()
    for entry in sorted(path.iterdir()):
        folder.now[entry.name] = from_disk(entry) if entry.is_dir() else File(entry)
    folder.synced = dict(folder.now)
    return folder


class Disk:
    """The folder in which a build works, as its operations change it."""

    def __init__(self, place: Path, base: Path, log: Path) -> None:
        self.place, self.log, self.root = place, log, from_disk(base)

    def _parent(self, path: str) -> tuple[Folder, str] | None:
        """Return the folder and the name of a path; None if it is not below the place."""
        if not path.startswith(f"{self.place}/"):
            return None
        *parents, name = PurePosixPath(path).relative_to(self.place).parts
        folder = self.root
        for parent in parents:
            child = folder.now.get(parent)
            if not isinstance(child, Folder):
                return None
            folder = child
        return folder, name

    def apply(self, operation: str, one: str, two: str) -> None:
        """Carry out an operation of the record."""
        if operation == "fsync":
            self._sync(one, two)
            return
        found = self._parent(one)
        if found is None:
            return
        folder, name = found
        if operation == "mkdir":
            folder.now[name] = Folder()
        elif operation == "create":
            folder.now.setdefault(name, File())
        elif operation == "truncate":
            known = folder.now.setdefault(name, File())
            if isinstance(known, File):
                known.synced = None
        elif operation == "unlink":
            folder.now.pop(name, None)
            folder.deleted.add(name)
        elif operation in ("rename", "exchange") and (other := self._parent(two)):
            self._move(folder, name, *other, exchange=operation == "exchange")

    @staticmethod
    def _move(folder: Folder, name: str, other: Folder, to: str, *, exchange: bool) -> None:
        moved = folder.now.pop(name)
        if exchange:
            folder.now[name] = other.now[to]
        other.now[to] = moved

    def _sync(self, path: str, number: str) -> None:
        if path == str(self.place):
            node: File | Folder | None = self.root
        else:
            found = self._parent(path)
            node = found[0].now.get(found[1]) if found else None
        if isinstance(node, File):
            node.synced = Path(f"{self.log}.{number}")
        elif isinstance(node, Folder):
            node.synced, node.deleted = dict(node.now), set()

    def files(self, disk: str) -> Iterator[tuple[str, Path | None]]:
        """Yield path and content of each file after a power loss, and each empty folder."""
        yield from _files(self.root, disk, "")

    def fingerprint(self, disk: str) -> str:
        """Return a hash of everything that is on a disk after a power loss."""
        return hashlib.sha256(repr(list(self.files(disk))).encode()).hexdigest()


def _files(folder: Folder, disk: str, path: str) -> Iterator[tuple[str, Path | None]]:
    for name, node in sorted(folder.names(disk).items()):
        if isinstance(node, File):
            yield f"{path}{name}", node.synced
        else:
            yield f"{path}{name}/", None
            yield from _files(node, disk, f"{path}{name}/")


def restore(disk: Disk, kind: str, folder: Path) -> None:
    """Write what is on a disk after a power loss into a folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, synced in disk.files(kind):
        path = folder / name
        if name.endswith("/"):
            path.mkdir(exist_ok=True)
        elif synced is None:
            path.write_bytes(b"")
        else:
            shutil.copyfile(synced, path)


def visible(disk: Disk, kind: str, hashes: dict[Path, str]) -> Contents | None:
    """Return the hashes of the files of the visible build after a power loss."""
    found: Contents = {}
    exists = False
    for name, synced in disk.files(kind):
        if not name.startswith("wagons/"):
            continue
        exists = True
        if name.endswith("/") or name == "wagons/run.json":
            continue
        if synced is not None and synced not in hashes:
            hashes[synced] = hashlib.sha256(synced.read_bytes()).hexdigest()
        found[name.removeprefix("wagons/")] = hashes[synced] if synced else "lost"
    return found if exists else None


def record(place: Place, shim: Shim, scratch: Path) -> tuple[Path, list[list[str]]]:
    """Build once; return the log and its operations."""
    log = scratch / "log"
    place.reset()
    shutil.copytree(place.target.parent, scratch / "base")
    shim.record(place.target.parent, log)
    code, message = outcome_in_child(lambda: build_here(place.config), scratch / "message")
    shim.stop_recording()
    if code or place.state() != "new":
        raise RuntimeError(f"the recorded build failed: exit {code}, {message}")
    return log, [line.split("\t") for line in log.read_text().splitlines()]


def lose_power(
    place: Place, shim: Shim, scratch: Path, rebuilds: int
) -> tuple[int, int, list[str]]:
    """Return the number of different disks seen, of those built again, and what was wrong."""
    log, operations = record(place, shim, scratch)
    work = place.target.parent
    disk = Disk(work, scratch / "base", log)
    moments: dict[str, tuple[int, str]] = {}
    hashes: dict[Path, str] = {}
    wrong = []
    for number, (operation, one, two) in enumerate(operations, 1):
        disk.apply(operation, one, two)
        for kind in DISKS:
            state = disk.fingerprint(kind)
            if state in moments:
                continue
            moments[state] = number, kind
            build = visible(disk, kind, hashes)
            if build not in (place.old, place.new):
                what = f"{operation} {os.path.relpath(one, work)}"
                wrong.append(f"{kind}, after operation {number} ({what}): visible build is damaged")
    chosen = [list(moments.values())[i - 1] for i in spread(len(moments), rebuilds)]
    wrong += _rebuild(place, scratch, log, operations, chosen)
    return len(moments), len(chosen), wrong


def _rebuild(
    place: Place,
    scratch: Path,
    log: Path,
    operations: list[list[str]],
    moments: list[tuple[int, str]],
) -> Iterator[str]:
    """Build again after some of the power losses; yield where the result is not a clean build."""
    disk = Disk(place.target.parent, scratch / "base", log)
    wanted: dict[int, list[str]] = {}
    for number, kind in moments:
        wanted.setdefault(number, []).append(kind)
    for number, (operation, one, two) in enumerate(operations, 1):
        disk.apply(operation, one, two)
        for kind in wanted.get(number, ()):
            restore(disk, kind, place.target.parent)
            code, message = outcome_in_child(lambda: build_here(place.config), scratch / "message")
            if code or place.state() != "new":
                yield (
                    f"{kind}, after operation {number} ({operation} "
                    f"{os.path.relpath(one, place.target.parent)}): "
                    f"built again: exit {code}, build {place.state()} {message}"
                )


def measure(effort: Effort) -> list[Figure]:
    """Return the figure of the power losses."""
    if VARIABLE not in os.environ:
        return [not_run(NAME, TARGET, "no C compiler")]
    place = make_place(effort.scratch / "place")
    rebuilds = effort.choose(quick=3, full=10_000)
    seen, built, wrong = lose_power(place, Shim(), effort.scratch, rebuilds)
    damaged = sum("visible build" in line for line in wrong)
    measured = f"{damaged} of {seen:,} states of the disk; "
    measured += f"{len(wrong) - damaged} of {built:,} rebuilds not equal to a clean build"
    return [Figure(NAME, TARGET, measured, not wrong, tuple(wrong))]
