"""Fit the rule that combines the language models, and its score; write it to the package.

    python scripts/fit_language_rule.py DEV.jsonl[.zst] --train TEXTS.jsonl[.zst] ... [--save]

Each line of DEV has `text`, `lang` (BCP 47), `kind` and `source`. The n-gram model of our own is
trained on TEXTS and on those lines of DEV whose source is `udhr2` (public domain); of these, each is
judged by a model that has not seen it: once by one trained on the other texts in its language, and,
if its language is none of ours, once more by one that has never seen the language. Figures are
cross-validated over texts.
"""

from __future__ import annotations

import argparse
import hashlib
import io
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.ensemble import HistGradientBoostingClassifier
from train_language_model import Counts, by_language, count, learn, packed, rows

from corpus.languages import answers, combined, profiles, rule, words
from corpus.languages.codes import LANGUAGES, code_of
from corpus.languages.forests import Forest, chances
from corpus.languages.scripts import SCRIPTS, allowed, dominant

SAMPLE = 1000
SOURCE = "udhr2"
FOLDS = 4
KNOTS = np.log([5, 12, 30, 100, rule.MOST_LETTERS])
"""Weights are straight lines between these logarithms of the number of letters."""
KINDS = {"article": 4.0, "article-synth": 2.0, "headline": 4.0}
"""What a text of a kind counts; others count one."""
UNSEEN = 0.5
"""What a text counts that is judged by a model which has never seen its language."""
PRIOR = 1.0
"""A long text is less likely in a language that langdetect does not know: so many nats."""
SURE = 0.97
LONG = 10.0
"""A bias of long texts costs so much more than one of short texts."""


class Data(NamedTuple):
    """Texts and what the voices say of them."""

    heard: combined.Heard
    gold: NDArray[np.int64]
    """int64[n]: the place of the right language in LANGUAGES, -1 for another one."""
    kind: NDArray[np.str_]
    fold: NDArray[np.int64]
    unseen: NDArray[np.bool_]


def some(data: Data, which: Any) -> Data:
    """Return some of the texts."""
    voices, *rest = data.heard
    heard = combined.Heard(voices[:, which], *(values[which] for values in rest))
    return Data(heard, *(values[which] for values in data[1:]))


def joined(parts: list[Data]) -> Data:
    """Return all texts of all parts."""
    voices = np.concatenate([part.heard.voices for part in parts], axis=1)
    rest = zip(*(part.heard[1:] for part in parts), strict=True)
    heard = combined.Heard(voices, *(np.concatenate(values) for values in rest))
    return Data(
        heard, *(np.concatenate(values) for values in zip(*(p[1:] for p in parts), strict=True))
    )


def fold_of(text: str) -> int:
    """Return the fold of a text: the same wherever it stands."""
    return hashlib.sha256(text.encode()).digest()[0] % FOLDS


def merged(one: Counts, other: Counts) -> Counts:
    """Return the sum of two counts, language by language."""
    from scipy import sparse

    languages = sorted({*one.languages, *other.languages})
    total = None
    for counts in (one, other):
        at = [languages.index(language) for language in counts.languages]
        place = sparse.csr_matrix(
            (np.ones(len(at), np.float32), (at, range(len(at)))), (len(languages), len(at))
        )
        part = place @ counts.table
        total = part if total is None else total + part
    return Counts(languages, total)


def hear(texts: list[str], asked: NDArray[np.bool_], model: words.Words) -> combined.Heard:
    """Return what all voices say of texts."""
    columns, others = rule.columns(model), rule.others(model)
    parts = []
    for at in range(0, len(texts), 512):
        column = pa.array(texts[at : at + 512], pa.large_string())
        reading = answers.read(column, SAMPLE, profiles.load())
        weighed = answers.weigh(reading, profiles.load())
        heard = combined.first_two(reading, weighed, dominant(weighed.letters), columns)
        parts.append(
            combined.ask_words(heard, reading, asked[at : at + 512], columns, others, model)
        )
    joined = zip(*(part[1:] for part in parts), strict=True)
    voices = np.concatenate([part.voices for part in parts], axis=1)
    return combined.Heard(voices, *(np.concatenate(values) for values in joined))


