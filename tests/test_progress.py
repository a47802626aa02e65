"""Progress: what is said, how often, and what it looks like."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from corpus.progress import fitting, plain, silent, terminal


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return the time it was set to."""
        return self.now


@pytest.fixture
def clock():
    """Return a clock that stands still until it is moved."""
    return Clock()


def test_plain_lines_come_every_few_seconds(clock):
    """A log is not flooded: one line in five seconds, and one at the end of a phase."""
    out = io.StringIO()
    progress = plain(out, clock=clock)

    progress.start("read", bytes=10_000_000)
    for _ in range(64):
        clock.now += 0.125
        progress.advance(documents=10, bytes=125_000)
    progress.start("write", bytes=0)
    clock.now += 1
    progress.advance(documents=1, bytes=0)
    progress.finish()
    progress.finish()

    assert out.getvalue().splitlines() == [
        "read: 400 documents, 5.0 MB of 10.0 MB, 1.0 MB/s, 5 s left",
        "read: 640 documents, 8.0 MB in 8 s",
        "write: 1 document in 1 s",
    ]


def test_a_phase_of_unknown_size_has_no_end_in_sight(clock):
    """Where nobody knows how much there is, no time is promised."""
    out = io.StringIO()
    progress = plain(out, clock=clock, every=1)

    progress.start("decide", bytes=0)
    clock.now += 2
    progress.advance(documents=1, bytes=0)

    assert out.getvalue() == "decide: 1 document\n"


def test_notes_are_said_at_once_and_cannot_command_the_terminal(clock):
    """A note may hold a file's name: it is spelled out."""
    out = io.StringIO()
    progress = plain(out, clock=clock)

    progress.note("skipped \x1b[2Jx.txt\nand more")

    assert out.getvalue() == "skipped \\x1b[2Jx.txt\nand more\n"


def test_advancing_before_a_phase_says_nothing(clock):
    """What is counted outside of a phase belongs to none."""
    out = io.StringIO()
    for progress in (plain(out, clock=clock, every=0), terminal(Console(file=out), clock=clock)):
        progress.advance(documents=1, bytes=1)
        progress.finish()

    assert out.getvalue() == ""


def test_a_terminal_shows_one_line_and_leaves_what_became_of_it(clock):
    """The live line goes when its phase ends; one line of what was done stays."""
    out = io.StringIO()
    console = Console(
        file=out, force_terminal=True, width=100, color_system=None, legacy_windows=False
    )
    progress = terminal(console, clock=clock)

    progress.start("read [bold]x", bytes=4_000_000)
    clock.now += 2
    progress.advance(documents=1_200, bytes=2_000_000)
    progress.bar.refresh()
    progress.note("compiling [red]once")
    clock.now += 2
    progress.finish()
    shown = out.getvalue()

    assert "1,200 documents  1.0 MB/s" in shown
    assert "2 s left" in shown
    assert "compiling [red]once" in shown
    assert "read [bold]x: 1,200 documents, 2.0 MB in 4 s" in shown.splitlines()[-1]


def test_the_silent_one_says_nothing(capfd):
    """Quiet is quiet."""
    progress = silent()
    progress.start("read", bytes=1)
    progress.advance(documents=1, bytes=1)
    progress.note("x")
    progress.finish()

    assert capfd.readouterr() == ("", "")


class Terminal(io.StringIO):
    """A stream that somebody is watching."""

    def isatty(self) -> bool:
        """Say that a person is watching."""
        return True


@pytest.mark.parametrize("asked", [None, "1"])
def test_no_colour_is_used_where_none_is_wanted(monkeypatch, asked):
    """NO_COLOR takes the colours out of the live line, and nothing else does."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    if asked:
        monkeypatch.setenv("NO_COLOR", asked)
    monkeypatch.setenv("TERM", "xterm-256color")
    out = Terminal()
    progress = fitting(out)
    progress.start("read", bytes=4_000_000)
    progress.advance(documents=1_200, bytes=2_000_000)
    progress.bar.refresh()
    progress.finish()

    coloured = re.search(r"\x1b\[[\d;]*(?:3[0-9]|4[0-9]|9[0-7])[\d;]*m", out.getvalue())
    assert bool(coloured) is not bool(asked)
    assert "1,200 documents" in out.getvalue()


def test_what_fits_depends_on_the_stream(monkeypatch):
    """A live line is for terminals; a dumb one and a file get lines."""
    monkeypatch.setenv("TERM", "xterm")
    kinds = [type(fitting(stream)) for stream in (io.StringIO(), Terminal())]
    assert kinds == [type(plain(io.StringIO())), type(terminal(None))]
    assert type(fitting(Terminal(), quiet=True)) is type(silent())

    monkeypatch.setenv("TERM", "dumb")
    assert type(fitting(Terminal())) is type(plain(io.StringIO()))
