"""Fixtures for the tests of the commands."""

from __future__ import annotations

import signal

import pytest

from corpus.cli.commands import main


@pytest.fixture
def run(capsys):
    """Return a function that runs a command and returns its exit code, output and messages."""

    def ran(*arguments: object) -> tuple[int, str, str]:
        before = signal.getsignal(signal.SIGTERM)
        try:
            with pytest.raises(SystemExit, match=r"^\d+$") as end:
                main([str(argument) for argument in arguments])
        finally:
            signal.signal(signal.SIGTERM, before)
        out, err = capsys.readouterr()
        return int(str(end.value)), out, err

    return ran
