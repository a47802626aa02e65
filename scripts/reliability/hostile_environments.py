"""Situations in which the environment or the current folder is hostile to a build."""

from __future__ import annotations

import os
import resource
import shutil
from collections.abc import Callable

from reliability.builds import Place, articles, lines
from reliability.surroundings_case import Case, Ended, build

HOSTILE_MODULES = (
    "pickle", "numba", "numpy", "json", "random", "types", "signal", "pyarrow", "orjson", "corpus",
    "multiprocessing", "sitecustomize", "usercustomize", "pebble", "yaml", "click", "rich",
)  # fmt: skip
"""Names that a build imports; a file of such a name in the current folder must not run."""


def hostile_modules(place: Place) -> Ended:
    """Build in a folder with modules of the names that a build imports."""
    folder = place.folder / "hostile"
    folder.mkdir(exist_ok=True)
    ran = folder / "ran"
    for name in HOSTILE_MODULES:
        code = f"open({str(ran)!r}, 'a').write({name!r} + ' ')\nraise RuntimeError({name!r})\n"
        (folder / f"{name}.py").write_text(code)
    ended = build(place, cwd=folder)
    if ran.exists():
        names = " ".join(sorted(set(ran.read_text().split())))
        ran.unlink()
        return Ended(-1, f"modules of the current folder ran: {names}")
    return ended


def with_environment(**variables: str) -> Callable[[Place], Ended]:
    """Return a case with these variables of the environment; `(unset)` removes one."""
    return lambda place: build(place, env=variables)


def long_temporary_folder(place: Place) -> Ended:
    """Build with a folder for temporary files that is too long for a socket."""
    folder = place.folder / ("d" * 120)
    folder.mkdir(exist_ok=True)
    return build(place, env={"TMPDIR": str(folder)})


def few_open_files(place: Place) -> Ended:
    """Build with at most 64 open files."""
    return build(place, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)))


def linked_lock(place: Place) -> Ended:
    """Build where the lock is a link to somebody's file."""
    victim = place.folder / "victim"
    victim.write_text("mine")
    lock = place.target.parent / ".wagons" / "lock"
    lock.parent.mkdir()
    lock.symlink_to(victim)
    ended = build(place)
    shutil.rmtree(lock.parent)
    return ended if victim.read_text() == "mine" else Ended(-1, "the file was changed")


def pipe_in_the_glob(place: Place) -> Ended:
    """Build with a named pipe and a name that is not UTF-8 among the inputs."""
    pipe = place.folder / "in" / "9.jsonl"
    other = os.fsencode(place.folder / "in") + b"/\xff.jsonl"
    os.mkfifo(pipe)
    with open(other, "wb") as out:  # noqa: PTH123  pathlib has no such names
        out.write(lines(articles(9000, 9001)))
    ended = build(place)
    pipe.unlink()
    os.unlink(other)  # noqa: PTH108
    return ended


def closed_streams(place: Place) -> Ended:
    """Build without standard input and output."""

    def close() -> None:
        os.close(0)
        os.close(1)

    return build(place, preexec_fn=close)


CASES = (
    Case("hostile modules in the current folder", hostile_modules),
    Case(
        "time zone and locale",
        with_environment(TZ="Pacific/Kiritimati", LC_ALL="C", PYTHONUTF8="0"),
    ),
    Case("python -OO", with_environment(PYTHONOPTIMIZE="2", PYTHONDONTWRITEBYTECODE="1")),
    Case("hash seed and threads", with_environment(PYTHONHASHSEED="7", OMP_NUM_THREADS="8")),
    Case("no home", with_environment(HOME="(unset)")),
    Case(
        "a home that does not exist",
        with_environment(HOME="/nonexistent"),
        (0, 4),
        ("/nonexistent",),
    ),
    Case(
        "no folder for temporary files",
        with_environment(TMPDIR="/nonexistent"),
        (0, 4),
        ("emporary",),
    ),
    Case("a long folder for temporary files", long_temporary_folder, (0, 4), ("TMPDIR",)),
    Case(
        "an unwritable cache",
        with_environment(CORPUS_CACHE="/proc/cache"),
        (0, 4),
        ("CORPUS_CACHE", "/proc/cache"),
    ),
    Case("64 open files", few_open_files, (0, 4), ("open files",)),
    Case("no standard input and output", closed_streams),
    Case("the lock is a link", linked_lock, (0, 2, 4), ("lock",)),
    Case("a pipe and a name that is not UTF-8", pipe_in_the_glob, (0,), (), "any"),
)
