"""Change the code in small ways, one at a time, and count the changes that the tests notice.

    python scripts/reliability/mutation_score.py [--trials N] [--seed N] [--only PACKAGE ...]
        [--first-tests]

The modules are those that a lost document would come from: storage, ledgers, pipeline, similarity.
The changes are those of cosmic-ray: other operators and comparisons, numbers one higher or lower,
conditions inverted, loops that never run or never end early, other exceptions. Each place in the
code has the same chance to be drawn, with a fixed seed, however many changes it allows. Changes of
type annotations and decorators are left out: no test could see them.

A change is noticed if a test of its package fails or takes far too long. A change with which the
code does the same counts as not noticed. With `--first-tests`, only those tests run that are most
likely to notice, so the score is a lower bound. After the survivors of one seed got their tests,
only another seed gives an honest score.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from reliability.builds import PROJECT
from reliability.figure import Effort, Figure, not_run

NAME = "mutation score"
TARGET = ">= 80 %"
SCORE = 0.8
SEED = 17
TEST_SECONDS = 150
"""A change is noticed if a single test takes longer, with the kernels that it compiles."""
EXTRA_SECONDS, TIMES_AS_LONG = 120, 5
"""A change is noticed if all tests together take this much longer than without it."""


class Package(NamedTuple):
    """What is changed, and which tests must notice."""

    modules: Sequence[str]
    tests: Sequence[str]
    """The tests that run first, after those with the name of the module or that import it."""
    more_tests: Sequence[str]
    """The tests that a change must survive as well: hours, unless most were noticed before."""


PACKAGES = {
    "storage": Package(
        ["corpus/storage.py"],
        ["tests/test_storage.py", "tests/builds/test_exchange.py"],
        ["tests/pipeline/test_build.py", "tests/pipeline/test_interruption.py"],
    ),
    "ledger": Package(
        ["corpus/pipeline/ledgers.py", "corpus/pipeline/line_ledger.py"],
        ["tests/pipeline/test_ledgers.py", "tests/pipeline/test_line_ledger.py"],
        ["tests/pipeline"],
    ),
    "pipeline": Package(["corpus/pipeline"], ["tests/pipeline/test_build.py"], ["tests/pipeline"]),
    "similarity": Package(
        ["corpus/similarity"],
        ["tests/similarity/test_greedy.py", "tests/stages/test_deduplicate.py"],
        [
            "tests/similarity",
            *(f"tests/stages/test_{name}.py" for name in ("split", "containment")),
            "tests/stages/test_deduplicate_lines.py",
        ],
    ),
}

LEFT_OUT = ("RemoveDecorator", "VariableInserter", "VariableReplacer")
"""Operators that change nothing but speed, or that need the name of a variable."""


class Place(NamedTuple):
    """A place in a module, and what cosmic-ray can change there."""

    module: Path
    line: int
    changes: list[tuple[str, int]]
    """The name of the operator, and which of its occurrences in the module it is."""


class Mutant(NamedTuple):
    """A module with one change."""

    module: Path
    line: int
    operator: str
    source: str

    def describe(self) -> str:
        """Return where the change is, and what it is: the line before and after it."""
        before = self.module.read_text(encoding="utf-8").splitlines()
        after = self.source.splitlines()
        changed = next((a for a, b in zip(after, before, strict=False) if a != b), "(line removed)")
        where = f"{self.module.relative_to(PROJECT)}:{self.line}"
        return f"{where}: {self.operator}: {changed.strip()}"


def find_places(module: Path) -> list[Place]:
    """Return the places of a module at which an operator of cosmic-ray applies."""
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.plugins import get_operator, operator_names

    nodes = list(ast_nodes(get_ast(module.read_text(encoding="utf-8"))))
    places: dict[Any, Place] = {}
    for name in sorted(operator_names()):
        family = name.removeprefix("core/").split("_")[0]
        if family in LEFT_OUT:
            continue
        operator, occurrence = get_operator(name)(), 0
        for node in nodes:
            for start, end in operator.mutation_positions(node):
                place = places.setdefault((start, end, family), Place(module, start[0], []))
                place.changes.append((name, occurrence))
                occurrence += 1
    return list(places.values())


def change(place: Place, generator: random.Random) -> Mutant | None:
    """Return a mutant with one of the changes of a place; None if it would run the same code."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    name, occurrence = generator.choice(place.changes)
    before = place.module.read_text(encoding="utf-8")
    after = mutate_code(before, get_operator(name)(), occurrence)
    if after is None or same_code(before, after):
        return None
    return Mutant(place.module, place.line, name.removeprefix("core/"), after)


def same_code(before: str, after: str) -> bool:
    """Return whether two modules differ in nothing but annotations, or one cannot be compiled."""
    try:
        return _without_annotations(before) == _without_annotations(after)
    except SyntaxError:
        return True


