"""End a command: turn every fault into a message and an exit code, and never show a traceback.

0         success
1         a bug in corpus
2         config or usage
3         input
4         environment: disk, permission, lock, installation
5         differences found
130, 143  interrupted, terminated
141       the reader of the output has gone away
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable

import click

from corpus.cli.signals import CONTINUE, Terminated, ending_blocked_calls
from corpus.errors import CorpusError, as_corpus_error
from corpus.terminal import safe


class ReaderGone(BaseException):
    """The process that reads our output has ended."""


def echo(text: str) -> None:
    """Print a result; characters that would control the terminal are escaped."""
    try:
        click.echo(safe(text, lines=True))
    except BrokenPipeError:  # click would exit as if something had failed
        raise ReaderGone from None


def exit_code_of(command: Callable[[], object], *, verbose: Callable[[], bool]) -> int:
    """Run a command and return its exit code; print the message of a fault to stderr.

    `verbose` is called after an unexpected error and returns whether to print its traceback.
    """
    with ending_blocked_calls():
        return _exit_code_of(command, verbose)


def _exit_code_of(command: Callable[[], object], verbose: Callable[[], bool]) -> int:
    try:
        command()
    except click.ClickException as error:
        usage = io.StringIO()
        error.show(usage)
        return _failed(usage.getvalue().rstrip("\n"), 2)
    except (click.Abort, KeyboardInterrupt):
        return _failed(f"corpus: interrupted; {CONTINUE}", 130)
    except Terminated:
        return _failed(f"corpus: terminated; {CONTINUE}", 143)
    except ReaderGone:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as error:  # noqa: BLE001  the last place that can turn a fault into a message
        return _report(error, verbose=verbose())
    return 0


def _failed(message: str, code: int) -> int:
    from corpus.credentials import masked

    click.echo(safe(masked(message), lines=True), err=True)
    return code


def _report(error: Exception, *, verbose: bool) -> int:
    """Print what is wrong to stderr, and return the exit code."""
    if verbose:
        import traceback

        from corpus.credentials import masked

        trace = masked("".join(traceback.format_exception(error)))
        click.echo(safe(trace, lines=True), err=True)
    known = as_corpus_error(error)
    if known is None:
        hint = "" if verbose else "; run it again with -v to see where"
        return _failed(f"corpus: a bug: {type(error).__name__}: {error}{hint}", 1)
    return _failed(_message(known), known.exit_code)


def _message(error: CorpusError) -> str:
    """Return the message of an error; mistakes in a config are pointed at on a terminal."""
    from corpus.config.mistakes import Mistakes

    pointed = isinstance(error, Mistakes) and sys.stderr.isatty()
    return error.with_carets() if pointed else str(error)  # type: ignore[attr-defined]
