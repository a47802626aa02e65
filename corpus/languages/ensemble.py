"""The backend `combined`: two models for every text, a third where they leave doubt, one rule."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.languages import (
    ensemble_kernels,
    ensemble_weights,
    langdetect_model,
    own_model,
    py3langid_model,
)
from corpus.languages.codes import LANGUAGES
from corpus.languages.confidence_features import SIGNS, Heard, first_signs, signs
from corpus.languages.ensemble_kernels import ABSENT, PROFILES, VOICES, WALKS, WORDS
from corpus.languages.forests import chances
from corpus.languages.predictions import Answer, Reading, Weighed
from corpus.languages.scripts import SCRIPTS

PROFILE_UNIT = 1.0 / langdetect_model.SCALE
WALK_UNIT = 1.0 / (py3langid_model.SCALE * py3langid_model.COUNT_SCALE)
WORD_UNIT = 1.0 / own_model.SCALE

LETTERS, KNOWN = "letters", "known words' n-grams for each letter"

ENOUGH = 30
"""From so many letters on a text can look unlike a language."""

BY_SCRIPT = 0.5
"""So sure is a language at most that its script alone speaks for."""


def answer(reading: Reading, weighed: Weighed, script: NDArray[np.int64]) -> Answer:
    """Return the likeliest language of each text, the second, and the chance of the first."""
    fitted = ensemble_weights.load()
    heard = first_two(reading, weighed, script, fitted.columns, fitted.allowed)
    said = agreed(heard)
    score = chances(first_signs(heard, fitted.allowed, fitted.typical), fitted.first)
    asked = doubted(said[:, 0], score, fitted)
    if asked.any():
        heard = ask_words(heard, reading, asked, fitted)
        rows = np.flatnonzero(asked)
        said[rows], lead = combine(heard, rows, fitted)
        late = signs(heard, rows, said[rows, 0], lead, fitted.allowed, fitted.typical)
        chance = capped(chances(late, fitted.second), said[rows, 0], late, fitted.usual)
        japanese = rather_japanese(heard, rows)
        score[rows] = np.where(japanese, np.minimum(chance, BY_SCRIPT), chance)
    return Answer(said[:, 0], said[:, 1], np.where(said[:, 0] < 0, 0.0, score))


def doubted(
    said: NDArray[np.int64], score: NDArray[np.float64], fitted: ensemble_weights.Rule
) -> NDArray[np.bool_]:
    """Return about which texts the third voice is asked, by what the first two agree on (or -1).

    Also where they are sure of a language with a script for itself: that may be all they know; and
    of Hebrew, which they take Yiddish for.
    """
    sure = (said >= 0) & (score >= fitted.sure)
    return ~sure | (fitted.usual[said] > 0) | (said == LANGUAGES.index("he"))


def capped(
    score: NDArray[np.float64],
    said: NDArray[np.int64],
    late: NDArray[np.float64],
    usual: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the scores, at most BY_SCRIPT where little but its script makes a text its language's.

    That is where it has fewer known n-grams (see `signs.SIGNS`) than is `usual` in that language.
    The trees can't know: they have seen no other language in such a script.
    """
    letters, known = (late[:, SIGNS.index(name)] for name in (LETTERS, KNOWN))
    unlike = (letters >= ENOUGH) & (known < usual[said])
    return np.where(unlike, np.minimum(score, BY_SCRIPT), score)


def rather_japanese(heard: Heard, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which of some texts in Han alone look more like Japanese to our own model.

    A headline without kana may be Japanese, though the script leaves Chinese alone. Of Chinese
    sentences one in twenty looks like that, of Japanese headlines every other.
    """
    said = heard.voices[WORDS, rows]
    best = np.maximum(heard.best[WORDS, rows, 0], 0)
    ahead = said[:, LANGUAGES.index("ja")] > said[np.arange(len(rows)), best]
    return ahead & (heard.script[rows] == SCRIPTS.index("Hani"))


def first_two(
    reading: Reading,
    weighed: Weighed,
    script: NDArray[np.int64],
    columns: NDArray[np.int64],
    allowed: NDArray[np.bool_],
) -> Heard:
    """Return what profiles and walks say; the words have said nothing yet."""
    n_texts = len(script)
    rows = np.arange(n_texts)
    voices = np.full((VOICES, n_texts, len(LANGUAGES)), ABSENT)
    best = np.full((VOICES, n_texts, 2), -1, np.int64)
    sums, sizes = py3langid_model.weigh(*reading, py3langid_model.load())
    for voice, found, unit, size in (
        (PROFILES, weighed.sums, PROFILE_UNIT, weighed.known.astype(np.int64)),
        (WALKS, sums, WALK_UNIT, sizes),
    ):
        ensemble_kernels.hear(
            found, unit, size, columns[voice], allowed, script, rows, voices[voice], best[voice]
        )
    letters = weighed.letters.sum(axis=1).astype(np.int64)
    share = weighed.letters.max(axis=1) / np.maximum(letters, 1)
    nothing = np.zeros(n_texts, np.int64)
    return Heard(voices, best, np.zeros(n_texts), nothing, script, letters, share, weighed.known)


def ask_words(
    heard: Heard,
    reading: Reading,
    asked: NDArray[np.bool_],
    fitted: ensemble_weights.Rule,
    model: own_model.Words | None = None,
) -> Heard:
    """Return the same with what the words say of the texts that are `asked` about."""
    model = own_model.load() if model is None else model
    sums, sizes = own_model.weigh(*reading, asked, model)
    rows = np.flatnonzero(asked)
    unit = float(WORD_UNIT * np.sqrt(10.0))  # sizes are in tenths
    ensemble_kernels.hear(
        sums,
        unit,
        sizes,
        fitted.columns[WORDS],
        fitted.allowed,
        heard.script,
        rows,
        heard.voices[WORDS],
        heard.best[WORDS],
    )
    best = np.take(sums[rows], fitted.others, axis=1).max(axis=1)
    heard.other[rows] = best * (unit / np.sqrt(np.maximum(sizes[rows], 1)))
    return heard._replace(sizes=sizes)


def agreed(heard: Heard) -> NDArray[np.int64]:
    """Return what the first two voices agree on, and the second (int64[n_texts, 2]); else -1."""
    same = heard.best[PROFILES, :, :1] == heard.best[WALKS, :, :1]
    return np.where(same, heard.best[WALKS], -1)


def combine(
    heard: Heard, rows: NDArray[np.int64], fitted: ensemble_weights.Rule
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the rule's answers for some rows, and how far they lead, as `votes.combine` does."""
    said = np.full((len(rows), 2), -1, np.int64)
    lead = np.zeros((len(rows), 3))
    ensemble_kernels.combine(
        heard.voices,
        heard.best,
        rows,
        heard.script,
        heard.letters,
        fitted.allowed,
        fitted.weight,
        fitted.bias,
        fitted.short,
        ensemble_weights.kin(),
        fitted.telling,
        np.zeros(len(LANGUAGES)),
        said,
        lead,
    )
    return said, lead