def _without_annotations(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
        elif isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
    return ast.dump(tree)


def draw(package: str, trials: int, seed: int = SEED) -> list[Mutant]:
    """Return mutants of a package, at places drawn evenly and the same for the same seed."""
    paths = [PROJECT / place for place in PACKAGES[package].modules]
    modules = [module for path in paths for module in sorted(path.glob("*.py")) or [path]]
    places = [place for module in modules for place in find_places(module)]
    generator = random.Random(seed)  # noqa: S311  not for cryptography
    generator.shuffle(places)
    mutants: list[Mutant] = []
    for place in places:
        mutant = change(place, generator)
        if mutant is not None:
            mutants.append(mutant)
        if len(mutants) == trials:
            break
    return mutants


def tests_of(module: Path, folders: Sequence[str]) -> list[str]:
    """Return the test files for a module: those with its name, those that import it, the others.

    Those that import it are in the folder of its package. The others are the test files in
    `folders`.
    """
    paths = [PROJECT / folder for folder in folders]
    files = [file for path in paths for file in sorted(path.rglob("test_*.py")) or [path]]
    own = sorted((PROJECT / "tests").rglob(f"test_{module.stem}.py"))
    files = [*files, PROJECT / "tests" / "test_run_time_imports.py"]
    package = sorted((PROJECT / "tests" / module.parent.name).rglob("test_*.py"))
    importing = [file for file in package if _imports(file, module)]
    return [str(file.relative_to(PROJECT)) for file in dict.fromkeys([*own, *importing, *files])]


def _imports(file: Path, module: Path) -> bool:
    """Return whether a test file imports the module, or names from it."""
    name = ".".join(module.relative_to(PROJECT).with_suffix("").parts)
    imported: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return name in imported


class End(NamedTuple):
    """How the tests ended."""

    passed: bool
    seconds: float


def run_tests(copy: Path, tests: Sequence[str], *, seconds: float | None = None) -> End:
    """Run tests in a copy of the project until one fails; too long counts as failed."""
    limit = [f"faulthandler_timeout={TEST_SECONDS}", "faulthandler_exit_on_timeout=true"]
    options = ["-x", "-q", "-p", "no:cacheprovider", *(f"--override-ini={line}" for line in limit)]
    call = [sys.executable, "-m", "pytest", *options, *tests]
    start = time.monotonic()
    process = subprocess.Popen(
        call,
        cwd=copy,
        env=os.environ | {"PYTHONPATH": _search_path(copy), "CORPUS_CACHE": f"{copy}.cache"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        passed = process.wait(seconds) == 0
    except subprocess.TimeoutExpired:
        passed = False
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return End(passed, time.monotonic() - start)


def _search_path(copy: Path) -> str:
    return os.pathsep.join([str(copy), *filter(None, [os.environ.get("PYTHONPATH")])])


def survives(copy: Path, mutant: Mutant, tests: Sequence[str], *, seconds: float) -> bool:
    """Write a mutant into a copy of the project; return whether its tests pass all the same."""
    target = copy / mutant.module.relative_to(PROJECT)
    before = target.read_text(encoding="utf-8")
    status = target.stat()
    target.write_text(mutant.source, encoding="utf-8")
    try:
        return run_tests(copy, tests_of(mutant.module, tests), seconds=seconds).passed
    finally:
        target.write_text(before, encoding="utf-8")
        os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))


def judge(
    copy: Path, package: str, trials: int, *, seed: int = SEED, more: bool = True
) -> Iterator[tuple[Mutant, bool]]:
    """Yield the drawn mutants of a package, and whether each survives its tests.

    Works in a copy of the project, which is made if it is missing. Without `more`, only the tests
    run that are most likely to notice.
    """
    _, tests, more_tests = PACKAGES[package]
    folders = [*tests, *(more_tests if more else ())]
    if not copy.exists():
        ignored = shutil.ignore_patterns(".*", "*_cache", "__pycache__", "build")
        shutil.copytree(PROJECT, copy, ignore=ignored)
    unchanged = run_tests(copy, folders)
    if not unchanged.passed:
        raise RuntimeError(f"{package}: its tests fail without a change")
    seconds = EXTRA_SECONDS + TIMES_AS_LONG * unchanged.seconds
    for mutant in draw(package, trials, seed):
        yield mutant, survives(copy, mutant, folders, seconds=seconds)


def measure(effort: Effort) -> list[Figure]:
    """Return the score of each package."""
    names = ", ".join(PACKAGES)
    if effort.quick:
        return [not_run(f"{NAME} of {names}", TARGET, "takes hours; run without --quick")]
    if importlib.util.find_spec("cosmic_ray") is None:
        return [not_run(f"{NAME} of {names}", TARGET, "cosmic-ray is not installed")]
    figures = []
    for package in PACKAGES:
        seen = list(judge(effort.scratch / "project", package, effort.choose(quick=1, full=40)))
        killed = sum(not alive for _, alive in seen)
        survivors = tuple(f"survived: {mutant.describe()}" for mutant, alive in seen if alive)
        score = killed / len(seen)
        measured = f"{100 * score:.0f} % ({killed} of {len(seen)} mutants)"
        figures.append(Figure(f"{NAME}: {package}", TARGET, measured, score >= SCORE, survivors))
    return figures


def main() -> None:
    """Print each mutant, and the score of each package."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--trials", type=int, default=40, help="mutants of each package")
    parser.add_argument("--seed", type=int, default=SEED, help="another seed draws other mutants")
    parser.add_argument("--only", nargs="+", choices=PACKAGES, default=list(PACKAGES))
    parser.add_argument("--first-tests", action="store_true", help="only the likeliest tests")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        for package in options.only:
            seen = []
            copy, more = Path(folder).resolve() / "project", not options.first_tests
            judged = judge(copy, package, options.trials, seed=options.seed, more=more)
            for mutant, alive in judged:
                seen.append(alive)
                print("survived:" if alive else "killed:  ", mutant.describe(), flush=True)
            print(f"{package}: {seen.count(False)} of {len(seen)} mutants killed", flush=True)


if __name__ == "__main__":
    main()
