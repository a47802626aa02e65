"""What only annotations need is not imported at run time: it would slow the start of a worker."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import corpus

PACKAGE = Path(corpus.__file__).parent
MODULES = [
    path.relative_to(PACKAGE.parent).with_suffix("")
    for folder in ("", "pipeline", "similarity")
    for path in sorted((PACKAGE / folder).glob("*.py"))
    if "TYPE_CHECKING:\n" in path.read_text(encoding="utf-8")
]

LARGE = ("pandas", "numba", "scipy", "sklearn", "datasets", "trafilatura", "langdetect")


def names_for_annotations(source: str) -> set[str]:
    """Return the names that a module imports for annotations only."""
    return {
        alias.asname or alias.name.partition(".")[0]
        for node in ast.parse(source).body
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for each in ast.walk(node)
        if isinstance(each, ast.Import | ast.ImportFrom)
        for alias in each.names
    }


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_names_for_annotations_are_not_imported(path):
    """A module has no name at run time that it imports if `TYPE_CHECKING` is true."""
    module = importlib.import_module(".".join(path.parts))
    names = names_for_annotations(Path(module.__file__).read_text(encoding="utf-8"))
    assert names
    assert names.isdisjoint(vars(module))


def test_a_command_starts_without_large_packages():
    """What takes a quarter of a second to import waits until it is used, if it ever is."""
    code = "import corpus.config.model, corpus.pipeline.build, corpus.cli.commands, sys; "
    code += f"print([name for name in {LARGE} if name in sys.modules])"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert output.stdout == b"[]\n"


def large_packages_of(command, folder):
    """Run a command in a process that seems to have all kernels, and return what it imported."""
    code = (
        "import sys; from corpus.sources.json import lines; lines.is_compiled = lambda _: True; "
        "from corpus.cli.commands import main\n"
        f"try: main({command!r}.split())\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        f"print([name for name in {LARGE} if name in sys.modules])"
    )
    run = [sys.executable, "-c", code]
    output = subprocess.run(run, capture_output=True, check=True, cwd=folder, text=True).stdout
    return output.splitlines()[-1]


def test_no_command_imports_what_its_workers_compute_with(tmp_path):
    """Neither `check` nor a build, a new or an unchanged one, needs it in its own process."""
    record = '{"text": "' + "A sentence of a file that is large. " * 100 + '"}\n'
    (tmp_path / "a.jsonl").write_text(record * 800, encoding="utf-8")
    (tmp_path / "c.yaml").write_text("name: c\nsources: [{path: a.jsonl}]\n", encoding="utf-8")
    assert large_packages_of("check c.yaml", tmp_path) == "[]"
    assert large_packages_of("build c.yaml", tmp_path) == "[]"
    assert large_packages_of("build c.yaml", tmp_path) == "[]"
