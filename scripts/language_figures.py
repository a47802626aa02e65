"""The figures that `fit_language_ensemble.py` prints."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from language_fitting import LabelledTexts, select
from numpy.typing import NDArray

from corpus.languages.identify import MAX_SHORT_TEXT_SCORE, SHORT_TEXT_LETTERS
from corpus.languages.scripts import EAST_ASIAN_LETTERS, SCRIPTS

KINDS = ("article", "headline", "sentence", "wordpair", "word")
MIN_SCORES = (0.2, 0.3, 0.4, 0.5)
N_BINS = 10
"""Bins of the score, for the calibration error."""


class PredictedTexts(NamedTuple):
    """The prediction and score of each text, and whether our own model was needed for it."""

    language: NDArray[np.int64]
    score: NDArray[np.float64]
    by_own_model: NDArray[np.bool_]


def rows_of_sample(
    texts: LabelledTexts, sample: int, samples: tuple[int, ...]
) -> NDArray[np.bool_]:
    """Return which rows have a text at this sample size, or whole if it is shorter (bool[n])."""
    place = samples.index(sample)
    is_longer = texts.n_rows >= 1 + len(samples) - place
    return np.asarray(np.where(is_longer, texts.sample == sample, texts.sample == samples[0]))


def print_figures(
    texts: LabelledTexts,
    results: PredictedTexts,
    known: NDArray[np.bool_],
    sample: int,
    samples: tuple[int, ...],
) -> None:
    """Print the figures of each kind of text, for several minimum scores."""
    use = rows_of_sample(texts, sample, samples)
    texts = select(texts, use)
    fields: Any = results
    results = PredictedTexts(*(values[use] for values in fields))
    score = results.score
    print(f"sample: {sample}")
    correct = results.language == texts.gold
    tagged_language = texts.gold >= 0
    east_asian = np.isin(texts.scores.script, [SCRIPTS.index(x) for x in ("Hani", "Jpan", "Hang")])
    letters = texts.scores.letters * np.where(east_asian, EAST_ASIAN_LETTERS, 1)
    is_short = letters < SHORT_TEXT_LETTERS
    score_bin = np.minimum((score * N_BINS).astype(int), N_BINS - 1)
    for kind in KINDS:
        here = (texts.kind == kind) & ~texts.unseen
        unseen = (texts.kind == kind) & texts.unseen
        known_here = here & tagged_language & known[texts.gold]
        error = sum(
            abs((correct - score)[here & (score_bin == number)].sum()) for number in range(N_BINS)
        )
        print(
            f"{kind}: n {here.sum()}, own model used {results.by_own_model[here].mean():.2f},"
            f" calibration error {error / here.sum():.4f};"
            f" at 0: known {correct[known_here].mean():.4f},"
            f" either {correct[here & tagged_language].mean():.4f}"
        )
        for minimum in MIN_SCORES:
            doubled = min(2 * minimum, max(minimum, MAX_SHORT_TEXT_SCORE))
            tagged = score >= np.where(is_short, doubled, minimum)
            print(
                f"   {minimum}: known {(tagged & correct)[known_here].mean():.4f},"
                f" either {(tagged & correct)[here & tagged_language].mean():.4f},"
                f" wrong {(~correct)[here & tagged_language & tagged].mean():.4f},"
                f" others undetermined {(~tagged)[here & ~tagged_language].mean():.4f}"
                + (
                    f", never seen undetermined {(~tagged)[unseen].mean():.4f}"
                    if unseen.any()
                    else ""
                )
            )
