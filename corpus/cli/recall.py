"""The recall of the stages that look for similar texts, computed from their settings."""

from __future__ import annotations

from math import floor

from corpus.similarity.bands import comparison_recall
from corpus.stages import Stage
from corpus.stages.containment import Containment
from corpus.stages.deduplicate import Deduplicate
from corpus.stages.split import Split

RECALL_SIMILARITIES = (0.5, 0.6, 0.7, 0.8, 0.9)


def recall_lines(stage: Stage) -> list[str]:
    """Return the recall of a stage that looks for similar texts; nothing for other stages."""
    if isinstance(stage, Containment):
        return _containment_lines(stage)
    if not isinstance(stage, Deduplicate | Split) or stage.bands is None:
        return []
    at = stage.threshold if isinstance(stage, Deduplicate) else stage.leakage_threshold
    assert at is not None  # noqa: S101  (else it has no bands)
    bands, rows = stage.bands
    recalls_at = [
        comparison_recall(s, stage.bands, hashes=stage.hashes, threshold=at)
        for s in RECALL_SIMILARITIES
    ]
    # Rounded down: a recall of almost 1 must not read as 1.
    rounded = [floor(1e4 * recall) / 1e4 for recall in recalls_at]
    curve = [f"{recall:.4f} at {s}" for s, recall in zip(RECALL_SIMILARITIES, rounded, strict=True)]
    return [
        f"{stage.stage}: removes at a Jaccard similarity of at least {at}, compared exactly",
        f"  candidates from {bands} bands of {rows} hashes",
        f"  recall {', '.join(curve)}",
    ]


def _containment_lines(stage: Containment) -> list[str]:
    from corpus.similarity.containment import recall_by_size

    curve = ", ".join(
        f"{recall:.4f} at {size}" for size, recall in recall_by_size(stage.share).items()
    )
    verb, name, share = "removes" if stage.remove else "marks", stage.stage, stage.share
    return [
        f"{name}: {verb} texts with at least {share:g} of their shingles in a longer one",
        "  candidates from a sample of shingles",
        f"  recall by number of shingles {curve}",
    ]
