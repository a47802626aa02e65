"""Remove or flag documents that contain items of benchmarks.

    stages:
      - stage: decontaminate
        benchmarks:
          - {name: arithmetic, path: benchmarks/arithmetic.jsonl}
          - {name: reading, path: benchmarks/reading/*.jsonl, question: [passage, question]}
        action: remove       # or flag: keep them, and fill `contaminated_by`

A document contains the question of an item if a window of the document has at least `share` of its
shingles, and at least as many of them as `shortest` words in a row have. The options are parts of
the question, in any order. The window is `window` times as long as the question. The answer is
judged apart, in the same way: it may stand far from the question, or without it. An item with fewer
than `shortest` words is not searched for, and one of exactly `shortest` words must match exactly.

Letter case, punctuation and line breaks do not matter. A shingle that is in more than 32 items,
such as an instruction that is repeated with each question, does not count.

`contaminated_by` has an item for each benchmark, `name file:record`: the question that matches best
or, if there is none, the answer. `contamination` is the largest overlap with any question or
answer. The evidence of a removal is the first of these items, and its score the overlap with it.
Card and audit have a table of the items that were searched for, and of the documents that contain
them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, PrivateAttr, ValidationInfo, model_validator

from corpus import storage
from corpus.contamination.benchmark import Benchmark
from corpus.documents import TEXT, column, remove
from corpus.observations import Observation
from corpus.stages.base import ThresholdStage
from corpus.stages.thresholds import Threshold

if TYPE_CHECKING:
    from corpus.contamination.observations import BenchmarkOverlap


class Decontaminate(ThresholdStage):
    """Remove or flag documents that contain items of benchmarks."""

    adds: ClassVar[pa.Schema] = pa.schema(
        [("contaminated_by", pa.list_(pa.string())), ("contamination", pa.float64())]
    )
    reasons: ClassVar[dict[str, str]] = {
        "benchmark_question": "it contains the question of a benchmark item (the evidence)",
        "benchmark_answer": "it contains the answer of a benchmark item (the evidence)",
    }

    stage: Literal["decontaminate"] = "decontaminate"

    benchmarks: Annotated[tuple[Benchmark, ...], Field(min_length=1)]
    """The benchmarks whose items must not be in the corpus."""

    share: float = Field(0.5, ge=0.2, le=1)
    """Minimum share of the shingles of a question and its options within a window."""

    answer_share: float = Field(0.5, ge=0.2, le=1)
    """Minimum share of the shingles of an answer within a window."""

    action: Literal["remove", "flag"] = "remove"
    """What to do with a document that contains an item: `remove` it, or keep it and `flag` it in
    the columns `contaminated_by` and `contamination`."""

    words: int = Field(4, ge=1, le=64)
    """Words per shingle."""

    shortest: int = Field(8, ge=1, le=1000)
    """Minimum number of words that must match: as many shingles as that many words in a row have.
    Items with fewer words are not searched for."""

    window: float = Field(2.0, ge=1, le=100)
    """Length of the window, in multiples of the words of the question or answer."""

    _folder: Path = PrivateAttr(default=Path())
    _prepared: BenchmarkOverlap | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _agree(self, info: ValidationInfo) -> Self:
        """Refuse settings that contradict each other; store the folder of the config."""
        self._folder = Path((info.context or {}).get("folder", "."))
        if self.shortest < self.words:
            raise ValueError(
                f"shortest ({self.shortest}) must be at least words ({self.words}): "
                "a shorter item has no shingle"
            )
        names = [benchmark.name for benchmark in self.benchmarks]
        for i, name in enumerate(names):
            if name in names[:i]:
                raise ValueError(f"two benchmarks are called {name!r}: rename one")
        return self

    def files(self) -> tuple[Path, ...]:
        """Return the files of the benchmarks. Raises InputError if there are none."""
        from corpus.contamination.files import benchmark_paths

        paths = (benchmark_paths(benchmark, self._folder) for benchmark in self.benchmarks)
        return tuple(sorted(set(chain.from_iterable(paths))))

    def prepare(self, folder: Path) -> tuple[Self, tuple[Path, ...]]:
        """Return the stage with the index of the benchmarks, which all workers map.

        A damaged index is made again.
        """
        from corpus.contamination.index import is_complete

        observation = self._overlap()
        index = folder / observation.key
        if not is_complete(index):
            storage.discard(index, unless=is_complete)
            observation.write_index(index)
        prepared = self.model_copy()
        prepared._prepared = observation.model_copy(update={"index": index})  # noqa: SLF001
        return prepared, (index,)

    def kernels(self) -> None:
        """Compile the kernels, or load them from the cache; map the index."""
        self._overlap().columns(pa.record_batch({TEXT: pa.array(["word"], pa.large_string())}))

    def observes(self) -> tuple[Observation, ...]:
        """Return the items of benchmarks that a text contains."""
        return (self._overlap(),)

    def _overlap(self) -> BenchmarkOverlap:
        from corpus.contamination.observations import BenchmarkOverlap

        if self._prepared is not None:
            return self._prepared
        return BenchmarkOverlap.of(
            self.benchmarks,
            words=self.words,
            shortest=self.shortest,
            window=self.window,
            base=self._folder,
        )

    def thresholds(self) -> tuple[Threshold, ...]:
        """Return the overlaps below which a document is kept, if others are removed."""
        if self.action == "flag":
            return ()
        overlap = self._overlap()
        return tuple(
            Threshold(
                f"benchmark_{part}",
                setting,
                overlap.overlap_column(part),
                f"largest overlap with the {part} of a benchmark item",
                max=getattr(self, setting),
                max_is_outside=True,
            )
            for part, setting in (("question", "share"), ("answer", "answer_share"))
        )

    def judge(self, measured: pa.RecordBatch) -> pa.RecordBatch:
        """Return the measurements with the columns of the stage; contaminated rows are marked."""
        n = measured.num_rows
        items: list[list[str] | None] = [None] * n
        overlaps: list[float | None] = [None] * n
        scores: list[float | None] = [None] * n
        reasons: list[str | None] = [None] * n
        matches = measured.column(self._overlap().matches)
        for row in pc.indices_nonzero(pc.greater(pc.list_value_length(matches), 0)).to_pylist():
            hits = [m for m in matches[row].as_py() if m["overlap"] >= self._threshold(m["part"])]
            if not hits:
                continue
            hits.sort(key=lambda match: match["part"] == "answer")  # questions first
            best = {hit["benchmark"]: f"{hit['benchmark']} {hit['item']}" for hit in reversed(hits)}
            items[row] = [best[name] for name in dict.fromkeys(hit["benchmark"] for hit in hits)]
            overlaps[row] = max(hit["overlap"] for hit in hits)
            scores[row] = hits[0]["overlap"]
            reasons[row] = f"benchmark_{hits[0]['part']}"
        for field, values in zip(self.adds, (items, overlaps), strict=True):
            measured = column(measured, field.name, values, field.type)
        if self.action == "flag":
            return measured
        because = pa.array(reasons, pa.string())
        evidence = pa.array([each and each[0] for each in items], pa.string())
        return remove(
            measured,
            because.is_valid(),
            because=because,
            evidence=evidence,
            score=pa.array(scores, pa.float64()),
        )

    def _threshold(self, part: str) -> float:
        return self.share if part == "question" else self.answer_share

    def metrics(self, decisions: Iterable[pa.RecordBatch] | None) -> dict[str, object]:
        """Return the coverage: items searched for, by benchmark, and documents that have them."""
        from corpus.contamination.index import read_summary

        documents: Counter[str] = Counter()
        contaminated = 0
        for decided in decisions or ():
            items = decided.column("contaminated_by")
            contaminated += len(items) - items.null_count
            names = pc.list_flatten(items).to_pylist()
            documents.update(item.partition(" ")[0] for item in names)
        overlap = self._overlap()
        summary = read_summary(overlap.index) if overlap.index else overlap.opened().summary
        coverage = summary["coverage"]
        if decisions is None:
            return {"coverage": coverage}
        counted = [each | {"documents": documents[each["benchmark"]]} for each in coverage]
        return {"contaminated": contaminated, "coverage": counted}
