"""Train the model that tells an article's lines from the rest of a page, and measure it.

    python scripts/train_article_model.py PAGES.jsonl.zst [--weak MORE.jsonl.zst] [--save]

PAGES holds one page a line: `site`, `source`, `body` (the article, by hand) and the page dumped to
text in up to three ways (`page_text`, `page_rmain`, `page_lxml`). MORE holds pages with another
extractor's output (`trafilatura`) and segments that the article must and must not hold (`with`,
`without`): where the output agrees with the segments it serves as a weak label.

A line belongs to the article if at least half of its 4-grams of words do; a line of fewer than
four words, if the article has such a line. Figures are cross-validated over sites: no page is
judged by a model that saw its site, in any of its steps.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.sparse import csr_matrix
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from corpus.articles import characters, features, lexicon, lines
from corpus.articles.extraction import BALANCED, read_pages
from corpus.articles.forest import MOST_LEAVES, Forest, place_of
from corpus.articles.model import ODDS, PATH, Model, pack
from corpus.articles.normalise import EVERY_STEP, LAYOUT, normalise

FOLDS = 5
VIEWS = {"page_text": 1.0, "page_rmain": 1.0, "page_lxml": 0.5}
"""Ways to dump a page to text, and what a page dumped so weighs."""
TRUST = {"readability": 0.5, "goose3": 0.5, "weak": 0.5, "teasers": 0.5, "clean": 0.3}
"""What pages of a source weigh, where it is not one: their gold is less exact."""
MADE = ("weak", "teasers", "clean")
"""Sources that nobody labelled by hand: they are trained on, never measured on."""
TITLED = ("magic",)
"""Sources whose gold starts with title and date: those lines are neither right nor wrong."""
ALL_LEAVES = 0xFFFFFFFF
FORESTS: tuple[dict[str, Any], ...] = (
    {"max_iter": 150, "max_leaf_nodes": 24, "learning_rate": 0.1, "max_features": 0.3,
     "min_samples_leaf": 60, "l2_regularization": 1.0},
    {"max_iter": 200, "max_leaf_nodes": 16, "learning_rate": 0.08, "max_features": 0.2,
     "min_samples_leaf": 100, "l2_regularization": 5.0},
)  # fmt: skip
"""Two forests that differ in how they grow: their mean is better than each."""

FEWEST_TEASERS = 3
_SENTENCE = re.compile(r"[^.!?。！？]+[.!?。！？]+\W*")  # noqa: RUF001
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]"
    r"|[^\W\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]+"
)
KINDS, FALLS = characters.tables()


@dataclass
class Page:
    """One page, dumped to text in one way, with its labels."""

    site: str
    source: str
    view: str
    text: str
    body: str
    counters: Any = field(init=False)
    words: Any = field(init=False)
    firsts: Any = field(init=False)
    slots: Any = field(init=False)
    labels: Any = field(init=False)
    weights: Any = field(init=False)

    def __post_init__(self) -> None:
        column = normalise(pa.array([self.text], pa.large_string()), steps=EVERY_STEP & ~LAYOUT)
        raw = np.frombuffer(column[0].as_py().encode(), np.uint8)
        found = lines.scan(raw, 0, raw.size, KINDS, FALLS)
        self.counters, self.words, self.firsts, spans = found
        self.slots = lexicon.slot_matrix(self.words, self.firsts)
        texts = [raw[a:b].tobytes().decode() for a, b in spans]
        self.labels = label(texts, self.body)
        self.weights = self._weights()

    @property
    def fold(self) -> int:
        """The fold of its site."""
        return fold_of(self.site)

    def _weights(self) -> Any:
        """Every page weighs the same, and in it a line weighs the square root of its words."""
        counts = np.diff(self.firsts).astype(np.float64)
        weights = np.sqrt(np.minimum(counts, features.MOST_COUNTED) + 4)
        if self.source in TITLED:
            start = np.flatnonzero((self.labels == 1) & (counts >= 25))
            head = slice(0, start[0] if len(start) else 0)
            weights[head][self.labels[head] == 1] = 0
        worth = VIEWS[self.view] * TRUST.get(self.source, 1.0)
        return weights / max(weights.sum(), 1e-6) * 100 * worth

    def table(self, model_lexicon: tuple[Any, Any, Any]) -> Any:
        """Return the features of its lines, with the cues of a lexicon."""
        cues = lexicon.scores(self.words, self.firsts, *model_lexicon)
        return features.features(self.counters.copy(), self.words, self.firsts, cues)


def digest_of(text: str) -> int:
    """Return a number that is the same on every machine."""
    return int(hashlib.md5(text.encode()).hexdigest(), 16)  # noqa: S324


def fold_of(site: str) -> int:
    """Return the fold of a site."""
    return digest_of(site) % FOLDS


def words_of(text: str) -> list[str]:
    """Return the words of a text, one for each character in scripts without spaces."""
    return _WORD.findall(text)


def key_of(line: str) -> str:
    """Return what makes two lines the same line."""
    return " ".join(words_of(line)).lower()


def label(texts: Sequence[str], body: str) -> Any:
    """Return which lines are part of the article (int8[n_lines]).

    Of a line that stands several times on the page, as many copies as the article has, nearest to
    it.
    """
    found = words_of(body)
    grams = {tuple(found[i : i + 4]) for i in range(len(found) - 3)}
    copies = Counter(key_of(line) for line in body.split("\n"))
    labels = np.zeros(len(texts), np.int8)
    for i, line in enumerate(texts):
        own = words_of(line)
        if not own:
            continue
        if key_of(line) in copies:
            labels[i] = 1
        elif len(own) >= 4:
            held = sum(tuple(own[j : j + 4]) in grams for j in range(len(own) - 3))
            labels[i] = held >= 0.5 * (len(own) - 3)
    if not labels.any():
        return labels
    counts = np.array([len(words_of(line)) for line in texts], np.float64)
    first, stop = features.core(np.minimum(counts * labels, 80) - features.FURNITURE_WORDS)
    places: dict[str, list[int]] = {}
    for i in np.flatnonzero(labels).tolist():
        places.setdefault(key_of(texts[i]), []).append(i)
    for key, rows in places.items():
        rows.sort(key=lambda i: 0 if first <= i < stop else min(abs(i - first), abs(i - stop)))
        labels[rows[max(1, copies[key]) :]] = 0
    return labels


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a JSONL file, compressed or not."""
    with pa.input_stream(str(path), compression="detect") as stream:
        yield from (json.loads(line) for line in stream.read().split(b"\n") if line.strip())


