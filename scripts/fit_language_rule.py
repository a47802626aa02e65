"""Fit the rule that combines the language models, and its score; write it to the package.

    python scripts/fit_language_rule.py DEV.jsonl[.zst] --train TEXTS.jsonl[.zst] ... [--save]

Each line of DEV has `text`, `lang` (BCP 47), `kind` and `source`. The n-gram model of our own is
trained on TEXTS and on those lines of DEV whose source is `udhr2` (public domain); of these, each
is judged by a model that has not seen it: once by one trained on the other texts in its language,
and, if its language is none of ours, once more by one that has never seen the language. Figures are
cross-validated over texts.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.ensemble import HistGradientBoostingClassifier
from train_language_model import Counts, Weights, by_language, column_of, count, learn, packed, rows
from train_language_model import save as save_model

from corpus.languages import (
    ensemble,
    ensemble_kernels,
    ensemble_weights,
    langdetect_model,
    own_model,
    predictions,
)
from corpus.languages.codes import LANGUAGES, code_of
from corpus.languages.confidence_features import SIGNS, Heard, first_signs, signs
from corpus.languages.forests import Forest, chances
from corpus.languages.scripts import SCRIPTS, allowed, dominant

SAMPLES = (1000, 600, 300)
"""Longer texts are heard at each of these lengths, so that the rule holds at any `sample`."""
SOURCE = "udhr2"
FOLDS = 4
KNOTS = np.log([5, 12, 30, 100, ensemble_kernels.MOST_LETTERS])
"""Weights are straight lines between these logarithms of the number of letters."""
KINDS = {"article": 4.0, "article-synth": 2.0, "headline": 4.0}
"""What a text of a kind counts; others count one."""
UNSEEN = 0.5
"""What a text counts that is judged by a model which has never seen its language."""
PRIOR = 1.0
"""A long text is less likely in a language that langdetect does not know: so many nats."""
FIRST_KIN = 2.0
"""What a text counts in the first of the KIN, the one that langdetect knows."""
SURE = 0.97
"""Where the first two voices agree and are so likely right, the third is not asked."""
MANY = 100
"""So many texts show what is usual in a language."""
FEWER = 0.4
FIRST_TREES = 80
TREES = 160
LONG = 10.0
"""A bias of long texts costs so much more than one of short texts."""


class Data(NamedTuple):
    """Texts and what the voices say of them."""

    heard: Heard
    gold: NDArray[np.int64]
    """int64[n]: the place of the right language in LANGUAGES, -1 for another one."""
    kind: NDArray[np.str_]
    fold: NDArray[np.int64]
    unseen: NDArray[np.bool_]
    sample: NDArray[np.int64]
    """int64[n]: at most so many characters were looked at."""
    often: NDArray[np.int64]
    """int64[n]: so many rows are of the same text."""


def some(data: Data, which: Any) -> Data:
    """Return some of the texts."""
    voices, best, *rest = data.heard
    heard = Heard(voices[:, which], best[:, which], *(values[which] for values in rest))
    return Data(heard, *(values[which] for values in data[1:]))


def together(parts: list[Heard]) -> Heard:
    """Return what the voices say of all texts of all parts."""
    both = [np.concatenate([part[place] for part in parts], axis=1) for place in range(2)]
    rest = zip(*(part[2:] for part in parts), strict=True)
    return Heard(*both, *(np.concatenate(values) for values in rest))


def joined(parts: list[Data]) -> Data:
    """Return all texts of all parts."""
    rest = zip(*(part[1:] for part in parts), strict=True)
    heard = together([part.heard for part in parts])
    return Data(heard, *(np.concatenate(values) for values in rest))


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


def hear(
    texts: list[str], asked: NDArray[np.bool_], model: own_model.Words, characters: int
) -> Heard:
    """Return what all voices say of texts, of which so many characters are looked at."""
    bare = unfitted(ensemble_weights.columns(model), ensemble_weights.others(model))
    parts = []
    for at in range(0, len(texts), 512):
        column = pa.array(texts[at : at + 512], pa.large_string())
        reading = predictions.read(column, characters, langdetect_model.load())
        weighed = predictions.weigh(reading, langdetect_model.load())
        script = dominant(weighed.letters)
        heard = ensemble.first_two(reading, weighed, script, bare.columns, bare.allowed)
        parts.append(ensemble.ask_words(heard, reading, asked[at : at + 512], bare, model))
    return together(parts)


def unfitted(columns: NDArray[np.int64], others: NDArray[np.int64]) -> ensemble_weights.Rule:
    """Return a rule with nothing fitted."""
    nothing = Forest(*(np.zeros(1) for _ in Forest._fields))
    return ensemble_weights.Rule(
        columns=columns,
        others=others,
        allowed=allowed(),
        weight=np.zeros((ensemble_kernels.MOST_LETTERS + 1, ensemble_kernels.VOICES, 2)),
        bias=np.zeros((2, len(LANGUAGES))),
        short=np.zeros(ensemble_kernels.MOST_LETTERS + 1),
        telling=np.zeros((len(ensemble_weights.KIN), 2 * len(ensemble_weights.KIN))),
        typical=np.ones((ensemble_kernels.VOICES, len(LANGUAGES), 2)),
        usual=np.zeros(len(LANGUAGES)),
        sure=SURE,
        first=nothing,
        second=nothing,
    )


def prepare(dev: str, train: list[str]) -> tuple[Data, Weights]:
    """Return the texts of DEV as the voices hear them, and the model trained on all there is."""
    base = count(by_language(train, []))
    lines = list(rows(dev, None))
    texts = [row["text"] for row in lines]
    codes = np.array([code_of(row["lang"]) for row in lines])
    columns = [column_of(row["lang"], row["text"]) for row in lines]
    ours = {code: number for number, code in enumerate(LANGUAGES)}
    gold = np.array([ours.get(code, -1) for code in codes])
    kind = np.array([row["kind"] for row in lines])
    own = np.array([row.get("source") == SOURCE for row in lines])
    fold = np.array([fold_of(text) for text in texts])
    lone = np.array([fold_of(code) for code in codes])

    def trained(leave: NDArray[np.bool_], grams: Any = None) -> Any:
        found: dict[str, list[str]] = {}
        for at in np.flatnonzero(own & ~leave):
            found.setdefault(columns[at], []).append(texts[at])
        return learn(merged(base, count(found)), grams)

    def parts_of(which: NDArray[np.bool_], model: own_model.Words, unseen: bool) -> Iterator[Data]:
        size = np.array([len(text) for text in texts])
        often = 1 + sum((size > sample).astype(int) for sample in SAMPLES[1:])
        for place, sample in enumerate(SAMPLES):
            use = np.flatnonzero(which & (size > sample) if place else which)
            held = [texts[at] for at in use]
            heard = hear(held, np.ones(len(held), np.bool_), model, sample)
            same = np.full(len(held), unseen), np.full(len(held), sample)
            yield Data(heard, gold[use], kind[use], fold[use], *same, often[use])

    whole = trained(np.zeros(len(own), np.bool_))
    parts = [*parts_of(~own, own_model.unpack(packed(whole)), False)]
    for number in range(FOLDS):
        for leave, unseen in (
            (own & (fold == number), False),
            (own & (gold < 0) & (lone == number), True),
        ):
            model = own_model.unpack(packed(trained(leave, whole.grams)))
            parts += parts_of(leave, model, unseen)
            print(f"fold {number} {unseen=}: {leave.sum()} texts", flush=True)
    return joined(parts), whole


def levels(letters: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how near each number of letters is to each knot (float64[n, n_knots])."""
    at = np.log(np.clip(letters, 5, ensemble_kernels.MOST_LETTERS))
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
        lacks = voice == ensemble_kernels.ABSENT
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
    weights = found.x[:n_weights].reshape(ensemble_kernels.VOICES, 2, n_knots)
    return np.moveaxis(weights, 2, 0), found.x[n_weights:].reshape(2, n)


