"""The fitted weights of the ensemble of three language models.

Each model gives every language a score: the log-likelihood ratio of its n-grams, over the square
root of their number. For each language that the script allows, the ensemble adds up

    over the models:
        weight * (score - best score of the model) - penalty * [the model lacks the language]
    + bias of the language

Weights and penalties depend on the number of letters. CLOSE_LANGUAGES are then ranked by weights of
their own. The language with the highest total is the prediction. Boosted trees estimate the
probability that it is correct from the margin, the agreement of the models, and how typical the
text is for the language (see `confidence_features`).

The third model, our own, is the slowest. It is used only where the first two leave doubt:

- langdetect and py3langid disagree;
- trees of their own (by TWO_MODEL_FEATURES) give their prediction a probability below
  `sure_probability`;
- the language is the only one in its script, so that the script may be all that supports it;
- the prediction is Hebrew: only our own model knows Yiddish, which has the same script.

`scripts/fit_language_ensemble.py` fits the numbers and writes `ensemble_weights.npz`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.languages import langdetect_model, own_model, py3langid_model
from corpus.languages.codes import LANGUAGES, code_of
from corpus.languages.confidence_trees import TreeNodes, to_forest
from corpus.languages.ensemble_kernels import LANGDETECT, N_COLUMN_FIELDS, N_MODELS, SHARED_WITH
from corpus.languages.scripts import allowed_languages
from corpus.shipped_models import read_shipped_model
from corpus.trees import Forest

PATH = Path(__file__).with_name("ensemble_weights.npz")

SHARED_PROFILES = {"bs": "hr", "sr": "hr", "ms": "id", "nn": "nb", "wuu": "zh", "yue": "zh"}
"""Languages without a profile in langdetect, which takes them for another one. They share its
profile where the script allows both, so langdetect has no influence on the choice between them."""

CLOSE_LANGUAGES = ("hr", "bs", "sr")
"""Languages so close that the general weights confuse them: they have weights of their own.
py3langid knows Serbian by its Cyrillic. In Latin letters, Serbian looks more Bosnian than Croatian
to py3langid, and more Serbian than either to our own model."""

STORED_ARRAYS = {
    "weight": "weight",
    "bias": "bias",
    "shortness": "short",
    "close_weights": "telling",
    "typical": "typical",
    "min_ngrams_per_letter": "usual",
}
"""The arrays in the file, by their field."""

STORED_TREES = {"two_model_trees": "first", "ensemble_trees": "second"}
STORED_NODES = ("root", "sign", "threshold", "left", "right", "value", "start")
"""The trees in the file: each array is named `<tree>_<node field>`, fields as in TreeNodes."""


class EnsembleWeights(NamedTuple):
    """The fitted numbers, and which columns of each model belong to which language."""

    columns: NDArray[np.int64]
    """int64[N_MODELS, n_languages, 3]: the two columns of a model that belong to a language (COLUMN
    and SECOND_COLUMN), and the language whose columns they are if it has none of its own
    (SHARED_WITH); -1 for none."""
    untagged_columns: NDArray[np.int64]
    """int64[n]: the columns of our own model that belong to languages without a tag."""
    allowed: NDArray[np.bool_]
    """bool[n_scripts, n_languages]"""
    weight: NDArray[np.float64]
    """float64[MAX_LETTERS + 1, N_MODELS, 2]: weight and penalty, by the number of letters."""
    bias: NDArray[np.float64]
    """float64[2, n_languages]: in short texts, and in long ones."""
    shortness: NDArray[np.float64]
    """float64[MAX_LETTERS + 1]: from 1 (short) to 0 (long), by the number of letters."""
    close_weights: NDArray[np.float64]
    """float64[n_close, 2 * n_close]: see `ensemble_kernels.separate_close_languages`."""
    typical: NDArray[np.float64]
    """float64[N_MODELS, n_languages, 2]: mean weight and its deviation in texts of the language."""
    min_ngrams_per_letter: NDArray[np.float64]
    """float64[n_languages]: for the only language of a script, the number of known n-grams of our
    own model per letter that nearly every text reaches; 0 for other languages."""
    sure_probability: float
    """Minimum probability at which the first two models are trusted without the third."""
    two_model_trees: Forest
    """Probabilities from TWO_MODEL_FEATURES."""
    ensemble_trees: Forest
    """Probabilities from ENSEMBLE_FEATURES."""


@cache
def load() -> EnsembleWeights:
    """Return the weights that ship with the package."""
    return read_shipped_model(PATH, unpack)


def unpack(arrays: Mapping[str, NDArray[Any]]) -> EnsembleWeights:
    """Return the weights that are stored under the names of `STORED_ARRAYS`."""
    return EnsembleWeights(
        columns=columns_of_models(),
        untagged_columns=untagged_columns(),
        allowed=allowed_languages(),
        sure_probability=float(arrays["sure"]),
        two_model_trees=_stored_trees(arrays, STORED_TREES["two_model_trees"]),
        ensemble_trees=_stored_trees(arrays, STORED_TREES["ensemble_trees"]),
        weight=arrays[STORED_ARRAYS["weight"]],
        bias=arrays[STORED_ARRAYS["bias"]],
        shortness=arrays[STORED_ARRAYS["shortness"]],
        close_weights=arrays[STORED_ARRAYS["close_weights"]],
        typical=arrays[STORED_ARRAYS["typical"]],
        min_ngrams_per_letter=arrays[STORED_ARRAYS["min_ngrams_per_letter"]],
    )


def _stored_trees(arrays: Mapping[str, NDArray[Any]], name: str) -> Forest:
    """Return the trees that are stored under a name."""
    return to_forest(TreeNodes(*(arrays[f"{name}_{field}"] for field in STORED_NODES)))


@cache
def close_languages() -> NDArray[np.int64]:
    """Return CLOSE_LANGUAGES as indexes of LANGUAGES (int64[n_close])."""
    return np.array([LANGUAGES.index(code) for code in CLOSE_LANGUAGES], np.int64)


def columns_of_models(model: own_model.OwnModel | None = None) -> NDArray[np.int64]:
    """Return the columns of each model for each language (int64[N_MODELS, n_languages, 3]).

    `model` is our own model, by default the one that ships.
    """
    own = own_model.load() if model is None else model
    codes_by_model = (
        [LANGUAGES[number] for number in langdetect_model.load().languages],
        py3langid_model.load().classes.tolist(),
        [code_of(name) for name in own.languages.tolist()],
    )
    columns = np.full((N_MODELS, len(LANGUAGES), N_COLUMN_FIELDS), -1, np.int64)
    for model_number, codes in enumerate(codes_by_model):
        for column, code in enumerate(codes):
            if code in LANGUAGES:
                fields = columns[model_number, LANGUAGES.index(code)]
                fields[int(fields[0] >= 0)] = column
    for code, shared_with in SHARED_PROFILES.items():
        language, owner = LANGUAGES.index(code), LANGUAGES.index(shared_with)
        columns[LANGDETECT, language] = *columns[LANGDETECT, owner, :SHARED_WITH], owner
    return columns


def untagged_columns(model: own_model.OwnModel | None = None) -> NDArray[np.int64]:
    """Return the columns of our own model that belong to languages without a tag."""
    own = own_model.load() if model is None else model
    codes = [code_of(name) for name in own.languages]
    return np.flatnonzero(~np.isin(codes, [*LANGUAGES, ""])).astype(np.int64)
