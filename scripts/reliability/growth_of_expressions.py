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
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import corpus
from reliability.growth import MAX_RATIO, SIZE_RATIO, Growth

SIZES = (500, 16_000)
"""Characters of the smaller text; the larger size is tried if the smaller takes no time."""
MIN_SECONDS = 0.004
"""Times of the larger text below this are noise."""
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
    worst = Growth(f"{name}: /{source[:60]}/", 0.0)
    end = time.process_time() + SECONDS_PER_EXPRESSION
    for beginning, piece in product(beginnings, pieces(source)):
        ratio = _ratio(pattern, beginning, piece)
        if ratio >= MAX_RATIO:  # once more: other work on the machine may have disturbed it
            ratio = min(ratio, _ratio(pattern, beginning, piece))
        if ratio > worst.ratio:
            text = f"{beginning!r} + {piece!r} * n"
            worst = Growth(f"{name}: /{source[:60]}/ in {text}", ratio)
        if time.process_time() > end:
            break
    return worst


def _ratio(pattern: Pattern, beginning: str, piece: str) -> float:
    """Return how many times as long a search of four times the text takes, or 0."""
    for size in SIZES:
        small, large = (_seconds(pattern, beginning, piece, n) for n in (size, SIZE_RATIO * size))
        if small > MIN_SECONDS or large > 100 * MIN_SECONDS:
            break
    return large / max(small, MIN_SECONDS / SIZE_RATIO) if large > MIN_SECONDS else 0.0


def _seconds(pattern: Pattern, beginning: str, piece: str, size: int) -> float:
    """Return the CPU seconds of a search, the better of two."""
    text: Any = beginning + piece * (size // len(piece)) + "\x00"
    text = text.encode() if isinstance(pattern.pattern, bytes) else text
    times = []
    for _ in range(2):
        began = time.process_time()
        for _ in pattern.finditer(text):
            pass
        times.append(time.process_time() - began)
    return min(times)
