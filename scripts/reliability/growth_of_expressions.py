"""Every regular expression of the package: how its time grows with text made to slow it down.

Found are compiled expressions in the variables of all modules, and literals in calls of `re`. The
texts repeat a part of the expression after what comes before it, or the expression's own characters
and pairs of them. An expression is used as its module uses it: one that is only matched at the
start of a text is not searched. One whose texts have a bounded length (`BOUNDS`) may grow as it
likes, but a text of that length takes at most `MAX_SECONDS_AT_BOUND`.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import corpus
from reliability.bounded_expressions import BOUNDS, STRIPPED
from reliability.growth import MAX_RATIO, SIZE_RATIO, TRIES, Growth
from reliability.repeated_parts import repeated_parts

SIZES = (25, 100, 400, 1_600, 6_400)
"""Characters of the smaller text; a larger size is tried as long as the search takes no time."""
MIN_SECONDS = 0.02
"""Times of the larger text below this are noise: quadratic work on the largest takes more."""
MAX_SECONDS = 5
"""CPU seconds after which a search is aborted."""
MAX_SECONDS_AT_BOUND = 0.02
SECONDS_PER_EXPRESSION = 3.0
COMMON = ' a0\n.-,<"\\/(|é'
ENDING = "\x00a\x00"
"""Ends a text with what no expression expects, whether it goes on with a word or without."""
ANCHORED = {"match", "fullmatch"}
FUNCTIONS = ("compile", "search", "split", "findall", "finditer", "sub", *ANCHORED)

Pattern = re.Pattern[Any]


class Expression(NamedTuple):
    """An expression, and the methods that its module calls: `finditer` stands for any search."""

    name: str
    pattern: Pattern
    methods: tuple[str, ...] = ("finditer",)

    @property
    def source(self) -> str:
        """Return the expression as text."""
        source = self.pattern.pattern
        return source.decode("latin-1") if isinstance(source, bytes) else source


def expressions() -> Iterator[Expression]:
    """Yield each expression of the package once; first those that have a name."""
    seen = set()
    for module in pkgutil.walk_packages(corpus.__path__, "corpus."):
        if module.name == "corpus.__main__":
            continue
        for found in [*_in_variables(module.name), *_in_calls(module.name)]:
            key = (found.pattern.pattern, found.pattern.flags)
            if key not in seen:
                seen.add(key)
                yield found


def _in_variables(module: str) -> Iterator[Expression]:
    try:
        variables = vars(importlib.import_module(module))
    except ModuleNotFoundError:  # an extra that is not installed, such as Ray
        return
    for variable, value in variables.items():
        for pattern in _patterns(value):
            yield Expression(f"{module}.{variable}", pattern, _methods(_tree(module), variable))


def _patterns(value: Any) -> Iterator[Pattern]:
    """Yield the expressions in a variable, also those in lists, tuples and dicts."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _patterns(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _patterns(each)


def _methods(tree: ast.Module, variable: str) -> tuple[str, ...]:
    """Return how a module uses a variable of its own; others may import a name without `_`."""
    nodes = list(ast.walk(tree))
    read = [each for each in nodes if isinstance(each, ast.Name) and each.id == variable]
    n_read = sum(isinstance(each.ctx, ast.Load) for each in read)
    called = [
        each.attr
        for each in nodes
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name)
        if each.value.id == variable
    ]
    is_anchored = variable.startswith("_") and called and ANCHORED.issuperset(called)
    return tuple(sorted(set(called))) if is_anchored and len(called) == n_read else ("finditer",)


