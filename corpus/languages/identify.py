"""Tag texts with their language and script: a column of texts in, columns of tags out.

    tags = identify(pa.array(["Der Hund schläft heute im Garten.", "12.50"]))
    tags.language    ["de", "zxx"]
    tags.script      ["Latn", "Zyyy"]
    tags.score       [0.98, 1.0]

Each text is judged by itself, so it has the same tag in any batch. The script of its letters says
which languages are possible; a backend says which of them is likeliest, and how likely:

    combined    langdetect's profiles, py3langid's model and one of our own, by a fitted rule
    profiles    langdetect's profiles alone, every n-gram added up
    langdetect  the original, seeded, for comparison
    lingua      for short texts, if it is installed
    fasttext    a model file of yours, if the package is installed

What the models can and cannot tell apart stands in `own.md`. A text in several languages has the
tag of the one that clearly outweighs the others in the sample, and is `und` where none does;
`paragraphs` says which part of it is in which.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus import arrow_buffers
from corpus.languages import ensemble, external_backends, profile_confidence
from corpus.languages.codes import LANGUAGES, NO_LANGUAGE, TAGS, UNDETERMINED
from corpus.languages.langdetect_model import SCALE, Profiles, load
from corpus.languages.predictions import SILENT, Answer, Reading, Weighed, read, weigh
from corpus.languages.sampling import MAX_CHARACTERS
from corpus.languages.scripts import EAST_ASIAN, SCRIPTS, allowed, dominant, only_language

Backend = Literal["combined", "profiles", "langdetect", "lingua", "fasttext"]

CHARACTERS = 1_000_000
"""So many characters are looked at at a time, at most: some ten megabytes."""

HALF_SURE = 10
"""So many letters make a script's one language half sure, where no model knows it."""

CLEAR_ORTHOGRAPHY = 1.0
"""With less evidence than this between them, Chinese is neither `Hans` nor `Hant` but `Hani`."""

FEW_LETTERS = 20
"""Below so many letters a language must be twice as sure: a name or a greeting is in many."""


class Tags(NamedTuple):
    """What was found of each text."""

    language: pa.Array
    """string: one of `codes.TAGS`."""
    script: pa.Array
    """string: ISO 15924, the script of most letters; `Zyyy` without any."""
    score: pa.Array
    """float32: the chance that `likeliest` is right; 1 where there are no letters."""
    second: pa.Array
    """string: the next likely language; null where the script leaves no other."""
    likeliest: pa.Array
    """string: the language before `min_score` was asked; null where none is possible."""
    letters: pa.Array
    """int32: the letters that were looked at."""


class Options(NamedTuple):
    """How texts are tagged."""

    backend: Backend = "combined"
    characters: int = 600
    """Of a longer text, slices of together so many are looked at; at most 10,000."""
    min_score: float = 0.27
    """A language with a lower score is `und`."""
    min_scores: Mapping[str, float] = {}
    """The same for single languages."""
    model: Path | None = None
    """The model file of `fasttext`."""


DEFAULT = Options()


