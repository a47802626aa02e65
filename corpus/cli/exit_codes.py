"""How a command ends: every fault becomes a message and an exit code, and no traceback unasked.

0 done   1 a bug   2 config or usage   3 input   4 environment   5 differences found
130, 143 interrupted   141 nobody reads the output any more
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

import click

from corpus.errors import CorpusError, EnvironmentFault
from corpus.terminal import safe


class Terminated(BaseException):
    """The system asked the process to end; scratch and lock are let go on the way out."""


class Unread(BaseException):
    """Nobody reads our output any more."""


def say(text: str) -> None:
    """Print a result; what would command the terminal is spelled out."""
    try:
        click.echo(safe(text, lines=True))
    except BrokenPipeError:  # click would end the process as if something had gone wrong
        raise Unread from None


def ended(command: Callable[[], object], *, verbose: Callable[[], bool]) -> int:
    """Run a command and return its exit code; what went wrong is said on the standard error.

    `verbose` is asked, when something unexpected has happened, whether to show where.
    """
    signal.signal(signal.SIGTERM, _terminate)
    try:
        command()
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        return _told("interrupted; the same command goes on where this one stopped", 130)
    except Terminated:
        return _told("told to stop; the same command goes on where this one stopped", 143)
    except Unread:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as error:  # noqa: BLE001  the last place where a fault can be put into words
        return _fault(error, verbose=verbose())
    return 0


def _terminate(*_: object) -> NoReturn:
    raise Terminated


def _told(message: str, code: int) -> int:
    click.echo(f"corpus: {message}", err=True)
    return code


def _fault(error: Exception, *, verbose: bool) -> int:
    """Say what is wrong on the standard error, and return the exit code."""
    if verbose:
        import traceback

        traceback.print_exception(error)
    if isinstance(error, CorpusError):
        pointed: Callable[[], str] | None = getattr(error, "pointed", None)
        text = pointed() if pointed and sys.stderr.isatty() else str(error)
        click.echo(safe(text, lines=True), err=True)
        return error.exit_code
    if isinstance(error, MemoryError):
        return _told("not enough memory", EnvironmentFault.exit_code)
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return _told(safe(f"{where}{error.strerror or error}"), EnvironmentFault.exit_code)
    hint = "" if verbose else "; run it again with -v to see where"
    return _told(safe(f"a bug: {type(error).__name__}: {error}{hint}"), 1)
