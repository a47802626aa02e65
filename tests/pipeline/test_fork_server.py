"""The fork server is a copy of a process only where that is safe, and it is a clean one."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from corpus.pipeline.fork_server import copy_process_as_fork_server

MODULE = """
import os, signal, sys
from pathlib import Path

def look(task):
    command, path = task
    server = os.getppid()
    status = Path(f"/proc/{server}/status").read_text().split()
    files = [os.path.realpath(each) for each in Path(f"/proc/{server}/fd").iterdir()]
    ignored = int(status[status.index("SigIgn:") + 1], 16)
    caught = int(status[status.index("SigCgt:") + 1], 16)
    return {
        "is_copy": Path(f"/proc/{server}/cmdline").read_bytes() == command,
        "has_file": path in files,
        "ignores_interrupts": bool(ignored & 1 << signal.SIGINT - 1),
        "catches_terminate": bool(caught & 1 << signal.SIGTERM - 1),
        "limit": sys.getrecursionlimit(),
    }
"""

SCRIPT = """
import json, signal, sys, threading
from pathlib import Path

from corpus.pipeline.engine import Local
from corpus.pipeline.warm_up import carry_out_order, work_order
from looking import look

def deep(n, function):
    return function() if n == 0 else deep(n - 1, function)

name, path, alone = sys.argv[1:]
kept = open(path)
task = Path("/proc/self/cmdline").read_bytes(), path
signal.signal(signal.SIGTERM, lambda *_: None)
if name:
    threading.Thread(target=threading.Event().wait, name=name, daemon=True).start()
print("once", end="")
prepare = carry_out_order if alone == "alone" else None
with Local(2, work_order([]), prepare) as engine:
    results = deep(50, lambda: list(engine.map(look, [task] * 4)))
sys.stdout.flush()
print(json.dumps(results[0]))
"""


def look_from_worker(tmp_path, name, alone):
    """Return what a worker sees of its fork server, in a process with another thread."""
    script, kept = tmp_path / "script.py", tmp_path / "kept"
    script.write_text(SCRIPT)
    (tmp_path / "looking.py").write_text(MODULE)
    kept.touch()
    run = [sys.executable, str(script), name, str(kept), alone]
    one_thread = os.environ | {"OPENBLAS_NUM_THREADS": "1"}  # numpy would start one more
    done = subprocess.run(run, capture_output=True, check=True, text=True, env=one_thread)
    assert done.stdout.count("once") == 1
    return json.loads(done.stdout.removeprefix("once"))


@pytest.mark.parametrize("name", ["", "corpus-waiting"])
def test_a_process_that_is_alone_is_copied(tmp_path, name):
    """The copy has none of its files and handlers of signals, and nothing is written twice."""
    seen = look_from_worker(tmp_path, name, "alone")
    assert seen["is_copy"]
    assert not seen["has_file"]
    assert seen["ignores_interrupts"]
    assert not seen["catches_terminate"]
    assert seen["limit"] > sys.getrecursionlimit() + 50


@pytest.mark.parametrize(("name", "alone"), [("other", "alone"), ("", ""), ("corpus-waiting", "")])
def test_any_other_process_is_not_copied(tmp_path, name, alone):
    """An unknown thread may hold a lock; and a script or a notebook is not ours to copy."""
    seen = look_from_worker(tmp_path, name, alone)
    assert not seen["is_copy"]
    assert not seen["has_file"]


def test_a_copy_that_is_not_safe_starts_nothing(monkeypatch):
    """A fork from another thread, or on a system without `/proc`, is never tried."""
    monkeypatch.setattr(os, "fork", None)
    monkeypatch.setattr("corpus.pipeline.fork_server.Path", lambda _: Missing())
    assert not copy_process_as_fork_server(lambda: None)


class Missing:
    """A folder that is not there."""

    def iterdir(self):
        """Raise what `Path.iterdir` does."""
        raise FileNotFoundError


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_a_command_with_closed_streams_builds(tmp_path, closed):
    """As one that a timer or a daemon starts."""
    (tmp_path / "a.jsonl").write_text('{"id": "a", "text": "One text of a few words."}\n')
    config = "name: c\nsources: [{path: a.jsonl}]\nstages: [split]\noutput: {path: out}\n"
    (tmp_path / "c.yaml").write_text(config, encoding="utf-8")
    command = f"exec {sys.executable} -m corpus build c.yaml -q {closed}"
    done = subprocess.run(["/bin/sh", "-c", command], cwd=tmp_path, check=False)
    assert done.returncode == 0
    assert (tmp_path / "out" / "manifest.json").is_file()
