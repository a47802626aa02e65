"""A plain `pip install` gives a tool that works, with the pip that a distribution ships."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest

from corpus.version import DISTRIBUTION, install_hint

ROOT = Path(__file__).parents[1]
OLD_PIP = "23.2.1"  # skips extras that are spelled with other separators, such as lxml[html_clean]

PAGE = """<!doctype html><html><head><title>The mill opens again</title></head><body>
<nav><a href="/">Home</a> <a href="/sport">Sport</a></nav>
<article><h1>The mill opens again</h1>
<p>The old mill on the river opened its doors on Saturday, for the first time in forty years.
More than three hundred people walked through the rooms, and the baker sold all of her bread.</p>
<p>The council had bought the building in spring. It will house a museum and two workshops, and
the wheel is to turn again before the end of the year, the mayor told the crowd.</p>
<p>Volunteers repaired the roof and the floors. They still look for photographs of the mill from
the years before the war, and for anybody who remembers the last miller and his family.</p>
</article><footer>All rights reserved</footer></body></html>
"""


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """Run a command without our own environment; return what it prints."""
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=1200,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Return the wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, ROOT)
    return next(folder.glob("*.whl"))


def test_the_wheel_has_every_data_file(wheel):
    """Models, templates and the starter pages are installed with the code."""
    names = run(sys.executable, "-m", "zipfile", "-l", wheel)
    tracked = run("git", "ls-files", "corpus").split()
    assert tracked
    assert [name for name in tracked if name not in names] == []


def test_old_pip_installs_a_tool_that_reads_html(wheel, tmp_path):
    """With pip 23.2.1 and its dependency resolver, an HTML page becomes a document."""
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    run(python, "-m", "pip", "install", "-q", f"pip=={OLD_PIP}")
    assert OLD_PIP in run(python, "-m", "pip", "--version")
    run(
        python, "-m", "pip", "install", "-q", "-c", ROOT / "scripts" / "constraints.txt", wheel
    )  # fmt: skip
    (tmp_path / "mill.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "c.yaml").write_text("name: c\nsources: [{path: mill.html}]\nstages: [clean]\n")
    printed = run(tmp_path / "env" / "bin" / "corpus", "build", "c.yaml", cwd=tmp_path)

    assert "train 1 1 file" in " ".join(printed.split()), printed
    assert "bad_html" not in printed


def test_hints_name_our_distribution():
    """No hint installs the package of somebody else that is called `corpus`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["name"] == DISTRIBUTION
    assert install_hint("lingua") == "pip install 'pagecorpus[lingua]'"
    texts = [*ROOT.glob("corpus/**/*.py"), *ROOT.glob("docs/*.md"), ROOT / "README.md"]
    foreign = [path for path in texts if "install 'corpus" in path.read_text(encoding="utf-8")]
    assert foreign == []
