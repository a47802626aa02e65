"""Whose code is whose: a hash of all that a module of this package is made of.

A stage is its module, what that imports of the package, at its head or inside of a function, and
what those import; and the models that lie beside them.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

IMPORT = re.compile(
    r"^\s*(?:from\s+(corpus[\w.]*)\s+import\s*(\([^)]*\)|[^\n]*)|import\s+(corpus[\w.]+))",
    re.MULTILINE,
)
"""A line that imports from this package."""


def code_hash(module: str) -> str:
    """Return 16 hex digits that change whenever the code that a module relies on does."""
    files = sorted(_reached(module))
    folders = {path.parent for path in files} - {PACKAGE}
    files += sorted(
        path for folder in folders for path in folder.iterdir() if path.is_file() and _is_data(path)
    )
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + _hashed(path))
    return digest.hexdigest()[:16]


def _is_data(path: Path) -> bool:
    return path.suffix in (".npz", ".json", ".jinja", ".css")


def _reached(module: str) -> set[Path]:
    """Return the files of a module, and of all that it leads to."""
    found: set[Path] = set()
    waiting = [module]
    while waiting:
        path = _path(waiting.pop())
        if path is not None and path not in found:
            found.add(path)
            waiting += _imported(path)
    return found


@cache
def _imported(path: Path) -> tuple[str, ...]:
    """Return the names that a file imports from the package: modules, or what is in them."""
    found = []
    for base, names, whole in IMPORT.findall(path.read_text(encoding="utf-8")):
        found.append(base or whole)
        found += [f"{base}.{name}" for name in re.findall(r"\w+", names) if base]
    return tuple(found)


def _path(module: str) -> Path | None:
    """Return the file of a module; None where the name is that of something inside of one."""
    path = PACKAGE.parent.joinpath(*module.split("."))
    if (path / "__init__.py").is_file():
        return path / "__init__.py"
    path = path.with_suffix(".py")
    return path if path.is_file() else None


@cache
def _hashed(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


PACKAGE = Path(__file__).parent


@cache
def sources_hash() -> str:
    """Return 16 hex digits that change whenever a module or a model file of the package does."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
