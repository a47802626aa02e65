"""Identify the language and script of texts: a column of texts in, columns of tags out.

    tags = identify(pa.array(["Der Hund schläft heute im Garten.", "12.50"]))
    tags.language    ["de", "zxx"]
    tags.script      ["Latn", "Zyyy"]
    tags.score       [0.98, 1.0]

Each text is tagged by itself, so its tags do not depend on the batch. The script of its letters
limits the possible languages. A backend (see `backends`) predicts the most likely of them, and its
probability.

`own_model.md` lists languages that the models confuse. A text in several languages gets the tag of
the one that clearly prevails in the sample, or `und`; `paragraphs` measures the share of each
language.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus import arrow_buffers
from corpus.languages import ensemble, external_backends, langdetect_model, profile_backend
from corpus.languages.backends import Backend
from corpus.languages.codes import LANGUAGES, NO_LANGUAGE, TAGS, UNDETERMINED
from corpus.languages.predictions import (
    NO_PREDICTION,
    Predictions,
    ProfileSums,
    Samples,
    sample,
    sum_profiles,
)
from corpus.languages.sampling import MAX_SAMPLE_CHARACTERS
from corpus.languages.scripts import (
    EAST_ASIAN_LETTERS,
    SCRIPTS,
    dominant_script,
    only_language,
)

MAX_BATCH_CHARACTERS = 1_000_000
"""Maximum number of characters processed at a time, which takes about ten megabytes."""

HALF_CONFIDENT_LETTERS = 10
"""A script with only one language, unknown to the models, has a score of 0.5 at this length."""

SHORT_TEXT_LETTERS = 20
"""A text with fewer letters needs twice the score: names and greetings occur in many languages."""

MAX_SHORT_TEXT_SCORE = 0.9
"""The doubled minimum score of short texts is at most this."""

EAST_ASIAN_SCRIPTS = ("Hani", "Hans", "Hant", "Jpan", "Hang")
"""Scripts of which one character says as much as several letters."""


class Tags(NamedTuple):
    """The tags of each text."""

    language: pa.Array
    """string: one of `codes.TAGS`."""
    script: pa.Array
    """string: ISO 15924, the script of most letters; `Zyyy` without letters."""
    score: pa.Array
    """float32: the probability that `likeliest` is correct; 1 without letters."""
    second: pa.Array
    """string: the second most likely language; null if the script allows no other."""
    likeliest: pa.Array
    """string: the most likely language, whatever its score; null if none is possible."""
    letters: pa.Array
    """int32: the number of letters in the sample."""


class Measured(NamedTuple):
    """What is measured of each text, before its score is compared with a minimum."""

    likeliest: pa.Array
    """string: the most likely language, whatever its score; null if none is possible."""
    script: pa.Array
    """string: ISO 15924, the script of most letters; `Zyyy` without letters."""
    score: pa.Array
    """float64: the probability that `likeliest` is correct; 1 without letters."""
    second: pa.Array
    """string: the second most likely language; null if the script allows no other."""
    letters: pa.Array
    """int32: the number of letters in the sample."""


class Options(NamedTuple):
    """How texts are tagged."""

    backend: Backend = "ensemble"
    characters: int = 600
    """Maximum number of characters examined, at most 10,000; longer texts are sampled in slices."""
    min_score: float = 0.27
    """A language with a lower score becomes `und`."""
    min_scores: Mapping[str, float] = {}
    """Minimum scores of single languages, instead of `min_score`."""
    model: Path | None = None
    """The model file of `fasttext`."""


DEFAULT = Options()


def identify(texts: pa.Array, options: Options = DEFAULT) -> Tags:
    """Return the tags of each text. Null counts as empty; a text without letters is `zxx`.

    Raises EnvironmentFault if a package or model file that the backend needs is missing, and
    ValueError if `characters` is out of range.
    """
    return tags(measure(texts, options), options)


def measure(texts: pa.Array, options: Options = DEFAULT) -> Measured:
    """Return what is measured of each text; the minimum scores do not matter. Raises as `identify`.

    The result for a text does not depend on the others.
    """
    characters = options.characters
    if not 1 <= characters <= MAX_SAMPLE_CHARACTERS:
        raise ValueError(f"characters: {characters} is not from 1 to {MAX_SAMPLE_CHARACTERS}")
    rows = max(1, MAX_BATCH_CHARACTERS // characters)
    starts = range(0, max(1, len(texts)), rows)
    parts = [_measure_batch(texts[at : at + rows], options) for at in starts]
    return Measured(*(pa.concat_arrays(column) for column in zip(*parts, strict=True)))


def tags(measured: Measured, options: Options = DEFAULT) -> Tags:
    """Return the tags: `und` for a language whose score is below its minimum."""
    letters = arrow_buffers.numbers(measured.letters)
    likeliest = _numbers_of(measured.likeliest, LANGUAGES)
    minimum = [options.min_scores.get(code, options.min_score) for code in LANGUAGES]
    too_low = arrow_buffers.numbers(confidence(measured)) < np.array(minimum)[likeliest]
    undetermined = (likeliest < 0) | too_low
    tag = np.where(undetermined, TAGS.index(UNDETERMINED), likeliest)
    return Tags(
        _names(TAGS, np.where(letters == 0, TAGS.index(NO_LANGUAGE), tag)),
        measured.script,
        measured.score.cast(pa.float32()),
        measured.second,
        measured.likeliest,
        measured.letters,
    )


def _measure_batch(texts: pa.Array, options: Options) -> Measured:
    """Return what is measured of a few texts."""
    profiles = langdetect_model.load()
    samples = sample(texts, options.characters, profiles)
    profile_sums = sum_profiles(samples, profiles)
    letters = profile_sums.letters.sum(axis=1)
    script = dominant_script(profile_sums.letters)
    predictions = _predict(options, samples, profile_sums, script)
    likeliest = np.where(letters == 0, -1, predictions.language)
    score = np.where(predictions.language < 0, 0.0, predictions.score)
    scripts = profile_backend.chinese_orthography(script, profile_sums, profiles)
    return Measured(
        _names(LANGUAGES, likeliest),
        _names((*SCRIPTS, "Hans", "Hant"), scripts),
        arrow_buffers.number_column(np.where(letters == 0, 1.0, score)),
        _names(LANGUAGES, np.where(likeliest < 0, -1, predictions.second)),
        arrow_buffers.number_column(letters.astype(np.int32)),
    )


def _predict(
    options: Options, samples: Samples, profile_sums: ProfileSums, script: NDArray[np.int64]
) -> Predictions:
    """Return the backend's predictions; a script with only one language fills in missing ones."""
    if options.backend == "ensemble":
        predictions = ensemble.predict(samples, profile_sums, script)
    elif options.backend == "langdetect_profiles":
        predictions = profile_backend.predict(profile_sums, script, langdetect_model.load())
    else:
        predictions = external_backends.predict(samples, options.backend, options.model)
    letters = profile_sums.letters.sum(axis=1)
    by_script = (predictions.language == NO_PREDICTION) & (only_language()[script] >= 0)
    script_score = np.round(letters / (letters + HALF_CONFIDENT_LETTERS), 4)
    return Predictions(
        np.where(by_script, only_language()[script], predictions.language),
        predictions.second,
        np.where(by_script, script_score, predictions.score),
    )


