"""Say what is wrong if a path has nothing to read: the closest name, or what there is."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from corpus.sources.files.filesystems import FOLDER, entry_at, list_folder
from corpus.sources.files.globs import list_or_raise
from corpus.sources.files.skipped import (
    WITHOUT_EXTENSION,
    SkippedFile,
    describe_skipped_files,
)
from corpus.sources.formats import EXTENSIONS

FORMAT_ADVICE = (
    f"if the content is one of {', '.join(sorted(set(EXTENSIONS.values())))}, set `format` to it"
)

MAX_LISTED_NAMES = 5
"""Maximum number of names of a folder's content in an error message."""


def missing_message(configured: str, path: str) -> str:
    """Return that nothing exists at a path, with the closest name or what the folder contains."""
    base = path.rstrip("/")
    while True:
        parent, _, name = base.rpartition("/")
        if not parent or parent.endswith(":/"):
            return f"{configured}: no such file or folder"
        if (entry := entry_at(parent)) and entry.kind == FOLDER:
            break
        base = parent
    try:
        names = [entry.name for entry in list_folder(parent)]
    except OSError:
        names = []
    similar = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {similar[0]!r}?" if similar else f"it {_describe_content(names)}"
    return f"{configured}: no such file or folder in {parent}; {hint}"


def no_match_message(
    configured: str, base: str, pattern: list[str], skipped: Sequence[SkippedFile]
) -> str:
    """Return that no file can be read, with what was skipped or what the folder contains."""
    if (entry := entry_at(base)) is None or entry.kind != FOLDER:
        return missing_message(configured, base)
    if skipped:
        unknown = any(
            file.kind.startswith(".") or file.kind == WITHOUT_EXTENSION for file in skipped
        )
        return (
            f"{configured}: no file that can be read; skipped: {describe_skipped_files(skipped)}"
            + (f"; {FORMAT_ADVICE}" if unknown else "")
        )
    problem = "no file matches" if pattern else "no file with a known extension"
    content = _describe_content([entry.name for entry in list_or_raise(base)])
    return f"{configured}: {problem}; {base} {content}"


def _describe_content(names: Iterable[str]) -> str:
    """Return what a folder contains, in a few words."""
    visible = [name for name in names if not name.startswith(".")]
    if not visible:
        return "is empty"
    listed = ", ".join(repr(name) for name in visible[:MAX_LISTED_NAMES])
    n_more = len(visible) - MAX_LISTED_NAMES
    return f"contains {listed}" + (f" and {n_more:,} more" if n_more > 0 else "")
