"""A signal ends a command at once, also while it waits in a library."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

CONFIG = """
name: c
sources: [{{path: '{uri}', remote: {{timeout: 60}}}}]
stages: [language]
output: {{path: out}}
"""


@pytest.fixture
def silent_server():
    """Return the URI of a bucket on a server that accepts connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        yield (
            listener,
            f"s3://news/*.jsonl?endpoint_override={address}&scheme=http&region=us-east-1",
        )


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_a_command_that_waits_for_a_server(tmp_path, silent_server, sent, code):
    """The command ends within seconds, although the time limit of the server is a minute."""
    listener, uri = silent_server
    config = tmp_path / "c.yaml"
    config.write_text(CONFIG.format(uri=uri))
    process = start("from corpus.cli.commands import main; main()", "check", str(config))
    connection, _ = listener.accept()
    began = time.monotonic()
    process.send_signal(sent)
    _, err = process.communicate(timeout=20)
    connection.close()

    assert process.returncode == code
    assert time.monotonic() - began < 5
    assert b"run the same command again to continue" in err


BLOCKED = """
import ctypes
from corpus.cli.signals import ending_blocked_calls

mutex = ctypes.create_string_buffer(64)
libc = ctypes.CDLL(None)
libc.pthread_mutex_lock(mutex)
with ending_blocked_calls():
    print("ready", flush=True)
    libc.pthread_mutex_lock(mutex)  # waits for itself, whatever signal arrives
"""


def test_a_signal_ends_a_call_that_does_not_return():
    """If the main thread never comes back from C, the second thread ends the process."""
    process = start(BLOCKED)
    assert process.stdout.readline() == b"ready\n"
    time.sleep(0.2)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=20)

    assert process.returncode == 143
    assert time.monotonic() - began < 5
    assert b"terminated" in err


def start(script, *arguments):
    """Start a Python script, with credentials for a server, and signals as in a terminal.

    A shell starts commands in the background with SIGINT ignored.
    """
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
