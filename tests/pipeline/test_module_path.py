"""No process of a build imports code from the working directory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from corpus.errors import EnvironmentFault
from corpus.kernels import njit
from corpus.pipeline.engine import Local
from corpus.pipeline.module_path import safe_environment, search_working_directory_last

ROOT = Path(__file__).parents[2]
STANDARD = (
    "base64 bz2 contextlib copyreg csv decimal gzip json logging lzma numbers pickle platform "
    "queue random resource secrets selectors signal socket statistics string struct subprocess "
    "tempfile threading uuid sitecustomize usercustomize"
)
INSTALLED = (
    "click datasets fastwarc langdetect lxml numba numpy orjson pandas pebble pyarrow pydantic "
    "py3langid resiliparse rich scipy sklearn yaml brotli fasttext tensorflow torch zstandard"
)
EARLY = {"contextlib", "copyreg"}
"""Modules that Python itself may import before `python -m corpus` begins."""

CODE = """
import os
with open(os.environ["RAN"], "a") as log:
    log.write(f"{__name__} in {open('/proc/self/cmdline').read()[:80]!r}\\n")
raise RuntimeError(f"{__name__} of the working directory was imported")
"""


@pytest.fixture
def downloaded(tmp_path) -> Path:
    """Return a folder with a config, texts, and files that are called like Python's modules."""
    folder = tmp_path / "downloaded"
    (folder / "in").mkdir(parents=True)
    rows = [{"text": f"The ferry to island {i} left at noon, with mail."} for i in range(30)]
    (folder / "in" / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (folder / "my_stages.py").write_text(
        "from typing import Literal\nfrom corpus.stages import DocumentStage\n\n\n"
        "class Same(DocumentStage):\n    stage: Literal['same'] = 'same'\n\n"
        "    def apply(self, documents):\n        return documents\n"
    )
    (folder / "c.yaml").write_text(
        "name: c\nsources: [{path: in}]\nstages: [{use: 'my_stages:Same'}, language, split]\n"
    )
    for name in f"{STANDARD} {INSTALLED}".split():
        (folder / f"{name}.py").write_text(CODE)
    (tmp_path / "command.py").write_text("from corpus.cli.commands import main\n\nmain()\n")
    return folder


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder; what runs there writes into the file `ran` beside it."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "RAN": str(folder.parent / "ran")}
    environment.pop("PYTHONSAFEPATH", None)
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def test_a_build_runs_no_code_of_the_working_directory(downloaded):
    """Command, fork server, resource tracker and workers import nothing; a named stage is found."""
    done = run(downloaded, str(downloaded.parent / "command.py"), "build", "c.yaml", "-q")

    ran = downloaded.parent / "ran"
    assert done.returncode == 0, done.stderr
    assert not ran.exists(), ran.read_text()


def test_python_m_corpus_leaves_the_working_directory_out(downloaded):
    """`python -m corpus` imports nothing from there, once it has begun."""
    for name in EARLY:
        (downloaded / f"{name}.py").unlink()
    done = run(downloaded, "-m", "corpus", "check", "c.yaml")

    ran = downloaded.parent / "ran"
    assert done.returncode == 0, done.stderr
    assert not ran.exists(), ran.read_text()


def test_the_environment_is_as_before_after_a_build():
    """Other processes of the caller are not affected once the workers have ended."""
    before = dict(os.environ)
    with Local(1) as workers:
        assert list(workers.map(os.getenv, ["PYTHONSAFEPATH"])) == ["1"]
    assert os.environ.get("PYTHONSAFEPATH") == before.get("PYTHONSAFEPATH")
    assert os.environ.get("PYTHONPATH") == before.get("PYTHONPATH")


def test_a_checkout_that_is_not_installed_is_found_by_its_processes(monkeypatch):
    """If only the working directory has this package, its folder is named for the processes."""
    monkeypatch.setattr(sys, "path", [str(ROOT), "/elsewhere"])
    monkeypatch.setenv("PYTHONPATH", "/given")
    with safe_environment():
        assert os.environ["PYTHONPATH"] == f"/given{os.pathsep}{ROOT}"
    assert os.environ["PYTHONPATH"] == "/given"


def test_a_worker_searches_the_working_directory_last(monkeypatch, tmp_path):
    """A stage imported from the working directory of a notebook is found, and hides nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", "/b", str(tmp_path), "/a"])
    search_working_directory_last()
    assert sys.path == ["/b", "/a", "", str(tmp_path)]


def test_settings_of_numba_in_the_working_directory_are_refused(monkeypatch, tmp_path):
    """Where numba would read its settings from there, the message names the file and what to do."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    (tmp_path / ".numba_config.yaml").write_text("disable_jit: 1\n")
    with pytest.raises(EnvironmentFault, match=r"numba_config\.yaml: .*in another folder"):
        njit(abs)