def fit_kin(data: Data, short: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weights that part the KIN (see `votes.part_kin`), from texts in one of them.

    A multinomial logistic regression.
    """
    kin = ensemble_weights.kin()
    use = np.isin(data.gold, kin) & allowed()[data.heard.script][:, kin].all(axis=1)
    data = some(data, use)
    right = (data.gold[:, None] == kin).argmax(axis=1)
    said = data.heard.voices[[ensemble_kernels.WALKS, ensemble_kernels.WORDS]][:, :, kin]
    ahead = said[:, :, 1:] - said[:, :, :1]
    is_short = short[np.minimum(data.heard.letters, ensemble_kernels.MOST_LETTERS)]
    inputs = np.column_stack([*np.moveaxis(ahead, 1, 0).reshape(len(right), -1).T, is_short])
    inputs = np.column_stack([inputs, 1 - is_short])
    counts = np.array([KINDS.get(kind, 1.0) for kind in data.kind]) / data.often
    counts *= np.where(right == 0, FIRST_KIN, 1.0)
    scale = inputs.std(axis=0)
    scaled = inputs / scale
    at = np.arange(len(right))

    def loss(theta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds = scaled @ theta.reshape(len(kin), -1).T
        odds -= odds.max(axis=1, keepdims=True)
        chance = np.exp(odds)
        mass = chance.sum(axis=1)
        lost = -(counts * (odds[at, right] - np.log(mass))).sum() + 0.5 * (theta**2).sum()
        chance /= mass[:, None]
        chance[at, right] -= 1
        return lost, ((chance * counts[:, None]).T @ scaled).ravel() + theta

    start = np.zeros(len(kin) * inputs.shape[1])
    found = minimize(loss, start, jac=True, method="L-BFGS-B").x.reshape(len(kin), -1)
    return np.round(found / scale, 5)


def typical(data: Data, said: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return mean and deviation of each language's mean weight, by voice, in long texts of it."""
    found = np.ones((ensemble_kernels.VOICES, len(LANGUAGES), 2))
    long = (said == data.gold) & (data.heard.letters >= 40)
    for voice, size in (
        (ensemble_kernels.PROFILES, data.heard.n_known),
        (ensemble_kernels.WORDS, data.heard.sizes / 10),
    ):
        value = data.heard.voices[voice][np.arange(len(said)), said]
        use = long & (value != ensemble_kernels.ABSENT)
        mean = value / np.sqrt(np.maximum(size, 1))
        middle, spread = np.median(mean[use]), 0.1
        found[voice] = middle, spread
        for language in range(len(LANGUAGES)):
            some = mean[use & (said == language)]
            if len(some) >= 8:
                found[voice, language] = np.median(some), max(0.02, some.std())
    return np.round(found, 4)


def usual(data: Data, late: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what `rule.Rule.usual` is: all but a hundredth have more, or two fifths of the middle.

    The latter where there are few texts, of one kind perhaps.
    """
    letters, known = (late[:, SIGNS.index(name)] for name in (ensemble.LETTERS, ensemble.KNOWN))
    found = np.zeros(len(LANGUAGES))
    for script in np.flatnonzero(allowed().sum(axis=1) == 1):
        language = int(allowed()[script].argmax())
        here = known[(data.gold == language) & (letters >= ensemble.ENOUGH) & ~data.unseen]
        if len(here):
            many = len(here) >= MANY
            found[language] = np.quantile(here, 0.01) if many else FEWER * np.median(here)
    return np.round(found, 2)


def grow(
    signs: NDArray[np.float64], right: NDArray[np.bool_], counts: NDArray[np.float64], trees: int
) -> Forest:
    """Return boosted trees that tell the chance to be right."""
    model = HistGradientBoostingClassifier(
        max_iter=trees, max_leaf_nodes=8, learning_rate=0.08, min_samples_leaf=40,
        l2_regularization=5, random_state=0, early_stopping=False,
    )  # fmt: skip
    model.fit(signs.astype(np.float32).astype(np.float64), right, counts)
    roots, nodes = [], []
    for (tree,) in model._predictors:  # noqa: SLF001  there is no public way
        roots.append(len(nodes))
        nodes += [
            (
                -1 if node["is_leaf"] else node["feature_idx"],
                node["num_threshold"],
                node["left"] + roots[-1],
                node["right"] + roots[-1],
                node["value"] if node["is_leaf"] else 0.0,
            )
            for node in tree.nodes
        ]
    table = np.array(nodes, np.float64)
    return Forest(
        np.array(roots, np.int32),
        table[:, 0].astype(np.int8),
        table[:, 1],
        table[:, 2].astype(np.int32),
        table[:, 3].astype(np.int32),
        table[:, 4],
        model._baseline_prediction.ravel().astype(np.float64),  # noqa: SLF001
    )


class Rows(NamedTuple):
    """What the rule says of texts, and the signs by which the trees judge it."""

    said: NDArray[np.int64]
    signs: NDArray[np.float64]
    agreed: NDArray[np.int64]
    """int64[n]: what the first two voices agree on, -1 where they disagree."""
    first_signs: NDArray[np.float64]


def weigh_and_tell(data: Data, known: NDArray[np.bool_]) -> tuple[ensemble_weights.Rule, Rows]:
    """Return the rule fitted to these texts, still without trees, and what it says of them.

    `known` says which languages langdetect knows.
    """
    weights, bias = fit_weights(some(data, ~data.unseen))
    bias[1] -= PRIOR * ~known
    level = levels(np.arange(ensemble_kernels.MOST_LETTERS + 1))
    short = level[:, :2].sum(axis=1)
    # which column means what is not asked for: all has been heard
    bare = unfitted(np.zeros((ensemble_kernels.VOICES, 0, 3), np.int64), np.zeros(0, np.int64))
    made = bare._replace(
        weight=np.round(np.einsum("lk,kvw->lvw", level, weights), 5),
        bias=np.round(bias, 4),
        short=np.round(short, 5),
        telling=fit_kin(some(data, ~data.unseen), short),
    )
    made = made._replace(typical=typical(data, tell(data, made).said))
    rows = tell(data, made)
    return made._replace(usual=usual(data, rows.signs)), rows


def tell(data: Data, made: ensemble_weights.Rule) -> Rows:
    """Return what the rule says, its signs, what the first two agree on, and the signs of that."""
    rows = np.arange(len(data.gold))
    said, lead = ensemble.combine(data.heard, rows, made)
    late = signs(data.heard, rows, said[:, 0], lead, made.allowed, made.typical)
    early = first_signs(data.heard, made.allowed, made.typical)
    return Rows(said[:, 0], late, ensemble.agreed(data.heard)[:, 0], early)


def with_trees(
    made: ensemble_weights.Rule, rows: Rows, data: Data, which: NDArray[np.bool_] | None = None
) -> ensemble_weights.Rule:
    """Return the rule with trees grown on its answers, or on some of them."""
    counts = np.array([KINDS.get(kind, 1.0) for kind in data.kind])
    counts = np.where(data.unseen, UNSEEN * counts, counts)
    use = np.ones(len(counts), np.bool_) if which is None else which
    both = use & (rows.agreed >= 0)
    right = (rows.said == data.gold) & (rows.said >= 0)
    agreed = rows.agreed == data.gold
    return made._replace(
        first=grow(rows.first_signs[both], agreed[both], counts[both], FIRST_TREES),
        second=grow(rows.signs[use], right[use], counts[use], TREES),
    )


class Judged(NamedTuple):
    """The tag and the score of each text, and whether the third voice was asked."""

    said: NDArray[np.int64]
    score: NDArray[np.float64]
    asked: NDArray[np.bool_]


def judge(rows: Rows, made: ensemble_weights.Rule) -> Judged:
    """Return what comes out, as `combined.answer` has it."""
    early = np.where(rows.agreed < 0, 0.0, chances(rows.first_signs, made.first))
    late = ensemble.capped(chances(rows.signs, made.second), rows.said, rows.signs, made.usual)
    late = np.where(rows.said < 0, 0.0, late)
    asked = ensemble.doubted(rows.agreed, early, made)
    return Judged(np.where(asked, rows.said, rows.agreed), np.where(asked, late, early), asked)


def crossed(made: ensemble_weights.Rule, rows: Rows, data: Data) -> Judged:
    """Return the same by trees that have not seen the text; weights and biases have."""
    parts = []
    order = []
    for held in (data.fold % 2 == 0, data.fold % 2 == 1):
        grown = with_trees(made, rows, data, ~held)
        parts.append(judge(Rows(*(values[held] for values in rows)), grown))
        order.append(np.flatnonzero(held))
    back = np.argsort(np.concatenate(order))
    return Judged(*(np.concatenate(values)[back] for values in zip(*parts, strict=True)))


def at_sample(data: Data, sample: int) -> NDArray[np.bool_]:
    """Return the row of each text that was heard at this sample, or whole (bool[n])."""
    place = SAMPLES.index(sample)
    longer = data.often >= 1 + len(SAMPLES) - place
    return np.where(longer, data.sample == sample, data.sample == SAMPLES[0])


def report(data: Data, judged: Judged, known: NDArray[np.bool_], sample: int) -> None:
    """Print the figures of each kind of text, at several scores that are asked for."""
    use = at_sample(data, sample)
    data, (said, score, asked) = some(data, use), (values[use] for values in judged)
    print(f"sample: {sample}")
    right = said == data.gold
    ours = data.gold >= 0
    asian = np.isin(data.heard.script, [SCRIPTS.index(x) for x in ("Hani", "Jpan", "Hang")])
    few = data.heard.letters * np.where(asian, 3, 1) < 20
    step = np.minimum((score * 10).astype(int), 9)
    for kind in ("article", "headline", "sentence", "wordpair", "word"):
        here = (data.kind == kind) & ~data.unseen
        sure = here & ours & known[data.gold]
        off = sum(abs((right - score)[here & (step == at)].sum()) for at in range(10))
        print(
            f"{kind}: n {here.sum()}, third voice asked {asked[here].mean():.2f},"
            f" calibration error {off / here.sum():.4f}; at 0: known {right[sure].mean():.4f},"
            f" either {right[here & ours].mean():.4f}"
        )
        for least in (0.2, 0.3, 0.4, 0.5):
            tagged = score >= np.where(few, min(2 * least, max(least, 0.9)), least)
            unseen = (data.kind == kind) & data.unseen
            print(
                f"   {least}: known {(tagged & right)[sure].mean():.4f},"
                f" either {(tagged & right)[here & ours].mean():.4f},"
                f" wrong {(~right)[here & ours & tagged].mean():.4f},"
                f" others undecided {(~tagged)[here & ~ours].mean():.4f}"
                + (f", never seen undecided {(~tagged)[unseen].mean():.4f}" if unseen.any() else "")
            )


def save(made: ensemble_weights.Rule) -> None:
    """Write the rule to the package."""
    names = ("weight", "bias", "short", "telling", "typical", "usual")
    arrays = {name: getattr(made, name) for name in names}
    arrays |= {"sure": np.array(made.sure), "languages": np.array(LANGUAGES)}
    for name, forest in (("first", made.first), ("second", made.second)):
        arrays |= {f"{name}_{field}": values for field, values in forest._asdict().items()}
    np.savez_compressed(ensemble_weights.PATH, allow_pickle=False, **arrays)


def main() -> None:
    """Fit the rule, say how good it is, and write it and the model if asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dev")
    parser.add_argument("--train", nargs="+", required=True)
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    data, whole = prepare(options.dev, options.train)
    known = np.zeros(len(LANGUAGES), np.bool_)
    known[langdetect_model.load().languages] = True
    bare, rows = weigh_and_tell(data, known)
    made = with_trees(bare, rows, data)
    for name, judged in (
        ("by trees that have seen the texts:", judge(rows, made)),
        ("by trees that have not:", crossed(bare, rows, data)),
    ):
        print(name)
        for sample in SAMPLES:
            report(data, judged, known, sample)
    if options.save:
        save_model(whole, own_model.PATH)
        save(made)


if __name__ == "__main__":
    main()
