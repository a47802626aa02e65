"""The code of a stage of the user's own: every file that it may run, so that a change is noticed.

That is every Python file in the folder of its module, and every module that it imports, directly or
indirectly, at the top or inside a function, wherever that is: in a parent package, on `PYTHONPATH`,
or in a package that is installed for editing. Installed packages and the standard library are left
out: their versions identify them. Files are searched and parsed, not run.
"""

from __future__ import annotations

import ast
import importlib.util
import site
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType


def code_files(module: ModuleType) -> dict[str, Path]:
    """Return the files with the code of a module, by their name: a relative path or dotted name."""
    path = Path(str(module.__file__))
    files = {
        found.relative_to(path.parent).as_posix(): found for found in path.parent.rglob("*.py")
    }
    known = set(files.values())
    waiting = [(module.__name__, path)]
    seen: set[str] = set()
    while waiting:
        name, path = waiting.pop()
        for imported in {*_parents(name), *_imported_names(name, path)} - seen:
            seen.add(imported)
            spec = _find(imported, path.parent)
            if spec is None or spec.origin is None or not Path(spec.origin).is_file():
                continue
            found = Path(spec.origin)
            if _is_installed(found):
                continue
            if found not in known:
                files[imported] = found
            waiting.append((imported, found))
    return files


def _parents(name: str) -> list[str]:
    """Return the packages that a module is in: they are run when it is imported."""
    parts = name.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts))]


def _imported_names(name: str, path: Path) -> Iterator[str]:
    """Yield the dotted names that a file imports: modules, their packages, perhaps members."""
    if path.suffix != ".py":
        return
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):  # importing it reports it
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, package)
            names = [base, *(f"{base}.{alias.name}" for alias in node.names)] if base else []
        else:
            continue
        for imported in names:
            yield from (*_parents(imported), imported)


def _base(node: ast.ImportFrom, package: str) -> str:
    """Return the module that `from ... import` names, or "" if there is none."""
    if not node.level:
        return node.module or ""
    try:
        return importlib.util.resolve_name("." * node.level + (node.module or ""), package)
    except ImportError:
        return ""


def _find(name: str, folder: Path) -> ModuleSpec | None:
    """Return where a module is, without importing anything; None if it is not the user's."""
    top, _, rest = name.partition(".")
    if top in sys.stdlib_module_names or top == "corpus":
        return None
    try:
        spec = PathFinder.find_spec(top, [str(folder)]) or importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None
    dotted = top
    for part in rest.split(".") if rest else ():
        dotted = f"{dotted}.{part}"
        places: Sequence[str] | None = spec.submodule_search_locations if spec else None
        spec = PathFinder.find_spec(dotted, list(places)) if places else None
    return spec


def _is_installed(path: Path) -> bool:
    """Return whether a file is part of an installed package or of the standard library."""
    paths = sysconfig.get_paths()
    folders = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders |= {*site.getsitepackages(), site.getusersitepackages()}
    return any(path.is_relative_to(folder) for folder in folders)
