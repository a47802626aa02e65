"""`scripts/setup` makes an environment with uv or with pip, and does nothing when it is there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "tiny"
version = "1"
"""

BACKEND = '''
"""Builds an editable wheel without any package from an index."""
import zipfile

def build_editable(folder, settings=None, metadata=None):
    name = "tiny-1-py3-none-any.whl"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.writestr("tiny.py", "")
        facts = "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1"
        wheel.writestr("tiny-1.dist-info/METADATA", facts)
        wheel.writestr("tiny-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any")
        wheel.writestr("tiny-1.dist-info/RECORD", "")
    return name
'''

UV = """#!/bin/sh
[ "$1" = --version ] && exit 0
echo "$@" >> "{log}"
exit {code}
"""


@pytest.fixture
def project(tmp_path):
    """Return a folder with the script and a project without dependencies."""
    folder = tmp_path / "project"
    (folder / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "setup", folder / "scripts")
    (folder / "scripts" / "constraints.txt").write_text("")
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "backend.py").write_text(BACKEND)
    return folder


def put_uv(project, *, code=0):
    """Put a program on the path that notes how it is called as `uv`, and ends with a code."""
    programs = project.parent / "programs"
    programs.mkdir(exist_ok=True)
    (programs / "uv").write_text(UV.format(log=project.parent / "calls", code=code))
    (programs / "uv").chmod(0o755)


def calls(project):
    """Return the lines with which `uv` was called."""
    log = project.parent / "calls"
    return log.read_text().splitlines() if log.exists() else []


def run(project, *arguments, **variables):
    """Run the script without a network; return the exit code and what it prints."""
    path = f"{project.parent / 'programs'}:/usr/bin:/bin"
    pip = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
    env = {"PATH": path, "HOME": str(project.parent), "PYTHON": sys.executable} | pip | variables
    done = subprocess.run(
        [project / "scripts" / "setup", *arguments],
        env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def has_package(project):
    """Return whether the project is installed in its environment."""
    python = project / ".venv" / "bin" / "python"
    look = "import importlib.util, sys; sys.exit(importlib.util.find_spec('tiny') is None)"
    return subprocess.run([python, "-c", look], check=False).returncode == 0


def test_uv_is_used_where_it_is_installed(project):
    """It gets the pins, the extra and a pip for later; pip itself is not run."""
    put_uv(project)
    code, printed = run(project, "test")
    assert (code, printed.count("\n")) == (0, 1), printed
    (call,) = calls(project)
    assert call.startswith("pip install -q --python .venv/bin/python pip ")
    assert call.endswith("--constraint scripts/constraints.txt --editable .[test]")


def test_a_second_run_does_nothing(project):
    """It neither prints nor calls anything, until the pins or the project's list change."""
    put_uv(project)
    assert run(project)[0] == 0
    assert run(project) == (0, "")
    assert len(calls(project)) == 1
    (project / "scripts" / "constraints.txt").write_text("numpy==2.4.6\n")
    assert run(project)[0] == 0
    assert len(calls(project)) == 2


@pytest.mark.parametrize("has_uv", [True, False])
def test_pip_does_the_work_where_uv_cannot(project, has_uv):
    """A uv that fails, or that is neither installed nor to be had, costs no environment."""
    if has_uv:
        put_uv(project, code=2)
    code, printed = run(project)
    assert code == 0, printed
    assert ("uv could not install the packages; trying pip" in printed) == has_uv
    assert has_package(project)
    assert run(project) == (0, "")


def test_a_failure_is_tried_again(project):
    """If pip fails, too, the script fails, and the next run starts over."""
    (project / "backend.py").rename(project / "elsewhere.py")
    assert run(project)[0] != 0
    (project / "elsewhere.py").rename(project / "backend.py")
    assert run(project)[0] == 0
    assert has_package(project)


def test_packages_are_not_compiled_in_advance(project):
    """Compiling every module of every package with pip takes half of the time."""
    assert run(project)[0] == 0
    assert has_package(project)
    assert not list(project.glob(".venv/lib/*/site-packages/__pycache__/tiny.*"))