def identify(texts: pa.Array, options: Options = DEFAULT) -> Tags:
    """Return the tags of each text; null counts as empty. A text without letters is `zxx`, surely.

    Raises EnvironmentFault where a package, or the model file, that the backend needs is missing.
    """
    characters = options.characters
    if not 1 <= characters <= MAX_CHARACTERS:
        raise ValueError(f"characters: {characters} is not from 1 to {MAX_CHARACTERS}")
    rows = max(1, CHARACTERS // characters)
    starts = range(0, max(1, len(texts)), rows)
    parts = [_identify(texts[at : at + rows], options) for at in starts]
    return Tags(*(pa.concat_arrays(column) for column in zip(*parts, strict=True)))


def _identify(texts: pa.Array, options: Options) -> Tags:
    """Return the tags of a few texts."""
    profiles = load()
    reading = read(texts, options.characters, profiles)
    weighed = weigh(reading, profiles)
    letters = weighed.letters.sum(axis=1)
    script = dominant(weighed.letters)
    answer = _ask(options, reading, weighed, script)
    score = np.where(answer.language < 0, 0.0, answer.score)

    unsure = (answer.language < 0) | (score < _least(answer.language, letters, script, options))
    tag = np.where(unsure, TAGS.index(UNDETERMINED), answer.language)
    tag = np.where(letters == 0, TAGS.index(NO_LANGUAGE), tag)
    likeliest = np.where(letters == 0, -1, answer.language)
    return Tags(
        _names(TAGS, tag),
        _names((*SCRIPTS, "Hans", "Hant"), _orthography(script, weighed, profiles)),
        arrow_buffers.number_column(np.where(letters == 0, 1.0, score).astype(np.float32)),
        _names(LANGUAGES, np.where(likeliest < 0, -1, answer.second)),
        _names(LANGUAGES, likeliest),
        arrow_buffers.number_column(letters.astype(np.int32)),
    )


def _ask(options: Options, reading: Reading, weighed: Weighed, script: NDArray[np.int64]) -> Answer:
    """Return the answer of the backend; a script that names its language overrules its silence."""
    if options.backend == "combined":
        answer = ensemble.answer(reading, weighed, script)
    elif options.backend == "profiles":
        answer = by_profiles(weighed, script, load())
    else:
        answer = external_backends.answer(reading, options.backend, options.model)
    letters = weighed.letters.sum(axis=1)
    by_script = (answer.language == SILENT) & (only_language()[script] >= 0)
    return Answer(
        np.where(by_script, only_language()[script], answer.language),
        answer.second,
        np.where(by_script, np.round(letters / (letters + HALF_SURE), 4), answer.score),
    )


def _least(
    language: NDArray[np.int64],
    letters: NDArray[np.int64],
    script: NDArray[np.int64],
    options: Options,
) -> NDArray[np.float64]:
    """Return the score that each text needs (float64[n_texts])."""
    by_language = np.array([options.min_scores.get(code, options.min_score) for code in LANGUAGES])
    least = by_language[language]
    east_asian = np.isin(script, [SCRIPTS.index(name) for name in ("Hani", "Jpan", "Hang")])
    few = np.where(east_asian, EAST_ASIAN * letters, letters) < FEW_LETTERS
    return np.where(few, np.minimum(2 * least, np.maximum(least, 0.9)), least)


def _names(names: tuple[str, ...], numbers: NDArray[np.int64]) -> pa.Array:
    """Return the name of each number, null for -1."""
    return _column(names).take(arrow_buffers.number_column(numbers, numbers < 0))


_column = cache(arrow_buffers.string_column)


def by_profiles(weighed: Weighed, script: NDArray[np.int64], profiles: Profiles) -> Answer:
    """Return what the profiles alone say."""
    best = choose(weighed, script, profiles)
    score = profile_confidence.score(best.evidence, best.likeness, weighed.tried)
    return Answer(best.language, best.second, score)


class Best(NamedTuple):
    """The likeliest language of each text, and the signs that `scores` asks for."""

    language: NDArray[np.int64]
    """int64[n_texts]: its place in LANGUAGES; -1 where script or n-grams leave none."""
    second: NDArray[np.int64]
    """int64[n_texts]: the next likely, -1 for none."""
    evidence: NDArray[np.float64]
    likeness: NDArray[np.float64]


def choose(weighed: Weighed, script: NDArray[np.int64], profiles: Profiles) -> Best:
    """Return the likeliest language that each text's script allows; of equals, the first."""
    n_profiles = len(profiles.languages)
    rows = np.arange(len(script))
    possible = allowed()[script][:, profiles.languages]
    sums = np.where(possible, weighed.sums[:, :n_profiles], -1).astype(np.int64)
    first = sums.argmax(axis=1)
    most = sums[rows, first]
    language = profiles.languages[first]
    rivals = np.where(profiles.languages == language[:, None], -1, sums)
    next_ = rivals.argmax(axis=1)
    rival = rivals[rows, next_]
    lead = (most - np.maximum(rival, 0)) / SCALE / np.sqrt(np.maximum(weighed.known, 1))
    mean = most / SCALE / np.maximum(weighed.tried, 1)
    likeness = mean / (profiles.typical[first] * _reached()[language]) - 1
    unlike = np.isin(language, [LANGUAGES.index(code) for code in profile_confidence.UNLIKE])
    return Best(
        np.where(most > 0, language, -1),
        np.where(rival > 0, profiles.languages[next_], -1),
        np.where(rival < 0, profile_confidence.MOST_EVIDENCE, lead),
        np.where(unlike, 0.0, likeness),
    )


@cache
def _reached() -> NDArray[np.float64]:
    """Return the part of its profile's typical weight that an article in each language reaches."""
    return np.array(
        [profile_confidence.REACHED.get(code, profile_confidence.USUAL) for code in LANGUAGES]
    )


def _orthography(
    script: NDArray[np.int64], weighed: Weighed, profiles: Profiles
) -> NDArray[np.int64]:
    """Return the numbers of the scripts; the next two are `Hans` and `Hant`, if that is clear."""
    simplified, traditional = (profiles.names.index(name) for name in ("zh-cn", "zh-tw"))
    sums = weighed.sums.astype(np.int64)
    lead = (sums[:, simplified] - sums[:, traditional]) / SCALE
    lead /= np.sqrt(np.maximum(weighed.known, 1))
    han = script == SCRIPTS.index("Hani")
    script = np.where(han & (lead >= CLEAR_ORTHOGRAPHY), len(SCRIPTS), script)
    return np.where(han & (lead <= -CLEAR_ORTHOGRAPHY), len(SCRIPTS) + 1, script)
