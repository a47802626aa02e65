"""Change the code in small ways, one at a time, and count the changes that the tests notice.

The modules are those that a lost document would come from: pipeline, storage, ledgers, similarity.
A mutant replaces a comparison, a boolean operator, a constant, a condition or a return value. It is
killed if the tests of its folder fail, or take far too long. Mutants are drawn evenly from all, so
a part of them estimates the score; all of them take a night.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from reliability.builds import PROJECT
from reliability.figure import Effort, Figure, not_run, spread

NAME = "mutation score of pipeline, storage, ledger, similarity"
TARGET = ">= 80 %"
SCORE = 0.8
SECONDS = 900
TESTS = {
    "corpus/storage.py": ["tests/test_storage.py", "tests/pipeline/test_interruption.py"],
    "corpus/pipeline": ["tests/pipeline"],
    "corpus/similarity": ["tests/similarity", "tests/stages/test_deduplicate.py"],
}
"""The modules that are changed, and the tests that must notice."""

_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip


class Mutant(NamedTuple):
    """A module with one change."""

    module: Path
    line: int
    what: str
    source: str


class _Change(ast.NodeTransformer):
    """Carry out the change of this number, counting all that are possible."""

    def __init__(self, number: int) -> None:
        self.number, self.seen = number, 0
        self.line, self.what = 0, ""

    def _chosen(self, node: ast.expr | ast.stmt, what: str) -> bool:
        self.seen += 1
        if self.seen != self.number:
            return False
        self.line, self.what = node.lineno, what
        return True

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        """Replace a comparison by its opposite."""
        self.generic_visit(node)
        opposite = _OPPOSITE[type(node.ops[0])]
        if self._chosen(node, f"{type(node.ops[0]).__name__} -> {opposite.__name__}"):
            node.ops[0] = opposite()
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        """Replace `and` by `or`, and `or` by `and`."""
        self.generic_visit(node)
        if self._chosen(node, "and <-> or"):
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        """Add one to a number, and invert a truth value."""
        if isinstance(node.value, bool):
            if self._chosen(node, f"{node.value} -> {not node.value}"):
                node.value = not node.value
        elif isinstance(node.value, int) and self._chosen(node, f"{node.value} -> + 1"):
            node.value += 1
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        """Leave out `not`."""
        self.generic_visit(node)
        if isinstance(node.op, ast.Not) and self._chosen(node, "not x -> x"):
            return node.operand
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        """Leave out a call whose result is not used."""
        if isinstance(node.value, ast.Call) and self._chosen(node, "a call left out"):
            return ast.copy_location(ast.Pass(), node)
        if isinstance(node.value, ast.Constant):
            return node  # a docstring
        self.generic_visit(node)
        return node


def number_of_mutants(source: str) -> int:
    """Return how many mutants a module has."""
    change = _Change(0)
    change.visit(ast.parse(source))
    return change.seen


def mutate(module: Path, source: str, number: int) -> Mutant:
    """Return the mutant of this number, from 1 on."""
    change = _Change(number)
    tree = change.visit(ast.parse(source))
    return Mutant(module, change.line, change.what, ast.unparse(ast.fix_missing_locations(tree)))


def mutants() -> list[tuple[Path, int, list[str]]]:
    """Return module, number and tests of every mutant."""
    found = []
    for place, tests in TESTS.items():
        path = PROJECT / place
        for module in [path] if path.is_file() else sorted(path.glob("*.py")):
            total = number_of_mutants(module.read_text())
            found += [(module, number, tests) for number in range(1, total + 1)]
    return found


def survives(copy: Path, mutant: Mutant, tests: list[str]) -> bool:
    """Write a mutant into a copy of the project; return whether its tests pass all the same."""
    target = copy / mutant.module.relative_to(PROJECT)
    before = target.read_text()
    target.write_text(mutant.source)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests],
            cwd=copy,
            env=os.environ | {"PYTHONPATH": str(copy)},
            capture_output=True,
            check=False,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return False
    finally:
        target.write_text(before)
    return ended.returncode == 0


def judge(scratch: Path, trials: int) -> Iterator[tuple[Mutant, bool]]:
    """Yield the chosen mutants, and whether each survives."""
    copy = scratch / "project"
    ignored = shutil.ignore_patterns(".git", ".venv", "*_cache", "__pycache__")
    shutil.copytree(PROJECT, copy, ignore=ignored)
    every = mutants()
    for index in spread(len(every), trials):
        module, number, tests = every[index - 1]
        mutant = mutate(module, module.read_text(), number)
        yield mutant, survives(copy, mutant, tests)


def measure(effort: Effort) -> list[Figure]:
    """Return the figure of the score."""
    if effort.quick:
        return [not_run(NAME, TARGET, "takes hours; run without --quick")]
    seen = list(judge(effort.scratch, effort.choose(quick=1, full=400)))
    killed = sum(not alive for _, alive in seen)
    score = killed / len(seen)
    lines = tuple(
        f"survived: {mutant.module.relative_to(PROJECT)}:{mutant.line}: {mutant.what}"
        for mutant, alive in seen
        if alive
    )
    measured = f"{100 * score:.0f} % ({killed} of {len(seen)} mutants, of {len(mutants()):,})"
    return [Figure(NAME, TARGET, measured, score >= SCORE, lines)]
