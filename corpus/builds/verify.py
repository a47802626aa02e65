"""Check a build against its manifest: hash every file and check every sum again, offline."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from corpus import storage
from corpus.builds.exchange import read_unreplaced
from corpus.builds.manifest import CARD, FileEntry, Manifest
from corpus.builds.reader import NotInBuild, file_in_build, load_manifest, names_below
from corpus.card.generated_region import generated_hash
from corpus.markup import html

if TYPE_CHECKING:
    from corpus.config.model import Config

UNLISTED = frozenset(["manifest.json", "run.json"])
"""Files of a build that its manifest does not list."""


@dataclass(frozen=True)
class Verification:
    """The result of `verify`: true if the build is exactly what was built."""

    path: Path
    differences: tuple[str, ...]
    """One line for each difference between the build and its manifest."""

    def __bool__(self) -> bool:
        return not self.differences

    def __str__(self) -> str:
        if self.differences:
            return "\n".join(self.differences)
        return f"{self.path}: every file is unchanged, and the counts add up"

    def __repr__(self) -> str:
        n = len(self.differences)
        state = f"{n:,} difference{'' if n == 1 else 's'}" if n else "unchanged"
        return f"<Verification of {self.path}: {state}>"

    def _repr_html_(self) -> str:
        rows = "".join(f"<li>{html(line)}</li>" for line in self.differences)
        return f"<p>{html(repr(self)[1:-1])}</p>" + (f"<ul>{rows}</ul>" if rows else "")


def verify(folder: Path, inputs: Config | None = None) -> Verification:
    """Return every difference between a build and its manifest.

    With the config it was built from, the inputs are hashed again, too. Nothing that a build names
    is trusted: no config is read, no code is run, no address is opened. Raises `InputError` if
    there is no build, or if its manifest is damaged; `EnvironmentFault` if other builds replace it
    again and again.
    """
    return read_unreplaced([folder], lambda: _verify(folder, inputs))


def _verify(folder: Path, inputs: Config | None) -> Verification:
    manifest = load_manifest(folder)
    differences = [
        *_changed_manifest(manifest),
        *_changed_files(folder, manifest),
        *_wrong_rows(folder, manifest),
        *_wrong_sums(manifest),
        *_wrong_documents(folder, manifest),
    ]
    if inputs is not None:
        differences += _changed_inputs(inputs, manifest)
    return Verification(folder, tuple(differences))


def _changed_manifest(manifest: Manifest) -> Iterator[str]:
    """Yield whether a value of the manifest was changed; earlier versions wrote no checksum."""
    if manifest.checksum not in (None, manifest.computed_checksum()):
        yield "manifest.json: changed since it was built"


def _changed_files(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Yield each file that is missing, changed or not part of the build."""
    for name, entry in manifest.files.items():
        try:
            path = file_in_build(folder, name)
        except NotInBuild as error:
            yield str(error)
            continue
        except OSError:
            yield f"{name}: missing"
            continue
        if name == CARD:
            yield from _changed_card(path, entry)
        elif storage.sha256(path) != entry.sha256:
            yield f"{name}: changed since it was built"
    known = manifest.files.keys() | UNLISTED
    for name in names_below(folder):
        if name not in known:
            yield f"{name}: not part of the build"


def _changed_card(path: Path, entry: FileEntry) -> Iterator[str]:
    """Yield whether the generated part of the card was changed. The rest is the user's own."""
    card = path.read_text(encoding="utf-8", errors="replace")
    if generated_hash(card, entry.generated) != entry.generated:
        yield f"{CARD}: its generated part was changed since it was built"


def _wrong_rows(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Yield each count of the manifest that differs from the rows of the files."""
    counts = manifest.counts
    for split, entry in manifest.splits.items():
        rows = _rows(folder, entry.shards)
        expected = counts.splits.get(split)
        if rows is None:
            yield f"split {split}: a shard cannot be read"
        elif rows != expected:
            claim = "does not list it" if expected is None else f"says {expected:,}"
            yield f"split {split}: {rows:,} documents, but the manifest {claim}"
    for name, expected in (("removed", counts.removed), ("rejected", counts.rejected)):
        rows = _rows(folder, [f"ledger/{name}.parquet"])
        if rows is not None and rows != expected:
            yield f"ledger/{name}.parquet: {rows:,} rows, but the manifest says {expected:,}"


def _wrong_sums(manifest: Manifest) -> Iterator[str]:
    """Yield each sum of the manifest that does not add up."""
    counts = manifest.counts
    if counts.read != counts.kept + counts.removed + counts.rejected:
        yield "the counts do not add up: read is not kept + removed + rejected"
    splits_match = manifest.splits.keys() == counts.splits.keys()
    if counts.kept != sum(counts.splits.values()) or not splits_match:
        yield "the counts do not add up: kept is not the sum of the splits"
    if counts.removed != sum(row.documents for row in manifest.funnel):
        yield "the counts do not add up: removed is not the sum of the funnel"
    if sorted(manifest.shards) != sorted(n for n in manifest.files if n.startswith("data/")):
        yield "the shards of the splits are not the data files"


def _rows(folder: Path, names: Sequence[str]) -> int | None:
    """Return the number of rows of these Parquet files, or None if one cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        paths = [file_in_build(folder, name) for name in names]
        return sum(pq.ParquetFile(path).metadata.num_rows for path in paths)
    except (OSError, NotInBuild, pa.ArrowException):
        return None


def _wrong_documents(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Yield each shard with other documents than those built, and whether an id is repeated."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from corpus.documents import content_hash

    hashes = []
    for name, entry in manifest.files.items():
        if entry.content is None:
            continue
        try:
            path = file_in_build(folder, name)
            table = pq.read_table(path, columns=["id", "text"], partitioning=None)
        except (OSError, NotInBuild, pa.ArrowException):
            continue
        if content_hash(table) != entry.content:
            yield f"{name}: its documents are not the ones that were built"
        ids = table.column("id").to_pylist()
        hashes.append(np.array([_hash_of_id(id) for id in ids], np.uint64))
    all_hashes = np.concatenate(hashes) if hashes else np.zeros(0, np.uint64)
    if len(np.unique(all_hashes)) != len(all_hashes):
        yield "an id is in more than one row"


def _hash_of_id(id: str) -> int:
    return int.from_bytes(hashlib.blake2b(id.encode(), digest_size=8).digest(), "big")


def _changed_inputs(config: Config, manifest: Manifest) -> Iterator[str]:
    """Yield each input file that is missing, changed or new since the build."""
    from corpus.progress import silent
    from corpus.sources.files.inputs import find_inputs, hash_inputs

    inputs = hash_inputs(find_inputs(config.sources, config.folder).inputs, silent())
    hashes = {(item.source, item.file.name): item.sha256 for item in inputs}
    for entry in manifest.inputs:
        sha256 = hashes.pop((entry.config, entry.source), None)
        if sha256 is None:
            yield f"input {entry.source}: missing"
        elif sha256 != entry.sha256:
            yield f"input {entry.source}: changed since the build"
    for _, name in sorted(hashes):
        yield f"input {name}: new since the build"
