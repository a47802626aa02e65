"""Every regular expression of the package: how its time grows with text made to slow it down.

The strings repeat an expression's own characters, and pairs of them, after a beginning that it
matches. It is searched in them, which also tries every position. Found are compiled expressions in
the variables of all modules, and literals in calls of `re`.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

import corpus
from reliability.growth import MAX_RATIO, SIZE_RATIO, Growth

SIZES = (25, 100, 400, 1_600, 6_400, 25_600)
"""Characters of the smaller text; a larger size is tried as long as the search takes no time."""
MIN_SECONDS = 0.01
"""Times of the larger text below this are noise."""
MAX_SECONDS = 5
"""CPU seconds after which a search is aborted."""
SECONDS_PER_EXPRESSION = 2.0
COMMON = ' a0\n.-,<"\\/(|é'
FUNCTIONS = ("compile", "search", "match", "fullmatch", "split", "findall", "finditer", "sub")

Pattern = re.Pattern[Any]


def expressions() -> Iterator[tuple[str, Pattern]]:
    """Yield each expression of the package once, with its module and variable or line."""
    seen = set()
    for module in pkgutil.walk_packages(corpus.__path__, "corpus."):
        if module.name == "corpus.__main__":
            continue
        found = list(_in_variables(module.name)) + list(_in_calls(module.name))
        for name, pattern in found:
            key = (pattern.pattern, pattern.flags)
            if key not in seen:
                seen.add(key)
                yield name, pattern


def _in_variables(module: str) -> Iterator[tuple[str, Pattern]]:
    try:
        variables = vars(importlib.import_module(module))
    except ModuleNotFoundError:  # an extra that is not installed, such as Ray
        return
    for variable, value in variables.items():
        for pattern in _patterns(value):
            yield f"{module}.{variable}", pattern


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


def _in_calls(module: str) -> Iterator[tuple[str, Pattern]]:
    """Yield the expressions that are literals in calls such as `re.sub("a+", "b", text)`."""
    path = Path(corpus.__path__[0], *module.split(".")[1:])
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        source, is_re = node.args[0], ast.unparse(node.func.value) == "re"
        if is_re and node.func.attr in FUNCTIONS and isinstance(source, ast.Constant):
            names = re.findall(r"re\.([A-Z]+)", ast.unparse(node))
            flags = sum(getattr(re, name) for name in set(names))
            yield f"{module}, line {node.lineno}", re.compile(source.value, flags)


def pieces(pattern: str) -> list[str]:
    """Return what to repeat: the expression's characters and words, and pairs of them."""
    own = list(dict.fromkeys(re.findall(r"[^\W_]|[^\s\w\\?*+^$()\[\]{}|]", pattern)))[:8]
    words = list(dict.fromkeys(re.findall(r"(?<!\\)[A-Za-z]{3,}", pattern)))[:4]
    single = list(dict.fromkeys([*COMMON, *own, *words]))
    return [*single, *(a + b for a, b in product(COMMON[:6], [*own, *words]) if a != b)]


def growth_of(name: str, pattern: Pattern) -> Growth:
    """Return the growth of an expression on the text with the worst ratio."""
    is_bytes = isinstance(pattern.pattern, bytes)
    source = pattern.pattern.decode("latin-1") if is_bytes else pattern.pattern
    beginnings = ["", *dict.fromkeys(re.findall(r"(?<!\\)[<A-Za-z!/?-]{2,}", source))][:3]
    beginnings += ["<a"] if "<" in source else []
    label = f"{name}: /{source[:60]}/"
    worst = Growth(label, 0.0)
    end = time.process_time() + SECONDS_PER_EXPRESSION
    for beginning, piece in product(beginnings, pieces(source)):
        text = f"{beginning!r} + {piece!r} * n"
        try:
            ratio = _ratio(pattern, beginning, piece)
            if ratio >= MAX_RATIO:  # once more: other work on the machine may have disturbed it
                ratio = min(ratio, _ratio(pattern, beginning, piece))
        except TimeoutError as error:
            return Growth(f"{label} in {text}", 0.0, str(error))
        if ratio > worst.ratio:
            worst = Growth(f"{label} in {text}", ratio)
        if ratio >= MAX_RATIO or time.process_time() > end:
            break
    return worst


def _ratio(pattern: Pattern, beginning: str, piece: str) -> float:
    """Return how many times as long a search of four times the text takes, or 0."""
    small = _seconds(pattern, beginning, piece, SIZES[0])
    for size in SIZES:
        large = _seconds(pattern, beginning, piece, SIZE_RATIO * size)
        if large > MIN_SECONDS:
            return large / max(small, MIN_SECONDS / SIZE_RATIO)
        small = large
    return 0.0


def _seconds(pattern: Pattern, beginning: str, piece: str, size: int) -> float:
    """Return the CPU seconds of a search, the better of two; TimeoutError if they are too many."""
    text: Any = beginning + piece * (size // len(piece)) + "\x00"
    text = text.encode() if isinstance(pattern.pattern, bytes) else text
    times = []
    for _ in range(2):
        began = time.process_time()
        with _aborted_after(MAX_SECONDS, f"{size:,} characters took more than {MAX_SECONDS} s"):
            for _ in pattern.finditer(text):
                pass
        times.append(time.process_time() - began)
    return min(times)


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
