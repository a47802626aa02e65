"""Find the files that a configured path means.

A file's name is what people see of it: its path below the fixed part of the configured one, that is
below the folder, or below what stands before the first part with a wildcard. So no name is
absolute, and a corpus built on another machine has the same names.

What is there under the very name comes first: `[` in a folder's name is no wildcard where that
folder exists.
"""

from __future__ import annotations

import difflib
import fnmatch
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from corpus.errors import InputError
from corpus.sources import huggingface
from corpus.sources.chunks import File
from corpus.sources.filesystems import FOLDER, OTHER, Entry, entries, is_uri, join, look, open_file
from corpus.sources.settings import Format, Source
from corpus.sources.streams import SUFFIXES, said

_MAGIC = re.compile(r"[*?\[]")
_DATASET = {"dataset_info.json", "dataset_dict.json", "state.json"}
"""What `datasets` writes beside its Arrow files: no records."""

Found = tuple[str, str, Entry]
"""A file's name, its path, and what stands there."""


def find(source: Source, folder: Path, extensions: dict[str, Format]) -> list[File]:
    """Return the files of a source, ordered by name; raises InputError where there are none.

    `folder` is what a relative path is relative to; `extensions` say which format a name's ending
    means.
    """
    if source.path.startswith(huggingface.SCHEME):
        return huggingface.by_name(source.path)
    path = source.path if is_uri(source.path) else str(folder / Path(source.path).expanduser())
    try:
        found = _found(path, source, extensions)
    except (OSError, ValueError) as error:  # what a URI's file system has to say
        raise InputError(f"{source.path}: {said(error)}") from None
    if found is None:
        return huggingface.by_name(source.path)
    return sorted(_file(each, source, extensions) for each in found)


def _found(path: str, source: Source, extensions: dict[str, Format]) -> list[Found] | None:
    """Return what a path means; None where only a data set's name can be meant."""
    base, parts = _fixed(path)
    entry = look(base)
    if entry is None and source.format == "huggingface":
        return None
    if entry is None:
        raise InputError(_missing(source.path, base))
    if parts:
        matched = _matches(base, parts, "", (entry.mark,))
        found = list({each[1]: each for each in matched if each[2].kind != FOLDER}.values())
    elif entry.kind == FOLDER:
        below = _below(base, "", (entry.mark,))
        found = [each for each in below if _taken(each, source, extensions)]
    else:
        found = [(entry.name, base, entry)]
    if not found:
        raise InputError(_nothing(source.path, base, parts))
    return found


def format_of(name: str, extensions: dict[str, Format]) -> Format | None:
    """Return the format that a file's name tells, below a compression's ending; None if none."""
    name = name.lower()
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    return next((f for ending, f in extensions.items() if name.endswith(ending)), None)


def _fixed(path: str) -> tuple[str, list[str]]:
    """Return the part of a path that exists or has no wildcards, and the parts behind it."""
    if not _MAGIC.search(path) or (not is_uri(path) and look(path)):
        return path, []
    scheme, root, rest = path.partition("://") if is_uri(path) else ("", "", path)
    rest, mark, query = rest.partition("?") if is_uri(path) and "=" in path else (rest, "", "")
    parts = rest.split("/")
    base = parts.pop(0)
    while parts and parts[0] != "**":
        if _MAGIC.search(parts[0]) and not look(f"{scheme}{root}{base}/{parts[0]}{mark}{query}"):
            break
        base = f"{base}/{parts.pop(0)}"
    return f"{scheme}{root}{base}{mark}{query}", parts


def _list(folder: str) -> list[Entry]:
    """Return what is in a folder; raises InputError where it cannot be listed."""
    try:
        return list(entries(folder))
    except OSError as error:
        raise InputError(
            f"{folder}: this folder cannot be listed: {error.strerror or error}"
        ) from None


