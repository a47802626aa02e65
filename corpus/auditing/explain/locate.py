"""Locate a document of a build: in a shard, or in the ledger of removals.

The beginning of an id is enough if it is unique.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.builds.reader import REMOVED_FILE, file_in_build, manifest_of, reading, table
from corpus.documents import ID, SOURCE
from corpus.errors import ConfigError

LINES_FILE = "ledger/lines.parquet"

MAX_LISTED_IDS = 5
"""Maximum number of ids listed if more than one has the given beginning."""

MAX_COMPARED_IDS = 20_000
"""Maximum number of ids that a mistyped one is compared with."""


@dataclass(frozen=True)
class Location:
    """Where a document is: its file and its row there."""

    file: str
    """A shard, or the ledger of removals; relative to the folder of the build."""

    split: str | None
    """None if the document was removed."""

    row: dict[str, Any]
    """The columns of the shard, or of the ledger."""

    @property
    def id(self) -> str:
        """Return the full id of the document."""
        return str(self.row[ID])

    @property
    def source(self) -> str:
        """Return the name of the source file."""
        return str(self.row[SOURCE])


def cut_spans(folder: Path, id: str, stage: str) -> list[tuple[int, int]]:
    """Return the lines that a stage cut out of a document: (first character, characters)."""
    if not (folder / LINES_FILE).is_file():
        return []
    filters = [(ID, "==", id), ("stage", "==", stage)]
    rows = table(folder, LINES_FILE, ["begin", "characters"], filters)
    return sorted((row["begin"], row["characters"]) for row in rows.to_pylist())


def locate(folder: Path, id: str) -> Location:
    """Return where the document with an id that begins with `id` is.

    Raises ConfigError if no id, or more than one, begins with it.
    """
    manifest = manifest_of(folder)
    matches: dict[str, str] = {}
    for name in _files(manifest):
        ids = _ids(folder, name)
        for match in ids.filter(pc.starts_with(ids, pattern=id)).to_pylist():
            matches[match] = name
    if id not in matches and len(matches) != 1:
        raise ConfigError(_not_unique(folder, manifest, id, sorted(matches)))
    full_id = id if id in matches else next(iter(matches))
    return _read_row(folder, matches[full_id], full_id, manifest)


def _files(manifest: dict[str, Any]) -> Iterator[str]:
    for split in manifest["splits"].values():
        yield from split["shards"]
    yield REMOVED_FILE


def _ids(folder: Path, name: str) -> pa.ChunkedArray:
    return table(folder, name, [ID]).column(ID)


def _read_row(folder: Path, name: str, id: str, manifest: dict[str, Any]) -> Location:
    import pyarrow.parquet as pq

    with reading(folder, name):
        path = file_in_build(folder, name)
        rows = pq.read_table(path, filters=[(ID, "==", id)], partitioning=None)
    splits = manifest["splits"].items()
    split = next((s for s, entry in splits if name in entry["shards"]), None)
    return Location(name, split, rows.slice(0, 1).to_pylist()[0])


def _not_unique(folder: Path, manifest: dict[str, Any], id: str, matches: list[str]) -> str:
    """Return an error message: several ids match, or none, and which one may be meant."""
    if matches:
        listed = ", ".join(matches[:MAX_LISTED_IDS])
        listed += ", ..." if len(matches) > MAX_LISTED_IDS else ""
        return f"{id!r}: {len(matches):,} ids begin with it: {listed}; give more of the id"
    ids: list[str] = []
    for name in _files(manifest):
        column = _ids(folder, name)
        same_start = column.filter(pc.starts_with(column, pattern=id[:1]))
        ids += same_start.slice(0, MAX_COMPARED_IDS).to_pylist()
    closest = get_close_matches(id, ids[:MAX_COMPARED_IDS], n=1, cutoff=0.7)
    hint = (
        f"did you mean {closest[0]!r}?"
        if closest
        else "rejected records have no id: see ledger/rejected.parquet"
    )
    return f"no document {id!r} in {folder}; {hint}"