def prepare(dev: str, train: list[str]) -> tuple[Data, Any]:
    """Return the texts of DEV as the voices hear them, and the model trained on all there is."""
    base = count(by_language(train, []))
    lines = list(rows(dev, None))
    texts = [row["text"] for row in lines]
    codes = np.array([code_of(row["lang"]) for row in lines])
    ours = {code: number for number, code in enumerate(LANGUAGES)}
    gold = np.array([ours.get(code, -1) for code in codes])
    kind = np.array([row["kind"] for row in lines])
    own = np.array([row.get("source") == SOURCE for row in lines])
    fold = np.array([fold_of(text) for text in texts])
    lone = np.array([fold_of(code) for code in codes])

    def trained(leave: NDArray[np.bool_], grams: Any = None) -> Any:
        found: dict[str, list[str]] = {}
        for at in np.flatnonzero(own & ~leave):
            found.setdefault(str(codes[at]), []).append(texts[at])
        return learn(merged(base, count(found)), grams)

    whole = trained(np.zeros(len(own), np.bool_))
    heard = hear(texts, ~own, words.unpack(packed(whole)))
    data = Data(heard, gold, kind, fold, np.zeros(len(own), np.bool_))
    parts = [some(data, ~own)]
    for number in range(FOLDS):
        for leave, unseen in ((own & (fold == number), False), (own & (gold < 0) & (lone == number), True)):
            model = words.unpack(packed(trained(leave, whole.grams)))
            held = [texts[at] for at in np.flatnonzero(leave)]
            heard = hear(held, np.ones(len(held), np.bool_), model)
            seen = np.full(len(held), unseen)
            parts.append(Data(heard, gold[leave], kind[leave], fold[leave], seen))
            print(f"fold {number} {unseen=}: {len(held)} texts", flush=True)
    return joined(parts), whole


def levels(letters: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how near each number of letters is to each knot (float64[n, n_knots])."""
    at = np.log(np.clip(letters, 5, rule.MOST_LETTERS))
    return np.stack([np.interp(at, KNOTS, row) for row in np.eye(len(KNOTS))], axis=1)


def fit_weights(data: Data) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return weights (float64[n_knots, VOICES, 2]) and biases (float64[2, n_languages]).

    A multinomial logistic regression over the languages that each text's script allows.
    """
    possible = allowed()[data.heard.script]
    use = data.gold >= 0
    use[use] &= possible[np.flatnonzero(use), data.gold[use]]
    data, possible = some(data, use), possible[use]
    inputs = []
    for voice in data.heard.voices:
        lacks = voice == rule.ABSENT
        best = np.where(lacks | ~possible, -np.inf, voice).max(axis=1, keepdims=True)
        nothing = ~np.isfinite(best)
        behind = np.where(lacks | nothing, 0, voice - np.where(nothing, 0, best))
        inputs += [behind.astype(np.float32), -(lacks & ~nothing).astype(np.float32)]
    level = levels(data.heard.letters).astype(np.float32)
    short = level[:, :2].sum(axis=1)
    weight = np.array([KINDS.get(kind, 1.0) for kind in data.kind], np.float32)
    weight = weight * (1 + (data.kind == "article"))
    weight /= weight.sum()
    at, n_knots, n = np.arange(len(weight)), len(KNOTS), len(LANGUAGES)
    n_weights = len(inputs) * n_knots
    penalty = np.repeat([3e-3, 3e-3 * LONG], n) / n
    floor = np.where(possible, 0, -1e9).astype(np.float32)

    def loss(theta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = theta[:n_weights].reshape(-1, n_knots).astype(np.float32)
        bias = theta[n_weights:].reshape(2, n).astype(np.float32)
        odds = floor + short[:, None] * bias[0] + (1 - short)[:, None] * bias[1]
        for k, x in enumerate(inputs):
            odds += (level @ weights[k])[:, None] * x
        odds -= odds.max(axis=1, keepdims=True)
        chance = np.exp(odds)
        mass = chance.sum(axis=1)
        chance /= mass[:, None]
        lost = -(weight * (odds[at, data.gold] - np.log(mass))).sum()
        chance[at, data.gold] -= 1
        chance *= weight[:, None]
        slope = [level.T @ (chance * x).sum(axis=1) for x in inputs]
        sides = [(chance * short[:, None]).sum(axis=0), (chance * (1 - short)[:, None]).sum(axis=0)]
        lost += 1e-6 * (theta[:n_weights] ** 2).sum() + (penalty * theta[n_weights:] ** 2).sum()
        grown = np.concatenate([*slope, *sides]).astype(np.float64)
        grown[:n_weights] += 2e-6 * theta[:n_weights]
        grown[n_weights:] += 2 * penalty * theta[n_weights:]
        return float(lost), grown

    start = np.concatenate([np.ones(n_weights), np.zeros(2 * n)])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 100})
    weights = found.x[:n_weights].reshape(rule.VOICES, 2, n_knots)
    return np.moveaxis(weights, 2, 0), found.x[n_weights:].reshape(2, n)


