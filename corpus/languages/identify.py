"""Tag texts with their language and script: a column of texts in, columns of tags out.

    tags = identify(pa.array(["Der Hund schläft heute im Garten.", "12.50"]))
    tags.language    ["de", "zxx"]
    tags.script      ["Latn", "Zyyy"]
    tags.score       [0.98, 1.0]

Each text is judged by itself, so it has the same tag in any batch. The script of its letters says
which languages are possible; of those, the one is taken whose profile gives its n-grams the
greatest likelihood. Languages that alone write their script, and have no profile (Armenian,
Burmese, Dhivehi, Georgian, Khmer, Lao, Odia, Sinhala), are known by it.

Easily confused, in texts shorter than a paragraph: Danish and Norwegian; Czech and Slovak;
Croatian and Slovenian; Catalan, Spanish and Portuguese; Bulgarian, Macedonian and Russian; Dutch
and Afrikaans. A language without a profile is `und` in three of four articles; the rest passes for
its nearest relative: Nynorsk for Norwegian, Galician and Asturian for Spanish, Serbian and Bosnian
in Latin letters for Croatian, Malay, Javanese and Sundanese for Indonesian, Cebuano for Tagalog,
Nigerian Pidgin and Scots for English, Bantu languages for Swahili. A text in several languages has
the tag of the one that fills most of the sample.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus import buffers
from corpus.languages import ngrams, scores
from corpus.languages.codes import LANGUAGES, NO_LANGUAGE, TAGS, UNDETERMINED
from corpus.languages.profiles import SCALE, Profiles, load
from corpus.languages.scripts import SCRIPTS, allowed, dominant, only_language

ROWS = 4096
"""So many texts are weighed at a time: the sums of one are 256 bytes, so these are a megabyte."""

HALF_SURE = 10
"""So many letters make a script's one language half sure, where that has no profile."""

CLEAR_ORTHOGRAPHY = 1.0
"""With less evidence than this between them, Chinese is neither `Hans` nor `Hant` but `Hani`."""


class Tags(NamedTuple):
    """What was found of each text."""

    language: pa.Array
    """string: one of `codes.TAGS`."""
    script: pa.Array
    """string: ISO 15924, the script of most letters; `Zyyy` without any."""
    score: pa.Array
    """float32: the chance that `language` is right; where that is `und`, that `likeliest` is."""
    likeliest: pa.Array
    """string: the language before `min_score` was asked; null where none is possible."""


def identify(texts: pa.Array, *, characters: int = 1000, min_score: float = 0.5) -> Tags:
    """Return the tags of each text; null counts as empty.

    Of a longer text, slices of together `characters` are looked at, at most 10,000. A language
    with a score below `min_score` is `und`; a text without letters is `zxx`, surely.
    """
    if not 1 <= characters <= ngrams.MAX_CHARACTERS:
        raise ValueError(f"characters: {characters} is not from 1 to {ngrams.MAX_CHARACTERS}")
    starts = range(0, max(1, len(texts)), ROWS)
    parts = [_identify(texts[at : at + ROWS], characters, min_score) for at in starts]
    return Tags(*(pa.concat_arrays(column) for column in zip(*parts, strict=True)))


def _identify(texts: pa.Array, characters: int, min_score: float) -> Tags:
    """Return the tags of a few texts."""
    profiles = load()
    weighed = weigh(texts, characters, profiles)
    script = dominant(weighed.letters)
    best = choose(weighed, script, profiles)

    letters = weighed.letters.sum(axis=1)
    by_script = best.language < 0
    language = np.where(by_script, only_language()[script], best.language)
    score = scores.score(best.evidence, best.likeness, weighed.tried)
    score = np.where(by_script, np.round(letters / (letters + HALF_SURE), 4), score)
    score = np.where(language < 0, 0.0, score)

    unsure = (language < 0) | (score < min_score)
    tag = np.where(unsure, TAGS.index(UNDETERMINED), language)
    tag = np.where(letters == 0, TAGS.index(NO_LANGUAGE), tag)
    score = np.where(letters == 0, 1.0, score)
    return Tags(
        _names(TAGS, tag),
        _names((*SCRIPTS, "Hans", "Hant"), _orthography(script, weighed, profiles)),
        pa.array(score.astype(np.float32)),
        _names(LANGUAGES, language),
    )


def _names(names: tuple[str, ...], numbers: NDArray[np.int64]) -> pa.Array:
    """Return the name of each number, null for -1."""
    return pa.array(names, pa.string()).take(pa.array(numbers, pa.int64(), mask=numbers < 0))


class Weighed(NamedTuple):
    """What the kernel makes of each text."""

    sums: NDArray[np.int32]
    """int32[n_texts, WIDTH]: log-likelihood ratio of each profile, in units of 1/SCALE nat."""
    known: NDArray[np.int32]
    """int32[n_texts]: n-grams that some profile has."""
    tried: NDArray[np.int32]
    """int32[n_texts]: n-grams."""
    letters: NDArray[np.int32]
    """int32[n_texts, n_scripts]: letters of each script."""


def weigh(texts: pa.Array, characters: int, profiles: Profiles) -> Weighed:
    """Return what the n-grams of each text add up to, profile by profile."""
    data, offsets = (array.view() for array in buffers.texts(texts))
    for array in (data, offsets):  # numba compiles anew for arrays that may be written
        array.setflags(write=False)
    n_texts = len(offsets) - 1
    weighed = Weighed(
        np.zeros((n_texts, ngrams.WIDTH), np.int32),
        np.zeros(n_texts, np.int32),
        np.zeros(n_texts, np.int32),
        np.zeros((n_texts, len(SCRIPTS)), np.int32),
    )
    ngrams.weigh_texts(data, offsets, characters, profiles.tables, *weighed)
    return weighed


class Best(NamedTuple):
    """The likeliest language of each text, and the signs that `scores` asks for."""

    language: NDArray[np.int64]
    """int64[n_texts]: its place in LANGUAGES; -1 where script or n-grams leave none."""
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
    rivals = np.where(profiles.languages == language[:, None], -1, sums).max(axis=1)
    lead = (most - np.maximum(rivals, 0)) / SCALE / np.sqrt(np.maximum(weighed.known, 1))
    mean = most / SCALE / np.maximum(weighed.tried, 1)
    likeness = mean / (profiles.typical[first] * _reached()[language]) - 1
    unlike = np.isin(language, [LANGUAGES.index(code) for code in scores.UNLIKE])
    return Best(
        np.where(most > 0, language, -1),
        np.where(rivals < 0, scores.MOST_EVIDENCE, lead),
        np.where(unlike, 0.0, likeness),
    )


def _reached() -> NDArray[np.float64]:
    """Return the part of its profile's typical weight that an article in each language reaches."""
    return np.array([scores.REACHED.get(code, scores.USUAL) for code in LANGUAGES])


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
