"""What the stage `decontaminate` measures of a document: its overlap with items of benchmarks."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pydantic import Field, InstanceOf

from corpus import storage
from corpus.contamination.benchmark import Benchmark
from corpus.contamination.files import BenchmarkFiles, hashed_files
from corpus.documents import TEXT, optional
from corpus.fingerprints import code_hash
from corpus.observations import Observation

if TYPE_CHECKING:
    from corpus.contamination.index import Index
    from corpus.contamination.matching import Overlaps

PARTS = ("question", "answer")
"""Names of the parts of an item: the question with its options, and the answer."""

MATCHES = pa.list_(
    pa.struct(
        [
            ("part", pa.string()),
            ("benchmark", pa.string()),
            ("item", pa.string()),
            ("overlap", pa.float64()),
        ]
    )
)
"""The matches of a document: for each part and benchmark the item with the largest overlap, the
largest first."""


class BenchmarkOverlap(Observation):
    """The items of benchmarks that a text contains, with the share of each that it has."""

    key: str
    """Hash of the content of the benchmarks, and of everything else that the index depends on."""

    words: int
    shortest: int
    window: float

    contents: tuple[InstanceOf[BenchmarkFiles], ...] = Field(exclude=True)
    """The benchmarks, with their files as they were when the key was made."""

    index: Path | None = Field(None, exclude=True)
    """The folder of the index; without one, a process makes an index of its own."""

    @classmethod
    def of(
        cls,
        benchmarks: Sequence[Benchmark],
        *,
        words: int,
        shortest: int,
        window: float,
        base: Path,
    ) -> BenchmarkOverlap:
        """Return the observation for benchmarks whose files are read below `base`."""
        contents = tuple(hashed_files(benchmark, base) for benchmark in benchmarks)
        parts: list[Any] = [code_hash("corpus.contamination.build_index"), words, shortest, window]
        for each in contents:
            settings = each.benchmark.model_dump(mode="json", exclude={"path"})
            files = [[f.name, sha256] for f, sha256 in zip(each.files, each.sha256, strict=True)]
            parts.append([settings, each.version, files, each.skipped])
        key = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
        return cls(key=key, words=words, shortest=shortest, window=window, contents=contents)

    @property
    def matches(self) -> str:
        """Return the name of the column of matches (`MATCHES`)."""
        return f"benchmark_{self.key[:8]}_matches"

    def overlap_column(self, part: str) -> str:
        """Return the name of the column of the largest overlap with a part of any item."""
        return f"benchmark_{self.key[:8]}_{part}"

    def reads(self) -> tuple[str, ...]:
        """Return the column of the text."""
        return (TEXT,)

    def signals(self) -> dict[str, str]:
        """Return the largest overlap with a question and with an answer."""
        return {
            self.overlap_column(part): f"largest overlap with the {part} of a benchmark item"
            for part in PARTS
        }

    def columns(self, documents: pa.RecordBatch) -> dict[str, pa.Array]:
        """Return the matches, and the largest overlap by part (float64, 0 if there is none)."""
        from corpus.contamination.matching import find_overlaps

        texts = optional(documents, TEXT, pa.large_string())
        index = self.opened()
        fewest = self.shortest - self.words + 1
        found = find_overlaps(texts, index, words=self.words, fewest=fewest)
        matches: list[list[dict[str, Any]]] = [[] for _ in range(documents.num_rows)]
        for document, match in _best_matches(found, index):
            matches[document].append(match)
        largest = {
            self.overlap_column(part): pa.array(
                [
                    max((m["overlap"] for m in row if m["part"] == part), default=0.0)
                    for row in matches
                ],
                pa.float64(),
            )
            for part in PARTS
        }
        return {self.matches: pa.array(matches, MATCHES)} | largest

    def opened(self) -> Index:
        """Return the index; make one for this process if a build has not made it."""
        from corpus.contamination.index import opened

        return opened(self.index or _own_index(self))

    def write_index(self, folder: Path) -> None:
        """Write the index into a new folder, whose last part is the key.

        Raises `InputError` for benchmarks that cannot be read, or have changed since the key was
        made.
        """
        from corpus.contamination.build_index import build_index
        from corpus.contamination.parts import Limits

        limits = Limits(self.words, self.shortest, self.window)
        build_index(folder, self.contents, limits)


@lru_cache(maxsize=4)
def _own_index(observation: BenchmarkOverlap) -> Path:
    """Return the folder of an index that is deleted when this process ends."""
    folder = Path(storage.temporary_folder(tempfile.gettempdir())) / observation.key
    observation.write_index(folder)
    return folder


def _best_matches(found: Overlaps, index: Index) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield documents with their matches, those of a document from the largest overlap down.

    A text that is in several benchmarks matches each of them. Of equal overlaps, that of the first
    item in the order of the config counts.
    """
    rows = []
    for document, text, share in zip(
        found.documents.tolist(), found.texts.tolist(), found.shares.tolist(), strict=True
    ):
        first, last = int(index.starts[text]), int(index.starts[text + 1])
        rows += [(document, -share, owner) for owner in index.owners[first:last].tolist()]
    seen = set()
    for document, share, owner in sorted(rows):
        part, benchmark = PARTS[owner & 1], index.benchmark_of(owner)
        if (document, part, benchmark) not in seen:
            seen.add((document, part, benchmark))
            match = {"part": part, "benchmark": benchmark, "item": index.item_of(owner)}
            yield document, match | {"overlap": -share}