def typical(data: Data, said: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return mean and deviation of each language's mean weight, by voice, in long texts of it."""
    found = np.ones((rule.VOICES, len(LANGUAGES), 2))
    long = (said == data.gold) & (data.heard.letters >= 40)
    for voice, size in ((rule.PROFILES, data.heard.n_known), (rule.WORDS, data.heard.sizes / 10)):
        value = data.heard.voices[voice][np.arange(len(said)), said]
        use = long & (value != rule.ABSENT)
        mean = value / np.sqrt(np.maximum(size, 1))
        middle, spread = np.median(mean[use]), 0.1
        found[voice] = middle, spread
        for language in range(len(LANGUAGES)):
            some = mean[use & (said == language)]
            if len(some) >= 8:
                found[voice, language] = np.median(some), max(0.02, some.std())
    return np.round(found, 4)


def grow(signs: NDArray[np.float64], right: NDArray[np.bool_], counts: NDArray[np.float64], trees: int) -> Forest:
    """Return boosted trees that tell the chance to be right."""
    model = HistGradientBoostingClassifier(
        max_iter=trees, max_leaf_nodes=8, learning_rate=0.08, min_samples_leaf=40,
        l2_regularization=5, random_state=0, early_stopping=False,
    )  # fmt: skip
    model.fit(signs.astype(np.float32).astype(np.float64), right, counts)
    roots, nodes = [], []
    for (tree,) in model._predictors:
        roots.append(len(nodes))
        for node in tree.nodes:
            nodes.append(
                (
                    -1 if node["is_leaf"] else node["feature_idx"],
                    node["num_threshold"],
                    node["left"] + roots[-1],
                    node["right"] + roots[-1],
                    node["value"] if node["is_leaf"] else 0.0,
                )
            )
    table = np.array(nodes, np.float64)
    return Forest(
        np.array(roots, np.int32),
        table[:, 0].astype(np.int8),
        table[:, 1],
        table[:, 2].astype(np.int32),
        table[:, 3].astype(np.int32),
        table[:, 4],
        model._baseline_prediction.ravel().astype(np.float64),
    )


class Fitted(NamedTuple):
    """A rule with its forests, and what it is made of."""

    rule: rule.Rule
    arrays: dict[str, NDArray[Any]]
    """What `rule.npz` holds."""


def fit(data: Data, known: NDArray[np.bool_]) -> Fitted:
    """Return the rule fitted to these texts; `known` says which languages langdetect knows."""
    weights, bias = fit_weights(some(data, ~data.unseen))
    bias[1] -= PRIOR * ~known
    level = levels(np.arange(rule.MOST_LETTERS + 1))
    table = np.einsum("lk,kvw->lvw", level, weights)
    empty = Forest(*(np.zeros(1) for _ in Forest._fields))
    made = rule.Rule(
        data_columns(data), np.zeros(0, np.int64), allowed(),
        np.round(table, 5), np.round(bias, 4), np.round(level[:, :2].sum(axis=1), 5),
        np.ones((rule.VOICES, len(LANGUAGES), 2)), SURE, empty, empty,
    )  # fmt: skip
    said, _, _, _ = tell(data, made)
    made = made._replace(typical=typical(data, said))
    said, signs, agreed, first_signs = tell(data, made)
    count = np.array([KINDS.get(kind, 1.0) for kind in data.kind])
    count = np.where(data.unseen, UNSEEN * count, count)
    both = agreed >= 0
    first = grow(first_signs[both], (agreed == data.gold)[both], count[both], FIRST_TREES)
    second = grow(signs, (said == data.gold) & (said >= 0), count, TREES)
    made = made._replace(first=first, second=second)
    arrays = {name: getattr(made, name) for name in ("weight", "bias", "short", "typical")}
    arrays["sure"] = np.array(SURE)
    for name, forest in (("first", first), ("second", second)):
        arrays |= {f"{name}_{field}": values for field, values in forest._asdict().items()}
    return Fitted(made, arrays)


def data_columns(data: Data) -> NDArray[np.int64]:  # noqa: ARG001
    """Return nothing: what is heard already has one column for each language."""
    return np.zeros((rule.VOICES, 0, 2), np.int64)


def tell(data: Data, made: rule.Rule) -> tuple[NDArray[Any], ...]:
    """Return what the rule says, its signs, what the first two agree on, and the signs of that."""
    heard, n = data.heard, len(data.gold)
    agreed = np.full((n, 2), -1, np.int64)
    first = np.zeros((n, len(rule.FIRST_SIGNS)))
    rule.agree(
        heard.voices, heard.script, heard.letters, heard.share, heard.n_known, made.allowed,
        made.typical, agreed, first,
    )  # fmt: skip
    said = np.full((n, 2), -1, np.int64)
    signs = np.zeros((n, len(rule.SIGNS)))
    combined.combine(heard, np.ones(n, np.bool_), made, said, signs)
    return said[:, 0], signs, agreed[:, 0], first


def judge(data: Data, made: rule.Rule) -> tuple[NDArray[np.int64], NDArray[np.float64], float]:
    """Return the tags of texts and their scores, and how many needed the third voice."""
    said, signs, agreed, first = tell(data, made)
    early = np.where(agreed < 0, 0.0, chances(first, made.first))
    late = np.where(said < 0, 0.0, chances(signs, made.second))
    asked = early < made.sure
    return np.where(asked, said, agreed), np.where(asked, late, early), asked


def report(data: Data, said: NDArray[np.int64], score: NDArray[np.float64], asked: Any, known: Any) -> None:
    """Print the figures of each kind of text, at several scores that are asked for."""
    gold, kind = data.gold, data.kind
    isknown = (gold >= 0) & known[gold]
    asian = np.isin(data.heard.script, [SCRIPTS.index(x) for x in ("Hani", "Jpan", "Hang")])
    few = data.heard.letters * np.where(asian, 3, 1) < 20
    for name in ("article", "article-synth", "headline", "sentence", "wordpair", "word"):
        here = (kind == name) & ~data.unseen
        bins = np.minimum((score * 10).astype(int), 9)
        wrong = sum(
            abs(((said == gold) - score)[here & (bins == b)].sum()) for b in range(10)
        ) / max(1, here.sum())
        print(f"{name}: n={here.sum()} asked {asked[here].mean():.3f} known {asked[here&isknown].mean():.3f} calibration {wrong:.4f} at 0: known {np.mean((said == gold)[here & isknown]):.4f} either {np.mean((said == gold)[here & (gold >= 0)]):.4f}")
        if not name.startswith("article") and name != "sentence": continue
        for least in (0.15, 0.2, 0.3, 0.4, 0.5, 0.6):
            tagged = score >= np.where(few, min(2 * least, max(least, 0.9)), least)
            e = here & (gold >= 0)
            row = [
                np.mean((tagged & (said == gold))[here & isknown]),
                np.mean((tagged & (said == gold))[e]),
                np.mean((said != gold)[e & tagged]),
                np.mean(~tagged[here & (gold < 0)]) if (here & (gold < 0)).any() else np.nan,
                np.mean(~tagged[(kind == name) & data.unseen]) if ((kind == name) & data.unseen).any() else np.nan,
            ]
            print(f"   {least}: known {row[0]:.4f}  either {row[1]:.4f} wrong {row[2]:.4f}  neither und {row[3]:.4f}  unseen und {row[4]:.4f}")


FIRST_TREES = 80
TREES = 160
