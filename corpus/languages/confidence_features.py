"""The signs by which boosted trees judge whether an answer is right."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.languages.ensemble_kernels import ABSENT, PROFILES, WALKS, WORDS

FAR = 12.0
"""A lead of more than this says no more."""

VERY_FAR = 40.0
"""Nor does one of the first two voices by themselves."""

FIRST_SIGNS = (
    "letters",
    "lead of the profiles",
    "lead of the walks",
    "mean weight in the profile",
    "mean weight against what is typical",
    "known n-grams for each letter",
    "share of the main script",
    "languages that the script allows",
)

SIGNS = (
    "letters",
    "lead of the rule",
    "probability by the rule",
    "sum of squared probabilities",
    "mean weight in the profile",
    "is in the profiles",
    "mean weight in the words",
    "is in the words",
    "lead of the best language that is none of ours, in the words",
    "the profiles agree",
    "the walks agree",
    "the words agree",
    "known n-grams for each letter",
    "known words' n-grams for each letter",
    "lead in the walks",
    "share of the main script",
    "languages that the script allows",
    "mean weight in the profile, against what is typical",
    "mean weight in the words, against what is typical",
    "mean weight, in the words, of the best language that is none of ours",
)

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


class Heard(NamedTuple):
    """What the voices say of each text."""

    voices: Floats
    """float64[VOICES, n_texts, n_languages]"""
    best: Places
    """int64[VOICES, n_texts, 2]: the two languages that each voice finds likeliest, -1 for none."""
    other: Floats
    """float64[n_texts]: what the words say of the best language that is none of ours."""
    sizes: Places
    """int64[n_texts]: the size of the words' n-grams, in tenths."""
    script: Places
    letters: Places
    share: Floats
    """float64[n_texts]: how many of the letters are in the main script."""
    n_known: NDArray[np.int32]
    """int32[n_texts]: the n-grams that some profile has."""


def first_signs(heard: Heard, allowed: NDArray[np.bool_], typical: Floats) -> Floats:
    """Return the FIRST_SIGNS of each text, of what the profiles say (float64[n, n_signs])."""
    rows = np.arange(len(heard.script))
    language = heard.best[PROFILES, :, 0]
    mean = heard.voices[PROFILES, rows, language] / np.sqrt(np.maximum(heard.n_known, 1))
    signs = (
        heard.letters,
        np.minimum(VERY_FAR, _lead(heard, PROFILES)),
        np.minimum(VERY_FAR, _lead(heard, WALKS)),
        mean,
        _against(mean, typical[PROFILES, language]),
        np.minimum(3.0, heard.n_known / np.maximum(heard.letters, 1)),
        heard.share,
        allowed.sum(axis=1)[heard.script],
    )
    return np.stack(signs, axis=1, dtype=np.float64)


def signs(
    heard: Heard,
    rows: Places,
    said: Places,
    lead: Floats,
    allowed: NDArray[np.bool_],
    typical: Floats,
) -> Floats:
    """Return the SIGNS of some rows, of what the rule says of them (float64[n_rows, n_signs]).

    `said` int64[n_rows] is -1 where it says nothing; those signs mean nothing.
    """
    letters = heard.letters[rows]
    n_known = heard.n_known[rows]
    size = heard.sizes[rows] / 10.0
    root = np.sqrt(np.maximum(size, 1.0))
    of_profiles, of_walks, of_words = heard.voices[:, rows, said]
    best = heard.best[:, rows, 0]
    in_profiles, in_words = of_profiles != ABSENT, of_words != ABSENT
    mean_profile = np.where(in_profiles, of_profiles / np.sqrt(np.maximum(n_known, 1)), 0.0)
    mean_words = np.where(in_words, of_words / root, 0.0)
    leader = np.where(best[WORDS] < 0, ABSENT, heard.voices[WORDS, rows, best[WORDS]])
    known = np.where(in_words, of_words, leader)
    rival = np.where(best[WALKS] == said, heard.best[WALKS, rows, 1], best[WALKS])
    of_rival = np.where(rival < 0, ABSENT, heard.voices[WALKS, rows, rival])
    ahead = np.where(of_walks == ABSENT, -20.0, np.clip(of_walks - of_rival, -20.0, FAR))
    found = (
        letters,
        np.minimum(FAR, lead[:, 0]),
        lead[:, 1],
        lead[:, 2],
        mean_profile,
        in_profiles,
        mean_words,
        in_words,
        np.clip(heard.other[rows] - known, -8.0, 8.0),
        best[PROFILES] == said,
        best[WALKS] == said,
        best[WORDS] == said,
        np.minimum(3.0, n_known / np.maximum(letters, 1)),
        size / np.maximum(letters, 1),
        ahead,
        heard.share[rows],
        allowed.sum(axis=1)[heard.script[rows]],
        np.where(in_profiles, _against(mean_profile, typical[PROFILES, said]), 0.0),
        np.where(in_words, _against(mean_words, typical[WORDS, said]), 0.0),
        heard.other[rows] / root,
    )
    return np.stack(found, axis=1, dtype=np.float64)


def _lead(heard: Heard, voice: int) -> Floats:
    """Return how far a voice's best language is before its second; infinite without one."""
    rows = np.arange(len(heard.script))
    first, second = heard.best[voice, :, 0], heard.best[voice, :, 1]
    said = heard.voices[voice]
    return np.where(second < 0, np.inf, said[rows, first] - said[rows, second])


def _against(value: Floats, typical: Floats) -> Floats:
    """Return how far a value is from what is typical, in deviations, at most 8."""
    return np.clip((value - typical[..., 0]) / typical[..., 1], -8.0, 8.0)
