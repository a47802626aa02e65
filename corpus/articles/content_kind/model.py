"""The trained model of the content kind, and the most probable kind of a page.

`model.npz` contains only arrays: no pickles, no code. `model.md` describes its training data and
its quality. `scripts/train_content_kind.py` makes both.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Numbers
from corpus.articles.blocks.features import ReadPage
from corpus.articles.content_kind.description import PageDescription, PageDescriptions
from corpus.articles.content_kind.html_page import describe_html
from corpus.articles.content_kind.linear import (
    LinearModel,
    class_scores,
    pack_linear,
    unpack_linear,
)
from corpus.articles.content_kind.text_page import WORDS
from corpus.articles.lines.model import probabilities_of
from corpus.shipped_models import read_shipped_model

PATH = Path(__file__).with_name("model.npz")
KINDS = (
    "article", "forum", "product", "collection", "listing", "documentation", "service",
)  # fmt: skip
"""The kinds of content, in the order of the model's classes. They are those of WCXB."""
MIN_WORDS = 10
"""A page with fewer words has no kind: there is too little to go by."""


class ContentKindModel(NamedTuple):
    """The arrays of a trained model."""

    html: LinearModel
    text: LinearModel
    probabilities: Numbers
    """The probability for evenly spaced scores from -MAX_SCORE to MAX_SCORE. It is a table so that
    every machine computes the same bits."""


def pack(model: ContentKindModel) -> dict[str, NDArray[np.generic]]:
    """Return the model as named arrays, ready to save."""
    parts = pack_linear(model.html, "html") | pack_linear(model.text, "text")
    return parts | {"probabilities": model.probabilities}


def unpack(arrays: Mapping[str, NDArray[Any]]) -> ContentKindModel:
    """Return the model that `pack` turned into arrays."""
    html, text = unpack_linear(arrays, "html"), unpack_linear(arrays, "text")
    return ContentKindModel(html, text, arrays["probabilities"])


@cache
def load() -> ContentKindModel:
    """Return the model that ships with the package."""
    return read_shipped_model(PATH, unpack)


def kinds_of_pages(pages: PageDescriptions, model: LinearModel, table: Numbers) -> Numbers:
    """Return the probability of each of `KINDS` for each page (float32[n_pages, 7]).

    This is the softmax of the scores: the odds of a score are its exponential. `table` is
    `probabilities`.
    """
    scores = class_scores(pages, model)
    below_best = (scores - scores.max(axis=1, keepdims=True)).astype(np.float32)
    below = probabilities_of(below_best.ravel(), table).astype(np.float64).reshape(scores.shape)
    odds = below / (1 - below)
    total = np.zeros((len(odds), 1))
    for kind in range(len(KINDS)):  # the sum of a library can differ in its last bit
        total += odds[:, kind : kind + 1]
    return (odds / total).astype(np.float32)


def kind_probabilities(page: PageDescription, model: LinearModel, table: Numbers) -> Numbers:
    """Return the probability of each of `KINDS` for a single page (float32[7])."""
    kinds: Numbers = kinds_of_pages(PageDescriptions.of_one(page), model, table)[0]
    return kinds


def html_kinds(page: ReadPage) -> Numbers | None:
    """Return the probabilities of the kinds of an HTML page; None if it has too few words."""
    if len(page.words) < MIN_WORDS:
        return None
    model = load()
    return kind_probabilities(describe_html(page), model.html, model.probabilities)


def text_kinds(pages: PageDescriptions) -> list[Numbers | None]:
    """Return the probabilities of the kinds of each page of text; None if it has too few words."""
    model = load()
    kinds = kinds_of_pages(pages, model.text, model.probabilities)
    has_kind = (pages.columns[:, WORDS] >= MIN_WORDS).tolist()
    return [own if is_known else None for own, is_known in zip(kinds, has_kind, strict=True)]


def most_probable(kinds: Numbers | None) -> tuple[str | None, float | None]:
    """Return the most probable kind, and its probability; None for both if there are no kinds.

    If two are equally probable, it is the first of `KINDS`.
    """
    if kinds is None:
        return None, None
    best = int(kinds.argmax())
    return KINDS[best], float(kinds[best])
