"""Situations in which the disk, the output folder or the inputs are hostile to a build."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reliability.builds import Place, articles, command, lines
from reliability.processes import family, kill, seconds_until
from reliability.surroundings_case import NOT_RUN, SECONDS, Case, Ended, build


@contextmanager
def small_disk(place: Place, size: str, *, read_only: bool = False) -> Iterator[bool]:
    """Mount a small file system over the output; yield False if this is not permitted."""
    work = place.target.parent
    call = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(work)]
    if subprocess.run(call, capture_output=True, check=False).returncode:
        yield False
        return
    try:
        shutil.copytree(place.folder / "old" / "wagons", place.target)
        if read_only:
            subprocess.run(["mount", "-o", "remount,ro", str(work)], check=True)
        yield True
        kept = place.folder / "kept"
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(place.target, kept)
    finally:
        subprocess.run(["umount", str(work)], check=False)
    shutil.rmtree(place.target)
    shutil.copytree(kept, place.target)


def full_disk(place: Place) -> Ended:
    """Build where there is space for the old build, but not for the new one."""
    with small_disk(place, "400k") as mounted:
        return build(place) if mounted else limited_file_size(place)


def limited_file_size(place: Place) -> Ended:
    """Build with a limit on the size of a file."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))

    return build(place, preexec_fn=limit)


def read_only(place: Place) -> Ended:
    """Build into a folder that cannot be written."""
    with small_disk(place, "10m", read_only=True) as mounted:
        if mounted:
            return build(place)
    if os.geteuid() == 0:
        return Ended(NOT_RUN, "root may write anywhere, and may not mount a file system here")
    place.target.parent.chmod(0o500)
    ended = build(place)
    place.target.parent.chmod(0o700)
    return ended


def foreign_folder(place: Place) -> Ended:
    """Build into a folder that has somebody's files."""
    other = place.target.with_name("thesis")
    other.mkdir()
    (other / "chapter.txt").write_text("mine")
    ended = build(place, "--set", f"output.path={other}")
    if (other / "chapter.txt").read_text() != "mine":
        return Ended(-1, "the file was changed")
    return ended


def scratch_of(place: Place) -> Path:
    """Return the folder that exists while a build is running."""
    return place.target.parent / ".wagons" / "work"


def note_in_the_build(place: Place) -> Ended:
    """Put a file into the old build while it is being rebuilt."""
    running = _start(place)
    seconds_until(scratch_of(place).exists, SECONDS)
    note = place.target / "NOTES.txt"
    note.write_text("mine")
    ended = _end(running)
    if not any(path.name == "NOTES.txt" for path in place.target.parent.rglob("*")):
        return Ended(-1, "the file was deleted")
    for path in place.target.parent.rglob("NOTES.txt"):
        path.unlink()
    return ended


def two_at_once(place: Place) -> Ended:
    """Start a second build into the same folder."""
    running = _start(place)
    seconds_until(scratch_of(place).exists, SECONDS)
    os.kill(running.pid, signal.SIGSTOP)
    second = build(place)
    os.kill(running.pid, signal.SIGCONT)
    first = _end(running)
    return second if first.code == 0 else Ended(-1, f"the first: {first}")


def edited_input(place: Place) -> Ended:
    """Append to an input while it is being read; put it back after the build."""
    path = place.folder / "in" / "1.jsonl"
    before = path.read_bytes()
    running = _start(place)
    seconds_until(scratch_of(place).exists, SECONDS)
    seconds_until(lambda: family(running.pid).fork_servers or running.poll() is not None, SECONDS)
    path.write_bytes(before + lines(articles(9000, 9001)))
    ended = _end(running)
    path.write_bytes(before)
    return ended


def _start(place: Place) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command("build", str(place.config), "--jobs", "1"),
        cwd=place.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def _end(running: subprocess.Popen[str]) -> Ended:
    try:
        _, stderr = running.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        kill([running.pid, *family(running.pid).all])
        return Ended(-1, "does not end")
    return Ended(running.returncode, stderr)


CASES = (
    Case("full disk", full_disk, (4,), ("space", "too large")),
    Case("limit on the size of a file", limited_file_size, (4,), ("too large",)),
    Case("read-only output", read_only, (4,), ("ead-only", "ermission")),
    Case("foreign folder", foreign_folder, (2,), ("another output.path", "move")),
    Case(
        "a file put into the build in mid-run", note_in_the_build, (0, 2, 4), ("NOTES.txt",), "any"
    ),
    Case("two builds at once", two_at_once, (4,), ("wait",), "new"),
    Case("input edited in mid-run", edited_input, (0, 3, 4), ("changed",)),
)
