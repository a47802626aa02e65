"""Train the model of the content kind of pages (article, forum, product ...), and measure it.

    python scripts/train_content_kind.py --wcxb WCXB.jsonl.zst --news NEWS.jsonl.zst --html FOLDER
        [--results RESULTS.jsonl] [--save]

The inputs are those of `train_block_model.py`. The kind of a WCXB page is its `type`; a news page
is an article. There are two models: one for HTML, one for pages dumped to text. The figures are
cross-validated over sites: no page is judged by a model that has seen its site. RESULTS receives
the cross-validated probabilities of each page, for `fit_confidence.py`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from article_pages import html_of, rows
from content_kind_examples import Example, html_example, text_examples
from content_kind_fitting import LAYOUTS, TABLE, cross_validated, fit, log_loss, sharpened

from corpus.articles.content_kind.model import (
    KINDS,
    PATH,
    ContentKindModel,
    pack,
)

BINS = 10
"""Bins of confidence in which the calibration is measured."""


def print_scores(name: str, examples: Sequence[Example], probabilities: Any) -> None:
    """Print accuracy, log loss and calibration, and the confusion of kinds."""
    kinds = np.array([example.kind for example in examples])
    best, highest = probabilities.argmax(1), probabilities.max(1)
    is_right, loss = best == kinds, log_loss(examples, probabilities)
    sources = np.array([example.source for example in examples])
    for source in ("wcxb", "news"):
        own = sources == source
        error = calibration_error(highest[own], is_right[own])
        print(f"{name} {source} {own.sum()} accuracy {is_right[own].mean():.3f} "
              f"log loss {loss[own].mean():.3f} calibration error {error:.3f}")  # fmt: skip
    own = sources == "wcxb"
    shares = np.bincount(kinds[own], minlength=len(KINDS)) / own.sum()
    even = (1 / len(KINDS) / shares)[kinds[own]]
    mean = np.average(is_right[own], weights=even), np.average(loss[own], weights=even)
    print(f"{name} wcxb, all kinds equally frequent: accuracy {mean[0]:.3f} log loss {mean[1]:.3f}")
    for kind, kind_name in enumerate(KINDS):
        row = " ".join(f"{np.sum(best[own & (kinds == kind)] == k):5d}" for k in range(len(KINDS)))
        recall = is_right[own & (kinds == kind)].mean()
        precision = is_right[own & (best == kind)].mean()
        print(f"{name} {kind_name:14} {row}  recall {recall:.3f} precision {precision:.3f}")
    for low in np.arange(BINS) / BINS:
        within = own & (highest >= low) & (highest < low + 1 / BINS + (low > 0.89))
        if within.any():
            print(f"{name} probability {low:.1f}: {within.sum()} pages, "
                  f"mean {highest[within].mean():.3f}, "
                  f"right {is_right[within].mean():.3f}")  # fmt: skip
    for language in sorted({example.language for example in examples if example.source == "news"}):
        chosen = [e.source == "news" and e.language == language for e in examples]
        print(f"{name} news {language} {sum(chosen)} article {is_right[chosen].mean():.3f}")


def calibration_error(probabilities: Any, is_right: Any) -> float:
    """Return the expected calibration error over bins of equal size."""
    order = np.array_split(np.argsort(probabilities, kind="stable"), BINS)
    gaps = [abs(probabilities[rows].mean() - is_right[rows].mean()) for rows in order if len(rows)]
    return float(np.mean(gaps))


def main() -> None:
    """Cross-validate over sites, train on everything and save."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--wcxb", type=Path, required=True)
    parser.add_argument("--news", type=Path, required=True)
    parser.add_argument("--html", type=Path, required=True)
    parser.add_argument("--results", type=Path)
    parser.add_argument("--save", type=Path, nargs="?", const=PATH)
    options = parser.parse_args()
    examples: dict[str, list[Example]] = {"html": [], "text": []}
    sources: list[tuple[str, Path, Callable[[Any], str]]] = [
        ("wcxb", options.wcxb, lambda row: str(row["html"])),
        ("news", options.news, lambda row: html_of(row, options.html)),
    ]
    for source, path, html in sources:
        for row in rows(path):
            if row["body"].strip():
                found = html_example(row, source, html(row))
                examples["html"] += [found] if found else []
                examples["text"] += text_examples(row, source, html(row))
    print(f"{len(examples['html'])} pages, {len(examples['text'])} texts, "
          f"{time.process_time():.0f} s", flush=True)  # fmt: skip
    models, lines = {}, []
    for name, layout in LAYOUTS.items():
        probabilities, factor = cross_validated(examples[name], layout)
        print(f"{name} factor {factor}")
        print_scores(name, examples[name], probabilities)
        print(f"{time.process_time():.0f} s", flush=True)
        lines += [
            {"id": e.id, "view": e.view, "kinds": dict(zip(KINDS, own.tolist(), strict=True))}
            for e, own in zip(examples[name], probabilities, strict=True)
        ]
        if options.save:
            models[name] = sharpened(fit(examples[name], layout), factor)
    if options.results:
        with options.results.open("w", encoding="utf-8") as stream:
            stream.writelines(json.dumps(line) + "\n" for line in lines)
    if options.save:
        model = ContentKindModel(models["html"], models["text"], TABLE)
        arrays: dict[str, Any] = dict(pack(model))
        np.savez_compressed(options.save, **arrays)
        print(f"{options.save.stat().st_size} bytes, {time.process_time():.0f} s", flush=True)


if __name__ == "__main__":
    main()
