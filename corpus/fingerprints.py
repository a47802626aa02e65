"""Hashes of the package's code, so that a manifest says which code each stage ran.

The code of a stage is its module, every module of this package that it imports directly or
indirectly (at the top or inside a function), and the data files next to those modules. A package
counts if a name of its own is imported, not if only modules in it are.
"""

from __future__ import annotations

import hashlib
import os
import re
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent

IMPORT = re.compile(
    r"^[^\S\n]*(?:from\s+(corpus[\w.]*)\s+import\s*(\([^()]*\)|[^\n]*)|import\s+(corpus[\w.]*))",
    re.MULTILINE,
)
"""A line that imports from this package."""

DATA_SUFFIXES = (".npz", ".json", ".jinja", ".css")


def code_hash(module: str) -> str:
    """Return 16 hex digits that change whenever the code that a module relies on changes."""
    files = _dependencies(module)
    for folder in {path.parent for path in files} - {PACKAGE}:
        files |= _data_files(folder)
    digest = hashlib.sha256()
    for name, path in sorted((_relative_name(path), path) for path in files):
        digest.update(name + b"\0" + _file_hash(path))
    return digest.hexdigest()[:16]


@cache
def sources_hash() -> str:
    """Return 16 hex digits that change whenever any file of the package changes."""
    digest = hashlib.sha256()
    for name, path in sorted(_package_files().items()):
        digest.update(name.encode() + b"\0" + _file_hash(path))
    return digest.hexdigest()[:16]


@cache
def _package_files() -> dict[str, Path]:
    """Return every file of the package by its name in it. One walk is quicker than many looks."""
    files = {}
    for folder, folders, names in os.walk(PACKAGE):
        if "__pycache__" in folders:
            folders.remove("__pycache__")
        inside = Path(folder).relative_to(PACKAGE).as_posix()
        for name in names:
            files[name if inside == "." else f"{inside}/{name}"] = Path(folder, name)
    return files


def _dependencies(module: str) -> set[Path]:
    """Return the files of a module and of every module that it imports, directly or indirectly."""
    files: set[Path] = set()
    waiting = [path] if (path := _path(module)) else []
    while waiting:
        path = waiting.pop()
        if path not in files:
            files.add(path)
            waiting += _imported_files(path) - files
    return files


@cache
def _imported_files(path: Path) -> frozenset[Path]:
    return frozenset(found for name in _imported_names(path) if (found := _path(name)))


@cache
def _data_files(folder: Path) -> frozenset[Path]:
    """Return the data files in a folder, on which every module in it may depend."""
    files = _package_files().values() if folder.is_relative_to(PACKAGE) else folder.iterdir()
    return frozenset(
        path
        for path in files
        if path.suffix in DATA_SUFFIXES and path.parent == folder and path.is_file()
    )


@cache
def _relative_name(path: Path) -> bytes:
    return path.relative_to(PACKAGE).as_posix().encode()


@cache
def _imported_names(path: Path) -> tuple[str, ...]:
    """Return the dotted names that a file imports from the package: modules or their members."""
    imported = []
    for module, members, plain_import in IMPORT.findall(path.read_text(encoding="utf-8")):
        listed = re.sub(r"#.*|\bas\s+\w+", "", members)
        names = [f"{module}.{name}" for name in re.findall(r"\w+", listed)]
        if not names or not all(map(_path, names)):
            imported.append(module or plain_import)
        imported += names
    return tuple(imported)


@cache
def _path(name: str) -> Path | None:
    """Return the file of a module, or None if the name is that of a member of a module."""
    package, *inside = name.split(".")
    if package == PACKAGE.name:
        files = _package_files()
        return files.get("/".join([*inside, "__init__.py"])) or files.get(f"{'/'.join(inside)}.py")
    path = PACKAGE.parent.joinpath(*name.split("."))
    if (path / "__init__.py").is_file():
        return path / "__init__.py"
    path = path.with_suffix(".py")
    return path if path.is_file() else None


@cache
def _file_hash(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()
