"""Imports point downwards: no part of the package imports what stands above it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import corpus

PACKAGE = Path(corpus.__file__).parent

LAYERS = (
    ("",),  # corpus/__init__.py: the names that users import
    ("__main__", "api"),
    ("cli",),
    ("preview",),
    ("tuning",),
    ("pipeline",),
    ("training",),
    ("auditing",),
    ("builds",),
    ("config",),
    ("card",),
    ("stages",),
    ("articles",),
    ("languages", "contamination", "privacy", "signals", "classifier", "mixture", "tokens"),
    ("similarity",),
    ("sources",),
    ("words",),
)
"""The parts of the package, top floor first; every module that is not listed is ground floor."""

FLOOR = {part: number for number, parts in enumerate(LAYERS) for part in parts}
GROUND = len(LAYERS)


def imports(path: Path) -> set[str]:
    """Return the modules of the package that a file imports, wherever in it."""
    imported = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("corpus"):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            imported |= {name if is_module(name) else str(node.module) for name in names}
        elif isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names if alias.name.startswith("corpus")}
    return imported


def is_module(name: str) -> bool:
    """Return whether a dotted name is a module or a package of ours."""
    path = PACKAGE.parent.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def part(module: str) -> str:
    """Return the first name below `corpus`: a folder, or a module of the ground floor."""
    return module.split(".")[1] if "." in module else ""


def name_of(path: Path) -> str:
    """Return the dotted name of a file of the package."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


GRAPH = {name_of(path): imports(path) for path in sorted(PACKAGE.rglob("*.py"))}


@pytest.mark.parametrize("module", GRAPH)
def test_imports_point_downwards(module):
    """A module imports from its own part, or from a part on a lower floor."""
    here = part(module)
    floor = FLOOR.get(here, GROUND)
    for imported in GRAPH[module]:
        there = part(imported)
        if there == here:
            continue
        below = FLOOR.get(there, GROUND)
        ground = floor == below == GROUND
        assert below > floor or ground, f"{module} imports {imported}, which is not below it"


def test_no_circle():
    """No module imports itself by way of others."""
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join([*path[path.index(module) :], module])
        if module not in done:
            for imported in sorted(GRAPH.get(module, ())):
                if imported != module:
                    visit(imported, (*path, module))
            done.add(module)

    for module in GRAPH:
        visit(module, ())


def test_few_modules_stand_loose():
    """At most 20 modules lie directly in the package: a stranger looks there first."""
    assert len(list(PACKAGE.glob("*.py"))) <= 20
