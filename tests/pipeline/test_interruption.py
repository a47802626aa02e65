"""Interruptions: a build that is stopped, killed or out of space leaves the old one unchanged."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SLOW = '''
import os, time
from typing import Literal
import pyarrow as pa
from corpus.stages import DocumentStage

class Slow(DocumentStage):
    """Sleeps, and creates a file when it starts."""
    stage: Literal["slow"] = "slow"
    seconds: float = 0
    """Seconds for each batch."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        open(os.environ["STARTED"], "a").close()
        time.sleep(self.seconds)
        return documents
'''


def start(folder: Path, *options: str, **more: object) -> subprocess.Popen[str]:
    """Start a build in another process."""
    (folder / "slow.py").write_text(SLOW)
    (folder / "in.jsonl").write_text(
        "".join(json.dumps({"text": f"The council met on day {i}."}) + "\n" for i in range(20))
    )
    (folder / "c.yaml").write_text(
        "name: c\nsources: [{path: in.jsonl}]\nstages: [{use: 'slow:Slow', seconds: 0}]\n"
        "output: {path: out/c}\n"
    )
    call = [
        sys.executable,
        "-c",
        "from corpus.cli.commands import main; main()",
        "build",
        "c.yaml",
        *options,
    ]
    environment = os.environ | {"STARTED": str(folder / "started")}
    return subprocess.Popen(
        call,
        cwd=folder,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        **{"preexec_fn": accept_interrupts} | more,
    )


def accept_interrupts() -> None:
    """Handle SIGINT, which is ignored in a process that a shell starts in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for a build to end; return its exit code and its stderr."""
    _, stderr = process.communicate(timeout=60)
    return process.returncode, stderr


def wait_for_worker(folder: Path, process: subprocess.Popen[str]) -> None:
    """Wait until a worker has started its task."""
    for _ in range(600):
        if (folder / "started").exists():
            return
        assert process.poll() is None
        time.sleep(0.1)
    raise AssertionError("no worker has started")


def workers_of(pid: int) -> list[int]:
    """Return the ids of all descendants of a process."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(status.parent.name))
    descendants, parents = [], [pid]
    while parents:
        parents = [child for parent in parents for child in children.get(parent, [])]
        descendants += parents
    return descendants


def have_ended(pids: list[int]) -> bool:
    """Wait for these processes to end; return whether they did."""
    for _ in range(100):
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return True
        time.sleep(0.1)
    return False


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file below a folder."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("sent", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)],
)
def test_a_signal_ends_the_build_and_its_workers_and_keeps_the_old_build(tmp_path, sent, code):
    """The exit code tells the signal, no worker survives, and the next build works."""
    assert wait(start(tmp_path))[0] == 0
    before = contents(tmp_path / "out" / "c")
    (tmp_path / "started").unlink()
    process = start(tmp_path, "--set", "stages.Slow.seconds=60", start_new_session=True)
    wait_for_worker(tmp_path, process)
    workers = workers_of(process.pid)
    assert workers
    process.send_signal(sent)
    exit_code, stderr = wait(process)

    assert exit_code == code
    assert "Traceback" not in stderr
    assert have_ended(workers)
    assert contents(tmp_path / "out" / "c") == before
    assert wait(start(tmp_path))[0] == 0


def test_a_second_build_names_the_process_of_the_first(tmp_path):
    """The second of two builds into one folder exits with 4 and names the process."""
    first = start(tmp_path, "--set", "stages.Slow.seconds=60")
    wait_for_worker(tmp_path, first)
    code, stderr = wait(start(tmp_path))
    first.kill()
    wait(first)

    assert code == 4
    assert f"another build is writing here (process {first.pid})" in stderr


def test_a_full_disk_ends_the_build_and_nothing_is_published(tmp_path):
    """If a file cannot be written, the build exits with 4 and gives the reason."""

    def starve() -> None:
        import resource

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    code, stderr = wait(start(tmp_path, preexec_fn=starve))

    assert code == 4
    assert "File too large" in stderr
    assert not (tmp_path / "out" / "c").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_ends_the_build(tmp_path):
    """If the output folder is not writable, the build exits with 4 and gives the reason."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out").chmod(0o500)
    code, stderr = wait(start(tmp_path))

    assert code == 4
    assert "Permission denied" in stderr
