"""Compare the quality classifier with fastText's supervised mode, on sites held out from both.

    python scripts/benchmark_quality_model.py ../shared/data --fasttext ENV/bin/python

Good documents are articles, as people or parsers of the publisher took them from pages; bad ones
are the same pages dumped to text, boilerplate included. Both tools train on the same folds and
judge the same documents. fastText runs in an environment of its own (`pip install fasttext`, or
`fasttext-wheel`), with one thread and several settings; the best of them is chosen on the sites
that it is judged on, which favours fastText. Speed is processor time on one core.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.classifier.features import find_buckets
from corpus.classifier.model import ClassifierModel
from corpus.classifier.score import score_texts
from corpus.training.evaluate import reliability, roc_auc
from corpus.training.fit import Rows, calibrate, fit
from corpus.training.folds import assign_folds, number_of_folds
from corpus.words.definition import words

BITS = 20
FASTTEXT_SETTINGS = ((5, 0.1), (25, 0.5))
"""Epochs and learning rate; the first is fastText's default."""

WORKER = r"""
import json, sys, time
import numpy as np
import fasttext
rows = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
texts = [" ".join(row["text"].split()) for row in rows]
epochs, rate, path = int(sys.argv[2]), float(sys.argv[3]), sys.argv[1] + ".train"
scores, seconds = [0.0] * len(rows), 0.0
for fold in sorted({row["fold"] for row in rows}):
    with open(path, "w", encoding="utf-8") as file:
        for row, text in zip(rows, texts):
            if row["fold"] != fold:
                file.write(f"__label__{int(row['good'])} {text}\n")
    model = fasttext.train_supervised(
        path, wordNgrams=2, epoch=epochs, lr=rate, dim=16, bucket=1 << 20, thread=1, seed=0,
        verbose=0,
    )
    begin = time.process_time()
    for k, row in enumerate(rows):
        if row["fold"] == fold:
            found = dict((b, a) for a, b in model.f.predict(texts[k] + "\n", 2, 0.0, "strict"))
            scores[k] = found.get("__label__1", 0.0)
    seconds += time.process_time() - begin
print(json.dumps({"scores": scores, "seconds": seconds}))
"""


