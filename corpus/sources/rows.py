"""Records as Python rows become a batch of documents.

Formats that parse (JSON lines, CSV, text files, WARC) end here; those that are columns already, in
`columns.py`, by the same rules:

- A record without text, or with one that is no text, is a reject. An empty text is a document.
- A date that cannot be read is null, and stays in an extra column under the source's own name for
  it.
- Several titles, authors or the like are one text, with `; ` between.
- Every other column goes along under its own name; one that is ours gets `_source` behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from corpus.documents import DATE, ID, TEXT
from corpus.sources import dates, extras
from corpus.sources.batches import NONE, Origin, Read, assemble
from corpus.sources.chunks import BATCH_BYTES, BATCH_ROWS, Reject
from corpus.sources.column_names import OURS, identifier, kind_of, others, renamed, spare, theirs
from corpus.sources.extras import Extra
from corpus.sources.json_text import dumps
from corpus.sources.settings import Content, Source

Row = Mapping[str, Any]


@dataclass
class Rows:
    """Records on their way into a batch, one at a time, and those that are none."""

    rows: list[Row] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    raws: list[bytes] = field(default_factory=list)
    contents: list[Content] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    size: int = 0

    def add(self, row: Row, *, name: str, number: int, raw: bytes, content: Content) -> None:
        """Take a record: what it says, its file, its number there, its bytes and its content."""
        self.rows.append(row)
        self.names.append(name)
        self.numbers.append(number)
        self.raws.append(raw)
        self.contents.append(content)
        self.size += len(raw)

    @property
    def full(self) -> bool:
        """Whether they make a batch."""
        return self.size >= BATCH_BYTES or len(self.rows) + len(self.rejects) >= BATCH_ROWS

    def batch(self, source: Source) -> Read:
        """Return the documents, and the records that are none in the order of their numbers."""
        origin = Origin(self.names, self.numbers, self.raws, self.contents)
        made, more = from_rows(self.rows, origin, source)
        return made, in_order([*self.rejects, *more])


def in_order(rejects: Iterable[Reject]) -> list[Reject]:
    """Return the rejects in the order of their numbers, those of whole files first."""
    return sorted(rejects, key=lambda reject: reject.record or 0)


def from_rows(rows: Sequence[Row], origin: Origin, source: Source) -> Read:
    """Return the documents of some records of a source, and the records that are none."""
    texts = pick(rows, theirs(source, TEXT))
    ids, bad = _weed(rows, texts, source)
    rejects = [origin.reject(i, reason) for i, reason in bad.items()]
    if bad:
        keep = [i for i in range(len(rows)) if i not in bad]
        rows, texts = [rows[i] for i in keep], [texts[i] for i in keep]
        origin = origin.only(keep)
    if not rows:
        return NONE, rejects
    names = set().union(*rows)
    columns = {TEXT: pa.array(texts, pa.large_string())}
    for name in OURS[2:-1]:
        own = theirs(source, name)
        there = own in names or "." in own
        columns[name] = plain(pick(rows, own)) if there else pa.nulls(len(rows), pa.string())
    said = pick(rows, theirs(source, DATE))
    columns[DATE], unread = dates.parse(said)
    extra = _extras(rows, names, source, {i: said[i] for i in unread})
    return assemble(columns, extra, ids=ids, origin=origin, source=source), rejects


def pick(rows: Sequence[Row], name: str) -> list[Any]:
    """Return one value of each row, None where it has none; a dot walks into nested ones."""
    if "." not in name:
        return [row.get(name) for row in rows]
    return [_walk(row, name) for row in rows]


def _walk(row: Row, name: str) -> Any:
    """Return the value under a dotted name; a column that has the dot in its name comes first."""
    if name in row:
        return row[name]
    found: Any = row
    for part in name.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(part)
    return found


def _weed(
    rows: Sequence[Row], texts: Sequence[Any], source: Source
) -> tuple[list[str | None], dict[int, str]]:
    """Return the ids of the records that are documents, and why the others are none, by place."""
    found = pick(rows, theirs(source, ID))
    if set(map(type, texts)) <= {str} and set(map(type, found)) <= {str, type(None)}:
        return [id or None for id in found], {}
    ids: list[str | None] = []
    bad: dict[int, str] = {}
    for i, (text, id) in enumerate(zip(texts, found, strict=True)):
        if type(text) is not str:
            bad[i] = no_text(rows[i], text, theirs(source, TEXT))
            continue
        try:
            ids.append(identifier(id))
        except TypeError as error:
            bad[i] = str(error)
    return ids, bad


def no_text(row: Row, value: Any, name: str) -> str:
    """Return why a record has no text."""
    if value is not None:
        return f"{name!r} is {kind_of(value)}, not text"
    if name in row:
        return f"{name!r} is null"
    has = ", ".join(repr(key[:40]) for key in sorted(row)[:8])
    return f"no {name!r}; the record has {has or 'nothing'}"


def plain(values: Sequence[Any]) -> pa.Array:
    """Return a column (string) of what titles, authors and the like say; an empty one is null."""
    if set(map(type, values)) <= {str, type(None)}:
        return pa.array([value or None for value in values], pa.string())
    return pa.array([_plain(value) or None for value in values], pa.string())


def _plain(value: Any) -> str | None:
    """Return one such value as text."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "; ".join(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value)
    return dumps(value)


def _extras(
    rows: Sequence[Row], names: set[str], source: Source, unread: Mapping[int, Any]
) -> dict[str, Extra]:
    """Return the other columns, and the dates that could not be read."""
    kept = others(names, source)
    extras.check(kept)
    columns = {ours: [row.get(name) for row in rows] for name, ours in kept.items()}
    columns |= {ours: pick(rows, name) for name, ours in renamed(source).items()}
    if unread:
        name = spare(theirs(source, DATE), source)
        if name not in columns:
            columns[name] = [unread.get(i) for i in range(len(rows))]
    return {name: extras.column(name, values) for name, values in columns.items()}


def is_without(reason: str, name: str) -> bool:
    """Return whether a reason of `no_text` says that there was nothing, not something amiss."""
    return reason == f"{name!r} is null" or reason.startswith(f"no {name!r};")