def read_gold(path: Path) -> Iterator[Page]:
    """Yield the pages with an article made by hand."""
    for row in rows(path):
        for view in VIEWS:
            if row.get(view, "").strip():
                yield Page(row["site"], row["source"], view, row[view], row["body"])


def read_clean(path: Path) -> Iterator[Page]:
    """Yield the articles alone: a page that is clean already has to come through whole."""
    for row in rows(path):
        if row["source"] not in TITLED and row["body"].strip():
            yield Page(row["site"], "clean", "page_text", row["body"], row["body"])


def read_with_teasers(path: Path) -> Iterator[Page]:
    """Yield the pages once more, each with a list of teasers of other articles below its own.

    Sentences that are well written and no part of the article are the hardest lines there are, and
    too few pages have them. A teaser is a headline and the first sentences of an article of the
    same language and fold: so no page is judged by a model that knows one of its teasers.
    """
    records = [row for row in rows(path) if row["page_text"].strip()]
    teasers: dict[tuple[str, int], list[tuple[str, str]]] = {}
    for row in records:
        paragraphs = [text for text in row["body"].split("\n") if len(words_of(text)) >= 20]
        if paragraphs:
            title = row["title"] or " ".join(paragraphs[-1].split()[:9])
            opening = "".join(_SENTENCE.findall(paragraphs[0])[:2])[:300]
            teasers.setdefault((row["lang"], fold_of(row["site"])), []).append((title, opening))
    for row in records:
        pool = teasers.get((row["lang"], fold_of(row["site"])), [])
        choice = np.random.default_rng(int(digest_of(row["id"]) % 2**32))
        text = with_teasers(row["page_text"], row["body"], pool, choice)
        if len(pool) >= FEWEST_TEASERS and text:
            yield Page(row["site"], "teasers", "page_text", text, row["body"])


