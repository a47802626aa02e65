"""Three voices, one answer: the fitted rule that combines the models, and its score.

Each voice gives every language a number: the log-likelihood ratio of its n-grams, over the root
of how many there are. The rule adds up, for each language that the script allows,

    the sum over voices of
        weight * (the voice's number - its best) - absence * [it lacks the language]
    + a bias of the language

where weights and absences depend on how many letters there are. Among the closest kin, weights of
their own then tell whose the best of their sums is (see KIN). The greatest sum is the answer, the
next one the second. How likely the answer is right is asked of boosted trees, which see how far it
leads, who agrees, and whether the text looks like that language at all (see `signs.SIGNS`).

The third voice is the slowest, and is asked only where the first two leave doubt: where they
disagree, where trees of their own (see `FIRST_SIGNS` there) are not `sure` enough that they are
right, or where a language has a script for itself, which may be all that speaks for it (and for
Hebrew, whose one rival in its script, Yiddish, it alone knows).

`rule.npz` has the numbers; `scripts/fit_language_rule.py` fits them. `votes` has the loops.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.languages import langdetect_model, model_cache, own_model, py3langid_model
from corpus.languages.codes import LANGUAGES, code_of
from corpus.languages.ensemble_kernels import PROFILES, VOICES
from corpus.languages.forests import Forest
from corpus.languages.scripts import allowed

PATH = Path(__file__).with_name("ensemble_weights.npz")

TWINS = {"bs": "hr", "sr": "hr", "ms": "id", "nn": "nb", "wuu": "zh", "yue": "zh"}
"""Languages that langdetect takes for another one it knows: what its profile says of that one holds
for both, where the script allows both. So it has no say in which of them it is."""


KIN = ("hr", "bs", "sr")
"""Languages so close that the general weights take one for another: they have weights of their own.
py3langid knows Serbian by its Cyrillic; what tells it in Latin letters is that the text looks more
Bosnian than Croatian to py3langid, and more Serbian than either to our own model."""


class Rule(NamedTuple):
    """The fitted numbers, and which column of each voice means which language."""

    columns: NDArray[np.int64]
    """int64[VOICES, n_languages, 3]: the columns of a voice that mean a language, and the language
    whose columns they are if not its own (see TWINS); -1 for none."""
    others: NDArray[np.int64]
    """int64[n_others]: the columns of the words that mean none of our languages."""
    allowed: NDArray[np.bool_]
    """bool[n_scripts, n_languages]"""
    weight: NDArray[np.float64]
    """float64[MOST_LETTERS + 1, VOICES, 2]: weight and absence, by the number of letters."""
    bias: NDArray[np.float64]
    """float64[2, n_languages]: of short texts, and of long ones."""
    short: NDArray[np.float64]
    """float64[MOST_LETTERS + 1]: how much a text of so many letters is a short one."""
    telling: NDArray[np.float64]
    """float64[len(KIN), 2 * len(KIN)]: what parts the KIN, see `votes.part_kin`."""
    typical: NDArray[np.float64]
    """float64[VOICES, n_languages, 2]: mean weight and its deviation in texts of the language."""
    usual: NDArray[np.float64]
    """float64[n_languages]: of a language that has a script for itself, how many known n-grams of
    the words for each letter hardly a text has less of; 0 for all others."""
    sure: float
    """Where the first two agree and their chance to be right is this, the third is not asked, but
    for Hebrew and languages that have something `usual`."""
    first: Forest
    """Chances by FIRST_SIGNS."""
    second: Forest
    """Chances by SIGNS."""


@cache
def load() -> Rule:
    """Return the rule that ships with the package."""
    arrays = model_cache.from_npz(PATH.read_bytes())
    forests = [
        Forest(*(arrays[f"{name}_{field}"] for field in Forest._fields))
        for name in ("first", "second")
    ]
    fitted = {
        name: arrays[name] for name in ("weight", "bias", "short", "telling", "typical", "usual")
    }
    sure = float(arrays["sure"])
    return Rule(
        columns(), others(), allowed(), **fitted, sure=sure, first=forests[0], second=forests[1]
    )


@cache
def kin() -> NDArray[np.int64]:
    """Return the places of the KIN in LANGUAGES (int64[n_kin])."""
    return np.array([LANGUAGES.index(code) for code in KIN], np.int64)


def columns(model: own_model.Words | None = None) -> NDArray[np.int64]:
    """Return the columns of each voice for each language (int64[VOICES, n_languages, 3])."""
    named = (
        [LANGUAGES[number] for number in langdetect_model.load().languages],
        py3langid_model.load().classes.tolist(),
        [
            code_of(name)
            for name in (own_model.load() if model is None else model).languages.tolist()
        ],
    )
    found = np.full((VOICES, len(LANGUAGES), 3), -1, np.int64)
    for voice, names in enumerate(named):
        for column, name in enumerate(names):
            if name in LANGUAGES:
                place = found[voice, LANGUAGES.index(name)]
                place[int(place[0] >= 0)] = column
    for twin, known in TWINS.items():
        one, other = LANGUAGES.index(twin), LANGUAGES.index(known)
        found[PROFILES, one] = *found[PROFILES, other, :2], other
    return found


def others(model: own_model.Words | None = None) -> NDArray[np.int64]:
    """Return the columns of the words that mean none of our languages."""
    names = [code_of(name) for name in (own_model.load() if model is None else model).languages]
    return np.flatnonzero(~np.isin(names, [*LANGUAGES, ""])).astype(np.int64)
