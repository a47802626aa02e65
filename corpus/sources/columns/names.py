"""Map between a source's column names and ours.

A *standard* column is one of ours that a source can fill (`text`, `title`, ...). Every other column
of a source is an *extra* column and keeps its name, unless that name is reserved.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from corpus.documents import AUTHOR, DATE, ID, PUBLISHER, RESERVED, TEXT, TITLE, URL
from corpus.sources.settings import Source

STRING_COLUMNS = (TITLE, AUTHOR, PUBLISHER, URL)
STANDARD_COLUMNS = (ID, TEXT, *STRING_COLUMNS, DATE)
"""The columns of a document that a source may fill."""


def source_column(source: Source, name: str) -> str:
    """Return the source's name for our column `name`."""
    return source.columns.get(name, name)


def renamed_columns(source: Source) -> dict[str, str]:
    """Return the extra columns that the config renames, as {source's name: new name}."""
    return {old: new for new, old in source.columns.items() if new not in STANDARD_COLUMNS}


def kept_columns(names: Collection[str], source: Source) -> dict[str, str]:
    """Return the extra columns to keep under their own name, as {source's name: our name}."""
    mapped = {source_column(source, name) for name in STANDARD_COLUMNS}
    kept = set(names) - mapped - set(source.columns.values())
    if source.extra_columns is not None:
        kept &= set(source.extra_columns)
    return {name: unreserved_name(name, source) for name in sorted(kept)}


def unreserved_name(name: str, source: Source) -> str:
    """Return the name of an extra column: its own, or with `_source` appended if it is reserved.

    A column that already has the resulting name is renamed by the same rule, so no two names
    collide: `text` -> `text_source`, `text_source` -> `text_source_source`.
    """
    reserved = RESERVED | {""} | source.columns.keys()
    stem = name
    while stem not in reserved and stem.endswith("_source"):
        stem = stem.removesuffix("_source")
    return f"{name}_source" if stem in reserved else name


def unique_names(names: Iterable[str]) -> list[str]:
    """Return the column names in order, with a number appended to each repeated one.

    ["n", "n"] -> ["n", "n_2"]
    """
    unique: dict[str, None] = {}
    numbers: dict[str, int] = {}
    for name in names:
        candidate, number = name, numbers.get(name, 2)
        while candidate in unique:
            candidate, number = f"{name}_{number}", number + 1
        unique[candidate] = None
        numbers[name] = number
    return list(unique)
