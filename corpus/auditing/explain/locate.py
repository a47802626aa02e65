"""Where a document of a build is: in a shard, or in the ledger of removals.

An id need not be whole: its beginning is enough where no other id begins so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.builds.reader import REMOVED_FILE, manifest_of, reading, table
from corpus.documents import ID, SOURCE
from corpus.errors import ConfigError

LINES_FILE = "ledger/lines.parquet"

MOST = 5
"""How many ids are named where more than one could be meant."""

COMPARED = 20_000
"""How many ids are compared to a mistyped one."""


@dataclass(frozen=True)
class Whereabouts:
    """Where a document is: its split and shard, or the ledger; and its row there."""

    file: str
    """The file, below the build."""

    split: str | None
    """None where the document was removed."""

    row: dict[str, Any]
    """The shard's columns, or the ledger's."""

    @property
    def id(self) -> str:
        """Return the document's whole id."""
        return str(self.row[ID])

    @property
    def source(self) -> str:
        """Return the name of the file it came from."""
        return str(self.row[SOURCE])


def cut_from(folder: Path, id: str, stage: str) -> list[tuple[int, int]]:
    """Return where the lines were that a stage cut out of a document: (begin, characters)."""
    if not (folder / LINES_FILE).is_file():
        return []
    chosen = [(ID, "==", id), ("stage", "==", stage)]
    rows = table(folder, LINES_FILE, ["begin", "characters"], chosen)
    return sorted((row["begin"], row["characters"]) for row in rows.to_pylist())


def find(folder: Path, id: str) -> Whereabouts:
    """Return where the document with this id, or the only one that begins so, is.

    Raises `ConfigError` where no id, or more than one, begins so.
    """
    manifest = manifest_of(folder)
    begun: dict[str, str] = {}
    for name in _files(manifest):
        ids = _ids(folder, name)
        for found in ids.filter(pc.starts_with(ids, pattern=id)).to_pylist():
            begun[found] = name
    if id not in begun and len(begun) != 1:
        raise ConfigError(_unclear(folder, manifest, id, sorted(begun)))
    whole = id if id in begun else next(iter(begun))
    return _row(folder, begun[whole], whole, manifest)


def _files(manifest: dict[str, Any]) -> Iterator[str]:
    for split in manifest["splits"].values():
        yield from split["shards"]
    yield REMOVED_FILE


def _ids(folder: Path, name: str) -> pa.ChunkedArray:
    return table(folder, name, [ID]).column(ID)


def _row(folder: Path, name: str, id: str, manifest: dict[str, Any]) -> Whereabouts:
    import pyarrow.parquet as pq

    with reading(folder, name):
        rows = pq.read_table(folder / name, filters=[(ID, "==", id)]).slice(0, 1).to_pylist()
    split = next((s for s, told in manifest["splits"].items() if name in told["shards"]), None)
    return Whereabouts(name, split, rows[0])


def _unclear(folder: Path, manifest: dict[str, Any], id: str, begun: list[str]) -> str:
    """Return why the id is not clear, and what may have been meant."""
    if begun:
        shown = ", ".join(begun[:MOST]) + (", ..." if len(begun) > MOST else "")
        return f"{id!r}: {len(begun):,} ids begin so: {shown}; give more of it"
    known: list[str] = []
    for name in _files(manifest):
        ids = _ids(folder, name)
        known += ids.filter(pc.starts_with(ids, pattern=id[:1])).slice(0, COMPARED).to_pylist()
    near = get_close_matches(id, known[:COMPARED], n=1, cutoff=0.7)
    meant = (
        f"did you mean {near[0]!r}?" if near else "rejects have no id: see ledger/rejected.parquet"
    )
    return f"no document {id!r} in {folder}; {meant}"