def with_teasers(
    text: str, body: str, pool: Sequence[tuple[str, str]], choice: np.random.Generator
) -> str | None:
    """Return the page with teasers some lines below its article; None where it has none."""
    page = text.split("\n")
    kept = np.flatnonzero(label(page, body))
    others = [teaser for teaser in pool if teaser[1] not in body]
    if not len(kept) or len(others) < FEWEST_TEASERS:
        return None
    place = min(int(kept[-1]) + 1 + int(choice.integers(0, 8)), len(page))
    picked = [others[i] for i in choice.choice(len(others), min(len(others), 6), replace=False)]
    apart = [""] * int(choice.integers(0, 2))
    block = [line for teaser in picked for line in (teaser[0], *apart, teaser[1], *apart)]
    if choice.random() < 0.5:
        block += [line for title, _ in picked for line in (title, f"{choice.integers(1, 20)} h")]
    return "\n".join([*page[:place], "", *block, "", *page[place:]])


def read_weak(path: Path) -> Iterator[Page]:
    """Yield the pages whose extracted article agrees with what it must and must not hold."""
    for row in rows(path):
        body = row["trafilatura"] or ""
        wanted, unwanted = row["with"] or [], row["without"] or []
        if body and all(x in body for x in wanted) and not any(x in body for x in unwanted):
            yield Page(row["site"], "weak", "page_text", row["page_text"], body)


def joined(pages: Sequence[Page], name: str) -> Any:
    """Return one attribute of all pages, end to end."""
    return np.concatenate([getattr(page, name) for page in pages])


def fit_lexicon(pages: Sequence[Page]) -> tuple[Any, Any, Any]:
    """Return the lexicon fitted to the pages: int8 weights, their unit, and the bias."""
    columns, pointers, values = zip(*(page.slots for page in pages), strict=True)
    lengths = np.concatenate([np.diff(pointer) for pointer in pointers])
    matrix = csr_matrix(
        (np.concatenate(values), np.concatenate(columns), np.append(0, np.cumsum(lengths))),
        shape=(len(lengths), 2 * lexicon.SIZE),
    )
    weights = joined(pages, "weights")
    model = LogisticRegression(C=0.03, max_iter=60, tol=1e-3)
    model.fit(matrix, joined(pages, "labels"), sample_weight=weights / weights.mean())
    found = model.coef_[0]
    unit = np.abs(found).max() / 127
    return np.round(found / unit).astype(np.int8), np.float32(unit), np.float32(model.intercept_[0])


def flatten(model: HistGradientBoostingClassifier) -> Forest:
    """Return the trees as flat arrays: inner nodes, and leaves at the places of their bits."""
    trees = [tree.nodes for (tree,) in model._predictors]  # noqa: SLF001, there is no public way
    inner: list[tuple[int, float, int]] = []
    leaves = np.zeros((len(trees), MOST_LEAVES), np.float32)
    starts = [0]

    def walk(nodes: Any, i: int, tree: int, seen: int) -> int:
        """Note the nodes from `i` down; return how many leaves there are with the `seen` before."""
        node = nodes[i]
        if node["is_leaf"]:
            leaves[tree, place_of(np.uint32(1 << seen))] = node["value"]
            return seen + 1
        middle = walk(nodes, node["left"], tree, seen)
        left = (1 << middle) - (1 << seen)
        inner.append((int(node["feature_idx"]), float(node["num_threshold"]), ALL_LEAVES ^ left))
        return walk(nodes, node["right"], tree, middle)

    for tree, nodes in enumerate(trees):
        walk(nodes, 0, tree, 0)
        starts.append(len(inner))
    column, limit, left_over = zip(*inner, strict=True)
    return Forest(
        np.array(column, np.uint16),
        np.array(limit, np.float32),
        np.array(left_over, np.uint32),
        np.array(starts, np.int32),
        leaves,
        np.float32(np.ravel(model._baseline_prediction)[0]),  # noqa: SLF001
    )


def fit_forest(tables: Any, labels: Any, weights: Any) -> Forest:
    """Return the boosted trees fitted to the features: several forests that are averaged."""
    forests = []
    for recipe in FORESTS:
        model = HistGradientBoostingClassifier(
            **recipe, max_bins=63, early_stopping=False, random_state=0
        )
        forests.append(flatten(model.fit(tables, labels, sample_weight=weights)))
    return average(forests)


