"""Train the block model, which finds the main content of HTML pages, and measure it.

    python scripts/train_block_model.py --wcxb WCXB.jsonl.zst --news NEWS.jsonl.zst --html FOLDER
        [--results RESULTS.jsonl] [--save] [--limit N] [--hold-out]

WCXB has one page per line: `id`, `site`, `type`, `body` (its main content, reviewed by people) and
`html`. NEWS has news pages: `id`, `site`, `source`, `body` and `html_path`, below FOLDER.

The figures are cross-validated over sites: every page is scored by models that have not seen its
site. On WCXB they are F1 over bags of words, mean over pages; on news F1 of 4-grams. RESULTS
receives the content that was extracted that way, the F1 that the model expects of it, and the F1 of
the labelled blocks; `fit_confidence.py` reads it.

Within cross-validation, the cues and first scores of the training pages come from models that have
seen the fold judged. With `--hold-out` nothing has seen it: everything is trained on four folds and
on synthetic pages with three quarters of the containers and texts. Then the fifth fold is scored,
and synthetic pages with the other containers and texts.

Training needs LightGBM: `pip install -e .[training]`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from article_scores import means, score_of
from block_fitting import BlockFitting
from block_making import make_pages
from block_pages import BlockPage, read_news, read_wcxb, word_score
from block_small_pages import make_small_pages

from corpus.articles.blocks.extraction import (
    DECODINGS,
    BlockDecoding,
    choose_blocks,
    without_repeats,
)
from corpus.articles.blocks.model import PATH, pack, score_page
from corpus.articles.lines.decoding import expected_f1


def extracted(page: BlockPage, probabilities: Any, decoding: BlockDecoding) -> str:
    """Return the main content of a page, given the probabilities of its blocks."""
    if not len(page.texts):
        return ""
    kept = choose_blocks(probabilities, page.words, decoding)
    kept = without_repeats(page.page, page.texts, kept)
    return "\n".join(t for t, is_kept in zip(page.texts, kept.tolist(), strict=True) if is_kept)


def expected_of(page: BlockPage, probabilities: Any) -> float:
    """Return the F1 that the model expects of what it extracts from a page."""
    kept = choose_blocks(probabilities, page.words, DECODINGS["balanced"])
    kept = without_repeats(page.page, page.texts, kept)
    return float(expected_f1(probabilities, page.words, kept))


def print_scores(name: str, pages: Sequence[BlockPage], texts: Sequence[str]) -> None:
    """Print word F1 by kind of page on WCXB, and F1 of 4-grams on news."""
    rows = list(zip(pages, texts, strict=True))
    wcxb = [(p.kind, word_score(p.body, text)) for p, text in rows if p.source == "wcxb"]
    kinds = {"all", *(kind for kind, _ in wcxb)} if wcxb else set[str]()
    for kind in sorted(kinds):
        own = np.array([score for k, score in wcxb if kind in ("all", k)])
        print(f"{name} WCXB {kind:14} {len(own):5d} P %.4f R %.4f F1 %.4f" % tuple(own.mean(0)))
    made = [word_score(p.body, text) for p, text in rows if p.source == "made" and p.body]
    empty = [not text for p, text in rows if p.source == "made" and not p.body]
    if made:
        print(f"{name} made without article: {np.mean(empty):.2f} of {len(empty)} found")
        print(f"{name} made {len(made)} P %.4f R %.4f F1 %.4f" % tuple(np.mean(made, 0)))
    news = [score_of(p.body, text) for p, text in rows if p.source == "news"]
    if news:
        f1, precision, recall = means(news)
        print(f"{name} news {len(news)} F1 {f1:.4f} P {precision:.4f} R {recall:.4f}", flush=True)


HELD_OUT_FOLD = 0


def hold_out(pages: Sequence[BlockPage]) -> None:
    """Train on the pages of four folds, and score those of the other."""
    seen = [page for page in pages if page.fold != HELD_OUT_FOLD]
    held_out = [page for page in pages if page.fold == HELD_OUT_FOLD]
    made = [*make_pages(seen, part="seen"), *make_small_pages(seen, part="seen")]
    fitting = BlockFitting([*seen, *made])
    fitting.fit(whole=False)
    model, decoding = fitting.models[HELD_OUT_FOLD], DECODINGS["balanced"]
    for name, judged in (
        ("held out", held_out),
        ("containers seen,", list(make_pages(held_out, part="seen"))),
        ("containers held out,", list(make_pages(held_out, part="held out"))),
        ("small, containers held out,", list(make_small_pages(held_out, part="held out"))),
    ):
        texts = [
            extracted(page, score_page(page.page, model), decoding) if page.texts else ""
            for page in judged
        ]
        print_scores(name, judged, texts)


def main() -> None:
    """Cross-validate over sites, train on everything and save."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--wcxb", type=Path, required=True)
    parser.add_argument("--news", type=Path, required=True)
    parser.add_argument("--html", type=Path, required=True)
    parser.add_argument("--results", type=Path)
    parser.add_argument("--save", type=Path, nargs="?", const=PATH)
    parser.add_argument("--limit", type=int, help="read only so many pages of each, to try it out")
    parser.add_argument("--hold-out", action="store_true", help="judge one fold by a nested run")
    options = parser.parse_args()
    pages = [*read_wcxb(options.wcxb), *read_news(options.news, options.html)]
    if options.limit:
        pages = pages[:: max(1, len(pages) // options.limit)]
    print(f"{len(pages)} pages, {sum(len(page.texts) for page in pages)} blocks, "
          f"{time.process_time():.0f} s", flush=True)  # fmt: skip
    if options.hold_out:
        hold_out(pages)
        return
    pages += [*make_pages(pages), *make_small_pages(pages)]
    labelled = ["\n".join(t for t, y in zip(p.texts, p.labels, strict=True) if y) for p in pages]
    print_scores("labels", pages, labelled)
    fitting = BlockFitting(pages)
    fitting.fit(whole=bool(options.save))
    print(f"{time.process_time():.0f} s", flush=True)
    if options.save:
        arrays: dict[str, Any] = dict(pack(fitting.models[None]))
        np.savez_compressed(options.save, **arrays)
        print(f"{options.save.stat().st_size} bytes", flush=True)
    results = {}
    for name, scores in (("pass 1", fitting.first_scores), ("pass 2", fitting.second_scores)):
        probabilities = fitting.probabilities(scores)
        for keep, decoding in DECODINGS.items():
            texts = [
                extracted(*pair, decoding)
                for pair in zip(fitting.pages, probabilities, strict=True)
            ]
            texts += ["" for page in pages if not page.texts]
            scored = [*fitting.pages, *(page for page in pages if not page.texts)]
            print_scores(f"{name} {keep}", scored, texts)
            results[keep] = texts
    if options.results:
        expected = [expected_of(*pair) for pair in zip(fitting.pages, probabilities, strict=True)]
        expected += [0.0 for page in pages if not page.texts]
        with options.results.open("w", encoding="utf-8") as stream:
            for page, text, f1 in zip(scored, results["balanced"], expected, strict=True):
                row = {"id": page.id, "text": text, "expected_f1": f1, "oracle_f1": page.oracle_f1}
                stream.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