def _in_calls(module: str) -> Iterator[Expression]:
    """Yield the expressions that are literals in calls such as `re.sub("a+", "b", text)`."""
    for node in ast.walk(_tree(module)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        source, method = node.args[0], node.func.attr
        is_re = ast.unparse(node.func.value) == "re"
        if is_re and method in FUNCTIONS and isinstance(source, ast.Constant):
            names = re.findall(r"re\.([A-Z]+)", ast.unparse(node))
            flags = sum(getattr(re, name) for name in set(names))
            methods = (method,) if method in ANCHORED else ("finditer",)
            name = f"{module}, /{source.value!s:.30}/"
            yield Expression(name, re.compile(source.value, flags), methods)


@cache
def _tree(module: str) -> ast.Module:
    path = Path(corpus.__path__[0], *module.split(".")[1:])
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(path.read_text(encoding="utf-8"))


def texts(expression: Expression) -> list[tuple[str, str]]:
    """Return pairs of a beginning and what to repeat after it, the most suspicious first."""
    source = expression.source
    own = list(dict.fromkeys(re.findall(r"[^\W_]|[^\s\w\\?*+^$()\[\]{}|]", source)))[:8]
    words = list(dict.fromkeys(re.findall(r"(?<!\\)[A-Za-z]{3,}", source)))[:4]
    beginnings = ["", *dict.fromkeys(re.findall(r"(?<!\\)[<A-Za-z!/?-]{2,}", source))][:3]
    beginnings += ["<a"] if "<" in source else []
    single = list(dict.fromkeys([*COMMON, *own, *words, *beginnings[1:]]))
    pairs = [a + b for a, b in product(COMMON[:6], [*own, *words]) if a != b]
    found = [*repeated_parts(expression.pattern), *product(beginnings, [*single, *pairs])]
    is_stripped = expression.name in STRIPPED
    return [(before, piece) for before, piece in found if piece.strip() or not is_stripped]


def growth_of(expression: Expression) -> Growth:
    """Return the growth of an expression on the text with the worst ratio."""
    label = f"{expression.name}: /{expression.source[:60]}/"
    worst = Growth(label, 0.0)
    end = time.process_time() + SECONDS_PER_EXPRESSION
    bound = BOUNDS.get(expression.name)
    for method, (beginning, piece) in product(expression.methods, texts(expression)):
        text = f"{label} in {beginning!r} + {piece!r} * n"
        search = getattr(expression.pattern, method)
        try:
            if bound:
                _check_at_bound(search, beginning, piece, bound[0])
            elif (ratio := _lowest_ratio(search, beginning, piece)) > worst.ratio:
                worst = Growth(text, ratio)
        except TimeoutError as error:
            return Growth(text, 0.0, str(error))
        if worst.ratio >= MAX_RATIO or time.process_time() > end:
            break
    return worst


Search = Callable[[Any], Any]


def _check_at_bound(search: Search, beginning: str, piece: str, characters: int) -> None:
    """Raise TimeoutError if a text of the length that is the maximum takes too long."""
    seconds = _seconds(search, beginning, piece, characters)
    if seconds > MAX_SECONDS_AT_BOUND:
        raise TimeoutError(f"{characters:,} characters, the most it gets, took {seconds:.3f} s")


def _lowest_ratio(search: Search, beginning: str, piece: str) -> float:
    """Return the ratio, measured again if it is too high: other work on the machine adds to it."""
    lowest = float("inf")
    for _ in range(TRIES):
        lowest = min(lowest, _ratio(search, beginning, piece))
        if lowest < MAX_RATIO:
            break
    return lowest


def _ratio(search: Search, beginning: str, piece: str) -> float:
    """Return how many times as long a search of four times the text takes, or 0.

    It is the ratio at the first size whose time can be measured.
    """
    small = _seconds(search, beginning, piece, SIZES[0])
    ratio = 0.0
    for size in SIZES:
        large = _seconds(search, beginning, piece, SIZE_RATIO * size)
        if large > MIN_SECONDS:
            ratio = large / max(small, MIN_SECONDS / SIZE_RATIO)
            if small > MIN_SECONDS / SIZE_RATIO:
                break
        small = large
    return ratio


def _seconds(search: Search, beginning: str, piece: str, size: int) -> float:
    """Return the CPU seconds of searches, the best of three; TimeoutError if they are too many.

    A search fails in one of two texts: one ends with what no expression expects, one just ends.
    """
    start = beginning + piece * (size // len(piece))
    is_bytes = isinstance(search.__self__.pattern, bytes)  # type: ignore[attr-defined]
    ends = [start + ENDING, start]
    best = float("inf")
    for _ in range(TRIES):
        began = time.process_time()
        with _aborted_after(MAX_SECONDS, f"{size:,} characters took more than {MAX_SECONDS} s"):
            for text in ends:
                found = search(text.encode() if is_bytes else text)
                for _ in found if isinstance(found, Iterator) else ():
                    pass
        best = min(best, time.process_time() - began)
        if not MIN_SECONDS / SIZE_RATIO <= best < 1:
            break
    return best


@contextmanager
def _aborted_after(seconds: float, message: str) -> Iterator[None]:
    """Raise TimeoutError if what is done takes more CPU seconds; `re` looks for signals."""

    def abort(*_: object) -> None:
        raise TimeoutError(message)

    before = signal.signal(signal.SIGPROF, abort)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