def average(forests: Sequence[Forest]) -> Forest:
    """Return one forest whose score is the mean of the scores of several."""
    sizes = np.cumsum([0, *(len(forest.column) for forest in forests)])
    starts = [forest.starts[:-1] + size for forest, size in zip(forests, sizes, strict=False)]
    return Forest(
        np.concatenate([forest.column for forest in forests]),
        np.concatenate([forest.limit for forest in forests]),
        np.concatenate([forest.left_over for forest in forests]),
        np.concatenate([*starts, sizes[-1:]]).astype(np.int32),
        np.concatenate([forest.leaves for forest in forests]) / np.float32(len(forests)),
        np.float32(np.mean([forest.base for forest in forests])),
    )


def fit(pages: Sequence[Page], cues: dict[frozenset[int], Any], without: frozenset[int]) -> Model:
    """Return the model fitted to the pages of all folds but `without`.

    The cues of a page that the forest learns from come from a lexicon that did not see its site.
    """
    seen = [page for page in pages if page.fold not in without]
    for out in {without, *(without | {page.fold} for page in seen)}:
        if out not in cues:
            cues[out] = fit_lexicon([page for page in pages if page.fold not in out])
    tables = np.concatenate([page.table(cues[without | {page.fold}]) for page in seen])
    forest = fit_forest(tables, joined(seen, "labels"), joined(seen, "weights"))
    steps = np.linspace(-ODDS, ODDS, 1025)
    chances = (1 / (1 + np.exp(-steps))).astype(np.float32)
    return Model(KINDS, FALLS, *cues[without], forest, chances)


def grams_of(text: str) -> Counter[tuple[str, ...]]:
    """Return the 4-grams of words of a text, counted."""
    found = words_of(text)
    return Counter(tuple(found[i : i + 4]) for i in range(max(1, len(found) - 3)) if found)


def f1(pairs: Sequence[tuple[str, str]]) -> tuple[float, float, float]:
    """Return F1 of the mean precision and recall over (gold, found) pairs, and both."""
    precisions, recalls = [], []
    for gold, found in pairs:
        wanted, got = grams_of(gold), grams_of(found)
        held = sum(min(n, got[gram]) for gram, n in wanted.items())
        if got:
            precisions.append(held / got.total())
        recalls.append(held / max(wanted.total(), 1))
    precision, recall = float(np.mean(precisions)), float(np.mean(recalls))
    return 2 * precision * recall / (precision + recall), precision, recall


def found_by(model: Model, pages: Sequence[Page]) -> list[tuple[str, str]]:
    """Return (gold, found) of each page."""
    column = pa.array([page.text for page in pages], pa.large_string())
    column = normalise(column, steps=EVERY_STEP & ~LAYOUT)
    read = read_pages(column, model=model, decoding=BALANCED, metadata=False)
    return [(page.body, one.text) for page, one in zip(pages, read, strict=True)]


def main() -> None:
    """Cross-validate over sites, then train on everything and save."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("gold", type=Path)
    parser.add_argument("--weak", type=Path)
    parser.add_argument("--save", type=Path, nargs="?", const=PATH)
    parser.add_argument("--quick", action="store_true", help="no cross-validation")
    options = parser.parse_args()
    pages = [*read_gold(options.gold), *read_with_teasers(options.gold), *read_clean(options.gold)]
    pages += read_weak(options.weak) if options.weak else ()
    print(f"{len(pages)} pages, {sum(len(page.labels) for page in pages)} lines", flush=True)
    gold = [page for page in pages if page.source not in MADE]
    clean = [page for page in pages if page.source == "clean"]
    cues: dict[frozenset[int], Any] = {}
    if not options.quick:
        pairs: dict[str, list[tuple[str, str]]] = {view: [] for view in (*VIEWS, "clean")}
        for out in range(FOLDS):
            model = fit(pages, cues, frozenset({out}))
            for view in VIEWS:
                held_out = [page for page in gold if page.fold == out and page.view == view]
                pairs[view] += found_by(model, held_out)
            pairs["clean"] += found_by(model, [page for page in clean if page.fold == out])
        for view, held in pairs.items():
            print(f"{view}: cross-validated F1 %.4f P %.4f R %.4f" % f1(held), flush=True)
    model = fit(pages, cues, frozenset())
    for view in VIEWS:
        score = f1(found_by(model, [page for page in gold if page.view == view]))
        print(f"{view}: trained-on F1 %.4f P %.4f R %.4f" % score)
    if options.save:
        np.savez_compressed(options.save, **pack(model))
        print(f"{options.save.stat().st_size} bytes, {time.process_time():.0f} s")


if __name__ == "__main__":
    main()
