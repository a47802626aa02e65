"""Fit the constants of `corpus/languages/profile_confidence.py` and print them.

    python scripts/calibrate_languages.py TEXTS.jsonl[.zst]

Each line of TEXTS has `text`, `lang` (BCP 47; a language without a profile is right to be unsure
of) and `kind` (`article...` or anything shorter). Texts in languages without a profile count a
quarter each.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.optimize import minimize

from corpus.languages import profile_confidence
from corpus.languages.codes import LANGUAGES, code_of
from corpus.languages.identify import choose
from corpus.languages.langdetect_model import load
from corpus.languages.predictions import read, weigh
from corpus.languages.scripts import dominant

FOREIGN = 0.25
"""How much a text counts whose language has no profile: rarer in life than in test sets."""


def rows(path: str) -> Iterator[dict[str, str]]:
    """Yield the objects of a JSONL file, compressed or not."""
    with pa.input_stream(path, compression="detect") as stream:
        for line in stream.read().splitlines():
            yield json.loads(line)


def main(path: str) -> None:
    """Fit `REACHED` on articles, then the weights on all texts."""
    texts = list(rows(path))
    gold = np.array([code_of(row["lang"]) for row in texts])
    article = np.array([row["kind"].startswith("article") for row in texts])
    profiles = load()
    column = pa.array([row["text"] for row in texts], pa.large_string())
    weighed = weigh(read(column, 1000, profiles), profiles)
    script = dominant(weighed.letters)

    profile_confidence.REACHED.clear()
    best = choose(weighed, script, profiles)
    said = np.array([*LANGUAGES, "-"])[best.language]
    for language in LANGUAGES:
        chosen = article & (said == language) & (gold == language)
        if chosen.sum() >= 3:
            reached = profile_confidence.USUAL * (1 + np.median(best.likeness[chosen]))
            if abs(reached - profile_confidence.USUAL) > 0.015:
                profile_confidence.REACHED[language] = round(float(reached), 2)
    print("REACHED =", profile_confidence.REACHED)

    best = choose(weighed, script, profiles)
    use = best.language >= 0
    known = np.isin(gold, np.array(LANGUAGES)[profiles.languages])
    long = (weighed.tried / (weighed.tried + profile_confidence.LONG))[:, None]
    signs = np.stack(profile_confidence.signs_of(best.evidence, best.likeness), axis=1)
    inputs = np.concatenate([signs * (1 - long), signs * long], axis=1)[use]
    weights = fit(inputs, (said == gold)[use], np.where(known, 1, FOREIGN)[use])
    print("SHORT_WEIGHTS =", tuple(weights[:5]))
    print("LONG_WEIGHTS =", tuple(weights[5:]))


def fit(
    inputs: NDArray[np.float64], right: NDArray[np.bool_], counts: NDArray[np.float64]
) -> list[float]:
    """Return the weights of a logistic regression; none but a constant may be below 0.

    So a text never scores less for more evidence, or for being more like the language.
    """
    scale = inputs.std(axis=0)
    scaled = inputs / scale

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds = scaled @ weights
        chance = 1 / (1 + np.exp(-odds))
        lost = counts @ (np.logaddexp(0, odds) - right * odds) + 0.005 * weights @ weights
        return lost, scaled.T @ (counts * (chance - right)) + 0.01 * weights

    bounds = [(None, None), *[(0, None)] * 4] * 2
    found = minimize(loss, np.zeros(10), jac=True, method="L-BFGS-B", bounds=bounds)
    return [round(float(weight), 2) for weight in found.x / scale]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(sys.argv[1])