def confidence(measured: Measured) -> pa.Array:
    """Return what is compared with a minimum score (float64), null if no language is possible.

    It is the score, or half of it for a short text: such a text needs twice the minimum, and never
    more than `MAX_SHORT_TEXT_SCORE` for that.
    """
    letters, score = arrow_buffers.numbers(measured.letters), arrow_buffers.numbers(measured.score)
    east_asian = _numbers_of(measured.script, EAST_ASIAN_SCRIPTS) >= 0
    is_short = np.where(east_asian, EAST_ASIAN_LETTERS * letters, letters) < SHORT_TEXT_LETTERS
    halved = is_short & (score < MAX_SHORT_TEXT_SCORE)
    impossible = (_numbers_of(measured.likeliest, LANGUAGES) < 0) & (letters > 0)
    return arrow_buffers.number_column(np.where(halved, score / 2, score), impossible)


def _numbers_of(column: pa.Array, names: tuple[str, ...]) -> NDArray[np.int32]:
    """Return the place of each name among `names`, -1 if it is null or not there."""
    found = pc.index_in(column, _name_column(names))
    is_there = arrow_buffers.numbers(found.is_valid().cast(pa.uint8()))
    return np.where(is_there, arrow_buffers.numbers(found), -1)


def _names(names: tuple[str, ...], numbers: NDArray[np.int64]) -> pa.Array:
    """Return the name of each number, null for -1."""
    return _name_column(names).take(arrow_buffers.number_column(numbers, numbers < 0))


_name_column = cache(arrow_buffers.string_column)