def _matches(
    folder: str, parts: list[str], name: str, above: tuple[object, ...]
) -> Iterator[Found]:
    """Yield what the parts of a glob match below a folder, whose own name so far is `name`."""
    part, rest = parts[0], parts[1:]
    if part == "**":
        if not rest:
            rest = ["*"]
        yield from _matches(folder, rest, name, above)
        for entry in _list(folder):
            if _enters(entry, above):
                deeper = (*above, entry.mark)
                yield from _matches(join(folder, entry.name), parts, f"{name}{entry.name}/", deeper)
        return
    matches = re.compile(fnmatch.translate(part)).match
    for entry in _list(folder):
        if not matches(entry.name) or (entry.name.startswith(".") and not part.startswith(".")):
            continue
        path = join(folder, entry.name)
        if not rest:
            yield f"{name}{entry.name}", path, entry
        elif entry.kind == FOLDER:
            yield from _matches(path, rest, f"{name}{entry.name}/", above)


def _enters(entry: Entry, above: tuple[object, ...]) -> bool:
    """Whether to look into a folder: not into a hidden one, nor into one that contains itself."""
    return entry.kind == FOLDER and entry.name[0] != "." and entry.mark not in above


def _below(folder: str, name: str, above: tuple[object, ...]) -> Iterator[Found]:
    """Yield every file below a folder but for hidden ones and those whose name starts with `_`."""
    there = _list(folder)
    saved = _saved(folder, there)
    for entry in there:
        if entry.name.startswith((".", "_")) or (saved is not None and entry.name not in saved):
            continue
        path = join(folder, entry.name)
        if entry.kind != FOLDER:
            yield f"{name}{entry.name}", path, entry
        elif entry.mark not in above:
            yield from _below(path, f"{name}{entry.name}/", (*above, entry.mark))


def _saved(folder: str, there: list[Entry]) -> set[str] | None:
    """Return the data files of a folder that `save_to_disk` wrote; None where it is another folder.

    Such a folder may hold more Arrow files: what `datasets` cached while it computed something.
    """
    if not any(entry.name == "state.json" for entry in there):
        return None
    try:
        with open_file(join(folder, "state.json")) as opened:
            files = json.loads(opened.read())["_data_files"]
            return {str(each["filename"]) for each in files}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _taken(found: Found, source: Source, extensions: dict[str, Format]) -> bool:
    """Whether a file in a folder is the source's: by its ending, or any if the format is set."""
    name, _, entry = found
    if entry.kind == OTHER or entry.name in _DATASET:
        return False
    told = format_of(name, extensions)
    return told is not None if source.format is None else told in (None, source.format)


def _file(found: Found, source: Source, extensions: dict[str, Format]) -> File:
    """Return what was found as a file; raises InputError where nothing tells its format."""
    name, path, entry = found
    if entry.kind == OTHER:
        raise InputError(f"{path}: this is neither a file nor a folder, and cannot be read")
    try:
        name.encode()
    except UnicodeEncodeError:
        shown = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        raise InputError(f"{shown}: the name of this file is no UTF-8; rename the file") from None
    format = source.format or format_of(name, extensions)
    if format is None:
        raise InputError(
            f"{path}: the name does not tell the format of this file; set `format` to one of "
            f"{', '.join(sorted(set(extensions.values())))}"
        )
    return File(name, path, entry.bytes, format)


def _missing(said: str, path: str) -> str:
    """Return that nothing is there, and what is: the nearest name, or what the folder holds."""
    base = path.rstrip("/")
    while True:
        parent, _, name = base.rpartition("/")
        if not parent or parent.endswith(":/"):
            return f"{said}: no such file or folder"
        if (there := look(parent)) and there.kind == FOLDER:
            break
        base = parent
    try:
        names = [entry.name for entry in entries(parent)]
    except OSError:
        names = []
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else _holds(names)
    return f"{said}: no such file or folder; in {parent}, {hint}"


def _nothing(said: str, base: str, parts: list[str]) -> str:
    """Return that nothing matched, and what is there instead."""
    if (there := look(base)) is None or there.kind != FOLDER:
        return _missing(said, base)
    what = "no file matches" if parts else "no file of a known kind in this folder"
    return f"{said}: {what}; in {base}, {_holds([entry.name for entry in _list(base)])}"


def _holds(names: Iterable[str]) -> str:
    """Return what a folder holds, in a few words."""
    shown = [name for name in names if not name.startswith(".")]
    if not shown:
        return "there is nothing"
    more = f" and {len(shown) - 5:,} more" if len(shown) > 5 else ""
    return f"there is {', '.join(repr(name) for name in shown[:5])}{more}"