class Document(NamedTuple):
    """A text of a site, and whether it is an article alone."""

    text: str
    good: bool
    site: str


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a JSON Lines file with a large zstd window."""
    command = ["zstd", "-dc", "--long=27", str(path)]
    data = subprocess.run(command, check=True, capture_output=True).stdout
    for line in io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"):
        yield json.loads(line)


def articles(data: Path) -> list[Document]:
    """Return the articles and their pages, dumped to text by lxml, of 270 sites.

    The dump `page_text` would be no fair task: it puts a bullet before every list item, and no
    article has one. Both tools find that out.
    """
    found = []
    for row in read_lines(data / "articles" / "dev.jsonl.zst"):
        found += [Document(row["body"], True, row["site"])]
        found += [Document(row["page_lxml"], False, row["site"])]
    return found


def web_pages(data: Path) -> list[Document]:
    """Return the main contents and the visible texts of the pages of WCXB, all seven kinds."""
    import lxml.etree
    import lxml.html

    found = []
    for row in read_lines(data / "pages" / "wcxb-dev.jsonl.zst"):
        try:
            page = lxml.html.fromstring(row["html"].encode())
        except lxml.etree.LxmlError:
            continue
        for element in page.xpath("//script|//style|//noscript|//template"):
            element.drop_tree()
        lines = (text.strip() for text in page.itertext())
        found += [Document(row["body"], True, row["site"])]
        found += [Document("\n".join(line for line in lines if line), False, row["site"])]
    return found


def compare(name: str, documents: list[Document], fasttext: str | None) -> None:
    """Print the AUC of both tools on one set of documents."""
    documents = [document for document in documents if words(document.text)]
    good = np.array([document.good for document in documents])
    names = sorted({document.site for document in documents})
    sites = np.searchsorted(names, [document.site for document in documents])
    folds = assign_folds(sites, good, names, number_of_folds(sites, good))
    print(f"{name}: {len(good):,} documents of {len(names):,} sites")
    texts = [document.text for document in documents]
    folded = [" ".join(words(text)) for text in texts]
    for label, column in (("corpus", texts), ("corpus, lower-case words alone", folded)):
        begin = time.process_time()
        scores = held_out_scores(column, good, sites, folds)
        seconds = time.process_time() - begin
        note = f"calibration error {reliability(scores, good)[0]:.3f}, {seconds:.0f} s"
        print_row(label, scores, good, folds, note)
    if fasttext:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "documents.jsonl"
            with path.open("w", encoding="utf-8") as file:
                for document, fold in zip(documents, folds.tolist(), strict=True):
                    row = {"text": document.text, "good": bool(document.good), "fold": fold}
                    file.write(json.dumps(row) + "\n")
            size = sum(len(document.text.encode()) for document in documents)
            for epochs, rate in FASTTEXT_SETTINGS:
                command = [fasttext, "-c", WORKER, str(path), str(epochs), str(rate)]
                out = subprocess.run(command, check=True, capture_output=True).stdout
                found = json.loads(out)
                label = f"fastText, {epochs} epochs, rate {rate}"
                error = reliability(np.clip(found["scores"], 0, 1), good)[0]
                speed = size / 1e6 / found["seconds"]
                note = f"calibration error {error:.3f}, scores {speed:.0f} MB/s"
                print_row(label, np.array(found["scores"]), good, folds, note)


def held_out_scores(
    texts: list[str],
    good: NDArray[np.bool_],
    sites: NDArray[np.int64],
    folds: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return our score of each text, by a model and a calibration that saw none of its site."""
    rows = Rows(*find_buckets(pa.array(texts, pa.large_string()), BITS))
    logits, scores = np.empty(len(good)), np.empty(len(good))
    for fold in np.unique(folds):
        here, others = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        model = fit(rows.take(others), good[others], sites[others], bits=BITS)
        logits[here] = model.logits(rows.take(here))
    for fold in np.unique(folds):
        here = folds == fold
        scores[here] = calibrate(logits[~here], good[~here]).scores(logits[here])
    return scores


def print_row(
    label: str,
    scores: NDArray[np.float64],
    good: NDArray[np.bool_],
    folds: NDArray[np.int64],
    note: str,
) -> None:
    """Print the AUC over all documents, and the mean over the folds."""
    by_fold = [roc_auc(scores[folds == fold], good[folds == fold]) for fold in np.unique(folds)]
    auc = roc_auc(scores, good)
    print(f"  {label:32} AUC {auc:.4f}, mean of folds {np.mean(by_fold):.4f}, {note}", flush=True)


def measure_speed(data: Path) -> None:
    """Print how fast news articles are scored on one core, with a table of random weights."""
    rows = read_lines(data / "near-duplicates" / "news.jsonl.zst")
    texts = pa.array([row["text"] for row in rows], pa.large_string())
    size = int(np.asarray(pc.binary_length(texts)).sum())
    weights = np.random.default_rng(0).integers(-3000, 3000, 1 << BITS).astype(np.int16)
    model = ClassifierModel(weights, 1e-3, 0.0, {})
    score_texts(texts[:10], model)
    seconds = []
    for _ in range(3):
        begin = time.process_time()
        score_texts(texts, model)
        seconds.append(time.process_time() - begin)
    print(
        f"scores {len(texts):,} news articles at {size / 1e6 / min(seconds):.0f} MB/s on one core"
    )


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--fasttext", help="the Python of an environment with fasttext")
    parser.add_argument("--only", choices=["articles", "pages", "speed"])
    options = parser.parse_args()
    if options.only in (None, "speed"):
        measure_speed(options.data)
    if options.only in (None, "articles"):
        compare("articles against their pages", articles(options.data), options.fasttext)
    if options.only in (None, "pages"):
        compare("main contents against their pages", web_pages(options.data), options.fasttext)


if __name__ == "__main__":
    main()
