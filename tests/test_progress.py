"""Progress: what is shown, how often, and how it looks."""

from __future__ import annotations

import io
import re
import sys
from types import SimpleNamespace

import pytest
from rich.console import Console

from corpus.notebook_progress import NotebookProgress, in_notebook
from corpus.progress import choose_progress, plain, silent, terminal


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return the time that it is set to."""
        return self.now


@pytest.fixture
def clock():
    """Return a clock that does not move by itself."""
    return Clock()


def test_plain_lines_are_written_every_few_seconds(clock):
    """A log gets at most one line in five seconds, and one at the end of a phase."""
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


def test_a_phase_of_unknown_size_has_no_time_left(clock):
    """Without a number of bytes to do, the time left is not shown."""
    out = io.StringIO()
    progress = plain(out, clock=clock, seconds_between_lines=1)

    progress.start("decide", bytes=0)
    clock.now += 2
    progress.advance(documents=1, bytes=0)

    assert out.getvalue() == "decide: 1 document\n"


def test_messages_are_shown_at_once_and_escaped(clock):
    """A message may contain the name of a file, which must not control the terminal."""
    out = io.StringIO()
    progress = plain(out, clock=clock)

    progress.note("skipped \x1b[2Jx.txt\nand more")

    assert out.getvalue() == "skipped \\x1b[2Jx.txt\nand more\n"


def test_advancing_before_a_phase_shows_nothing(clock):
    """Documents that are counted outside of a phase are ignored."""
    out = io.StringIO()
    lines = plain(out, clock=clock, seconds_between_lines=0)
    for progress in (lines, terminal(Console(file=out), clock=clock)):
        progress.advance(documents=1, bytes=1)
        progress.finish()

    assert out.getvalue() == ""


def test_a_terminal_shows_a_live_line_and_then_a_summary(clock):
    """The live line disappears when its phase ends; a summary remains."""
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


def test_silent_progress_shows_nothing(capfd):
    """Silent progress writes nothing to stdout or stderr."""
    progress = silent()
    progress.start("read", bytes=1)
    progress.advance(documents=1, bytes=1)
    progress.note("x")
    progress.finish()

    assert capfd.readouterr() == ("", "")


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        """Return True."""
        return True


@pytest.mark.parametrize("no_color", [None, "1"])
def test_no_color_turns_off_colours(monkeypatch, no_color):
    """The live line has colours unless NO_COLOR is set."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setenv("TERM", "xterm-256color")
    out = Terminal()
    progress = choose_progress(out)
    progress.start("read", bytes=4_000_000)
    progress.advance(documents=1_200, bytes=2_000_000)
    progress.bar.refresh()
    progress.finish()

    coloured = re.search(r"\x1b\[[\d;]*(?:3[0-9]|4[0-9]|9[0-7])[\d;]*m", out.getvalue())
    assert bool(coloured) is not bool(no_color)
    assert "1,200 documents" in out.getvalue()


def test_the_kind_of_progress_depends_on_the_stream(monkeypatch):
    """Terminals get a live line; dumb terminals and files get plain lines."""
    monkeypatch.setenv("TERM", "xterm")
    kinds = [type(choose_progress(stream)) for stream in (io.StringIO(), Terminal())]
    assert kinds == [type(plain(io.StringIO())), type(terminal(None))]
    assert type(choose_progress(Terminal(), quiet=True)) is type(silent())

    monkeypatch.setenv("TERM", "dumb")
    assert type(choose_progress(Terminal())) is type(plain(io.StringIO()))


class Display:
    """A notebook that remembers what stands below its cell."""

    def __init__(self) -> None:
        self.shown: list[dict[str, str]] = []

    def __call__(self, content, *, raw, display_id):
        """Show a new block, and return it."""
        assert raw
        assert display_id
        self.blocks = 1 + len(self.shown)
        self.shown.append(content)
        return self

    def update(self, content, *, raw):
        """Replace the block."""
        assert raw
        self.shown.append(content)


@pytest.fixture
def notebook(clock, monkeypatch):
    """Return the progress of a build in a notebook, and what the notebook shows."""
    display = Display()
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    return NotebookProgress(clock=clock), display


def test_a_notebook_updates_one_block_twice_a_second(clock, notebook):
    """Every batch is counted; the block below the cell changes at most twice a second."""
    progress, display = notebook
    progress.start("read", bytes=1_000)
    for _ in range(16):
        clock.now += 0.125
        progress.advance(documents=1, bytes=10)
    assert display.blocks == 1
    assert len(display.shown) == 1 + 4
    assert display.shown[-1]["text/plain"].startswith("read: 16 documents")


def test_a_notebook_keeps_finished_phases_and_messages_above_the_current_one(clock, notebook):
    """A new phase ends the one before; what is finished stays, in order."""
    progress, display = notebook
    progress.start("read", bytes=0)
    clock.now += 2
    progress.note("3 records were rejected")
    progress.start("write", bytes=0)
    clock.now += 1
    progress.advance(documents=1, bytes=0)
    progress.finish()
    progress.finish()
    assert display.shown[-1]["text/plain"].splitlines() == [
        "3 records were rejected",
        "read: in 2 s",
        "write: 1 document in 1 s",
    ]


def test_a_message_in_a_notebook_is_text(notebook):
    """What comes from the input is neither markup nor a terminal sequence in a notebook."""
    progress, display = notebook
    progress.advance(documents=1, bytes=1)
    assert display.shown == []
    progress.note("<script>alert(1)</script> \x1b[31m")
    assert "<script>" not in display.shown[-1]["text/html"]
    assert "&lt;script&gt;" in display.shown[-1]["text/html"]
    assert "\x1b" not in "".join(display.shown[-1].values())


@pytest.mark.parametrize(
    ("shell", "expected"), [(None, False), ("Terminal", False), ("ZMQInteractiveShell", True)]
)
def test_only_the_kernel_of_a_notebook_is_a_notebook(monkeypatch, shell, expected):
    """IPython in a terminal is a terminal, and an imported IPython alone is no notebook."""
    running = shell and type(shell, (), {})()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: running))
    assert in_notebook() is expected


def test_without_ipython_there_is_no_notebook(monkeypatch):
    """Asking does not import IPython, which takes long."""
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert not in_notebook()
    assert "IPython" not in sys.modules
