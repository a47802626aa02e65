"""End a command at a signal, also while it waits in a library that Python cannot interrupt.

Python runs the handler of a signal when the main thread is back from C. A call to a remote file
system or a resolver may take minutes. So a second thread also learns of each signal, and ends the
process if the handler has not run after a second. Nothing is lost: the system releases the lock,
workers end with their parent, and the next build deletes what is left of this one.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

from corpus.left_behind import is_any_left_behind
from corpus.pipeline.fork_server import WAITING_THREAD

CONTINUE = "run the same command again to continue"

PATIENCE_SECONDS = 1.0
"""How long the handler may take to start."""

_WORDS = {
    signal.SIGINT: f"\ncorpus: interrupted; {CONTINUE}\n",
    signal.SIGTERM: f"\ncorpus: terminated; {CONTINUE}\n",
}


class Terminated(BaseException):
    """The system asked the process to end; the lock and temporary files are released on the way."""


@contextmanager
def ending_blocked_calls() -> Iterator[None]:
    """Raise `KeyboardInterrupt` or `Terminated` at a signal, or end the process if that is late."""
    handled = threading.Event()
    earlier = {number: signal.getsignal(number) for number in _WORDS}

    def handle(number: int, _: FrameType | None) -> NoReturn:
        handled.set()
        raise KeyboardInterrupt if number == signal.SIGINT else Terminated

    for number, handler in earlier.items():
        if number == signal.SIGTERM or handler == signal.default_int_handler:
            signal.signal(number, handle)
    receiver, sender = socket.socketpair()
    sender.setblocking(False)
    before = signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
    watch = threading.Thread(
        target=_watch, args=(receiver, handled), name=WAITING_THREAD, daemon=True
    )
    watch.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        sender.close()
        for number, handler in earlier.items():
            signal.signal(number, handler)


def _watch(receiver: socket.socket, handled: threading.Event) -> None:
    """End the process if a signal arrives whose handler does not run."""
    with receiver, suppress(OSError):
        while numbers := receiver.recv(1):
            words = _WORDS.get(signal.Signals(numbers[0]))
            if words and not handled.wait(PATIENCE_SECONDS):
                sys.stderr.write(words)
                sys.stderr.flush()
                os._exit(128 + numbers[0])


def end_process(code: int) -> NoReturn:
    """End the process with this code, without waiting for calls that were left behind."""
    if not is_any_left_behind():
        sys.exit(code)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
