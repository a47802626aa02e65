"""Tests of progress reports: their content, their frequency and their form."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from corpus.progress import fitting, plain, silent, terminal


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return the time that the test has set."""
        return self.now


@pytest.fixture
def clock():
    """Return a clock that only the test moves."""
    return Clock()


def test_plain_progress_prints_a_line_every_five_seconds(clock):
    """A log gets one line every five seconds, and one at the end of each phase."""
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


def test_a_phase_of_unknown_size_has_no_remaining_time(clock):
    """No remaining time is shown if the size of a phase is unknown."""
    out = io.StringIO()
    progress = plain(out, clock=clock, every=1)

    progress.start("decide", bytes=0)
    clock.now += 2
    progress.advance(documents=1, bytes=0)

    assert out.getvalue() == "decide: 1 document\n"


def test_notes_are_printed_at_once_and_escaped(clock):
    """Control characters in a note, such as those of a file name, are printed as escapes."""
    out = io.StringIO()
    progress = plain(out, clock=clock)

    progress.note("skipped \x1b[2Jx.txt\nand more")

    assert out.getvalue() == "skipped \\x1b[2Jx.txt\nand more\n"


def test_advancing_before_a_phase_prints_nothing(clock):
    """Documents that are counted outside a phase are not shown."""
    out = io.StringIO()
    for progress in (plain(out, clock=clock, every=0), terminal(Console(file=out), clock=clock)):
        progress.advance(documents=1, bytes=1)
        progress.finish()

    assert out.getvalue() == ""


def test_a_terminal_shows_a_live_line_and_then_a_summary(clock):
    """The live line disappears when its phase ends, and a summary line replaces it."""
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
    output = out.getvalue()

    assert "1,200 documents  1.0 MB/s" in output
    assert "2 s left" in output
    assert "compiling [red]once" in output
    assert "read [bold]x: 1,200 documents, 2.0 MB in 4 s" in output.splitlines()[-1]


def test_silent_progress_prints_nothing(capfd):
    """Silent progress writes to neither stream."""
    progress = silent()
    progress.start("read", bytes=1)
    progress.advance(documents=1, bytes=1)
    progress.note("x")
    progress.finish()

    assert capfd.readouterr() == ("", "")


class Terminal(io.StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        """Return True, as a terminal does."""
        return True


@pytest.mark.parametrize("no_color", [None, "1"])
def test_no_color_removes_the_colours(monkeypatch, no_color):
    """With NO_COLOR set, the live line has no colours; without it, it has some."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setenv("TERM", "xterm-256color")
    out = Terminal()
    progress = fitting(out)
    progress.start("read", bytes=4_000_000)
    progress.advance(documents=1_200, bytes=2_000_000)
    progress.bar.refresh()
    progress.finish()

    coloured = re.search(r"\x1b\[[\d;]*(?:3[0-9]|4[0-9]|9[0-7])[\d;]*m", out.getvalue())
    assert bool(coloured) is not bool(no_color)
    assert "1,200 documents" in out.getvalue()


def test_the_kind_of_progress_depends_on_the_stream(monkeypatch):
    """A terminal gets a live line; a dumb terminal and a file get plain lines."""
    monkeypatch.setenv("TERM", "xterm")
    kinds = [type(fitting(stream)) for stream in (io.StringIO(), Terminal())]
    assert kinds == [type(plain(io.StringIO())), type(terminal(None))]
    assert type(fitting(Terminal(), quiet=True)) is type(silent())

    monkeypatch.setenv("TERM", "dumb")
    assert type(fitting(Terminal())) is type(plain(io.StringIO()))
