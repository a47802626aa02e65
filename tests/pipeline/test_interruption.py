"""A build that is interrupted, killed or starved leaves the old one whole, and nothing else."""

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
    """Takes its time, and says that it has begun."""
    stage: Literal["slow"] = "slow"
    seconds: float = 0
    """How long a batch takes."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        open(os.environ["BEGUN"], "a").close()
        time.sleep(self.seconds)
        return documents
'''


def start(folder: Path, *options: str, **more: object) -> subprocess.Popen[str]:
    """Start a build in a process of its own."""
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
    environment = os.environ | {"BEGUN": str(folder / "begun")}
    return subprocess.Popen(
        call,
        cwd=folder,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        **{"preexec_fn": heeding} | more,
    )


def heeding() -> None:
    """Heed SIGINT, which a process started in the background of a shell inherits as ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for a build to end; return its exit code and what it said."""
    _, said = process.communicate(timeout=60)
    return process.returncode, said


def begun(folder: Path, process: subprocess.Popen[str]) -> None:
    """Wait until a worker is at work."""
    for _ in range(600):
        if (folder / "begun").exists():
            return
        assert process.poll() is None
        time.sleep(0.1)
    raise AssertionError("no worker ever began")


def workers_of(pid: int) -> list[int]:
    """Return the processes that descend from a process."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(status.parent.name))
    found, new = [], [pid]
    while new:
        new = [child for parent in new for child in children.get(parent, [])]
        found += new
    return found


def gone(pids: list[int]) -> bool:
    """Wait until none of these processes runs any more."""
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
def test_however_a_build_ends_the_old_one_stands_and_nothing_runs_on(tmp_path, sent, code):
    """The exit code tells the signal, the old build is untouched, and the next build works."""
    assert ended(start(tmp_path))[0] == 0
    before = contents(tmp_path / "out" / "c")
    (tmp_path / "begun").unlink()
    process = start(tmp_path, "--set", "stages.Slow.seconds=60", start_new_session=True)
    begun(tmp_path, process)
    workers = workers_of(process.pid)
    assert workers
    process.send_signal(sent)
    found, said = ended(process)

    assert found == code
    assert "Traceback" not in said
    assert gone(workers)
    assert contents(tmp_path / "out" / "c") == before
    assert ended(start(tmp_path))[0] == 0


def test_a_second_build_is_told_which_process_is_first(tmp_path):
    """Two builds into one place: the second ends with 4 and says who holds the lock."""
    first = start(tmp_path, "--set", "stages.Slow.seconds=60")
    begun(tmp_path, first)
    code, said = ended(start(tmp_path))
    first.kill()
    ended(first)

    assert code == 4
    assert f"another build is writing here (process {first.pid})" in said


def test_a_disk_that_takes_no_more_is_told_and_nothing_is_published(tmp_path):
    """Where writing fails the build ends with 4, says why, and leaves no half."""

    def starve() -> None:
        import resource

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    code, said = ended(start(tmp_path, preexec_fn=starve))

    assert code == 4
    assert "File too large" in said
    assert not (tmp_path / "out" / "c").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_told(tmp_path):
    """Where the output may not be written the build ends with 4 and names the folder."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out").chmod(0o500)
    code, said = ended(start(tmp_path))

    assert code == 4
    assert "Permission denied" in said
