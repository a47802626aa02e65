"""What is checked before a build is published."""

from __future__ import annotations

import pytest

from corpus.errors import CorpusError
from corpus.pipeline.publish import _check_splits


def split(**metrics):
    """Return what the manifest says of a split stage."""
    return [{"stage": "language", "metrics": {}}, {"leakage_threshold": 0.5, "metrics": metrics}]


@pytest.mark.parametrize(
    ("metrics", "message"),
    [
        ({"overlap": 2, "highest_left": 0.1}, "2 texts are in two of them"),
        ({"overlap": 0, "highest_left": 0.5}, r"a Jaccard of 0\.5, which may not reach 0\.5"),
    ],
)
def test_splits_that_overlap_are_not_published(metrics, message):
    """A text in two splits, or a pair across them at the threshold, stops the build."""
    with pytest.raises(CorpusError, match=message):
        _check_splits(split(**metrics))


def test_splits_apart_are_published():
    """Under the threshold, or where nobody looked, nothing is said."""
    _check_splits(split(overlap=0, highest_left=0.499999))
    _check_splits([{"stage": "split", "leakage_threshold": None, "metrics": {}}])
    _check_splits([{"stage": "split", "leakage_threshold": None, "metrics": {"overlap": 3}}])
