"""Check a build against its manifest: every file re-hashed, every sum added up again, offline."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus import storage
from corpus.builds.reader import manifest_of
from corpus.card.generated_region import generated_hash
from corpus.markup import html

if TYPE_CHECKING:
    from corpus.config.model import Config

UNHASHED = frozenset(["manifest.json", "run.json"])
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
    there is no build, or if its manifest is damaged.
    """
    manifest = manifest_of(folder)
    differences = [*_files(folder, manifest), *_sums(folder, manifest)]
    if inputs is not None:
        differences += _inputs(inputs, manifest)
    return Verification(folder, tuple(differences))


def _files(folder: Path, manifest: dict[str, Any]) -> Iterator[str]:
    """Yield what is missing, changed or does not belong."""
    for name, told in manifest["files"].items():
        path = folder / name
        if not path.is_file():
            yield f"{name}: missing"
        elif name == "README.md":
            yield from _card(path, told)
        elif storage.sha256(path) != told["sha256"]:
            yield f"{name}: its bytes are not those that were built"
    known = manifest["files"].keys() | UNHASHED
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in known:
            yield f"{name}: not part of the build"


def _card(path: Path, told: dict[str, Any]) -> Iterator[str]:
    """Yield whether the generated part of the card was changed; the rest is people's own."""
    built = told["generated"]
    if generated_hash(path.read_text(encoding="utf-8", errors="replace"), built) != built:
        yield f"{path.name}: its generated part is not what was built"


def _sums(folder: Path, manifest: dict[str, Any]) -> Iterator[str]:
    """Yield every count that the files themselves contradict."""
    counts = manifest["counts"]
    found = {split: _rows(folder, told["shards"]) for split, told in manifest["splits"].items()}
    for split, rows in found.items():
        if rows is None:
            yield f"split {split}: a shard cannot be read"
        elif rows != counts["splits"].get(split):
            yield f"split {split}: {rows:,} documents, not those of the manifest"
    for name in ("removed", "rejected"):
        rows = _rows(folder, [f"ledger/{name}.parquet"])
        if rows is not None and rows != counts[name]:
            yield f"ledger/{name}.parquet: {rows:,} rows, but the manifest says {counts[name]:,}"
    if counts["read"] != counts["kept"] + counts["removed"] + counts["rejected"]:
        yield "the counts do not add up: read is not kept + removed + rejected"
    if counts["kept"] != sum(counts["splits"].values()) or found.keys() != counts["splits"].keys():
        yield "the counts do not add up: kept is not the sum of the splits"
    if counts["removed"] != sum(row["documents"] for row in manifest["funnel"]):
        yield "the counts do not add up: removed is not the sum of the funnel"
    shards = [name for told in manifest["splits"].values() for name in told["shards"]]
    if sorted(shards) != sorted(name for name in manifest["files"] if name.startswith("data/")):
        yield "the shards of the splits are not the data files"
    yield from _ids(folder, manifest)


def _rows(folder: Path, names: list[str]) -> int | None:
    """Return the rows of these Parquet files, or None where one cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return sum(pq.ParquetFile(folder / name).metadata.num_rows for name in names)
    except (OSError, pa.ArrowException):
        return None


def _ids(folder: Path, manifest: dict[str, Any]) -> Iterator[str]:
    """Yield whether an id stands in two rows, or a shard holds other documents than built."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from corpus.documents import content_hash

    hashes = []
    for name, told in manifest["files"].items():
        if "content" not in told:
            continue
        try:
            table = pq.read_table(folder / name, columns=["id", "text"])
        except (OSError, pa.ArrowException):
            continue
        if content_hash(table) != told["content"]:
            yield f"{name}: its documents are not those that were built"
        ids = table.column("id").to_pylist()
        hashes.append(np.array([_short(id) for id in ids], np.uint64))
    every = np.concatenate(hashes) if hashes else np.zeros(0, np.uint64)
    if len(np.unique(every)) != len(every):
        yield "an id stands in more than one row"


def _short(id: str) -> int:
    return int.from_bytes(hashlib.blake2b(id.encode(), digest_size=8).digest(), "big")


def _inputs(config: Config, manifest: dict[str, Any]) -> Iterator[str]:
    """Yield which inputs are not those that were built from."""
    from corpus.progress import silent
    from corpus.sources.inputs import find_inputs, hash_inputs

    now = hash_inputs(find_inputs(config.sources, config.folder), silent())
    hashes = {(item.source, item.file.name): item.sha256 for item in now}
    for told in manifest["inputs"]:
        found = hashes.pop((told["config"], told["source"]), None)
        if found is None:
            yield f"input {told['source']}: no longer there"
        elif found != told["sha256"]:
            yield f"input {told['source']}: changed since the build"
    for _, name in sorted(hashes):
        yield f"input {name}: new since the build"
