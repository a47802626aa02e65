"""Measure language tags beside langdetect and py3langid, in one run on the same texts.

    python scripts/benchmark_languages.py TEXTS.jsonl[.zst] [--each 300] [--ours-only]

Each line of TEXTS has `text`, `lang` (BCP 47) and, if you like, `kind`. Of each kind, `--each`
texts are taken, evenly over the file (langdetect does about 130 articles a second). Printed for
each kind and tagger:

    right      of the texts in a language that all taggers know, the share with that tag
    undecided  of the same texts, the share that is `und` or `zxx`, or refused
    foreign    of the texts in languages that none of them knows, the share left undecided
    miscal.    the mean distance of the score from the share of right tags, over ten equal steps
               of the score, among all tagged texts
    texts/s    texts per second of processor time on one core
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import pyarrow as pa

from corpus.languages.codes import LANGUAGES
from corpus.languages.identify import identify
from corpus.languages.profiles import load

Tagged = list[tuple[str, float]]
SAME = {"no": "nb", "fil": "tl"}


def code(tag: str) -> str:
    """Return our code of a language tag: the language alone, without script and country."""
    bare = tag.split("-", maxsplit=1)[0]
    return SAME.get(bare, bare)


def ours(texts: list[str]) -> Tagged:
    """Tag with `corpus.languages.identify`."""
    tags = identify(pa.array(texts, pa.large_string()))
    return list(zip(tags.language.to_pylist(), tags.score.to_pylist(), strict=True))


def langdetect(texts: list[str]) -> Tagged:
    """Tag with langdetect, seeded; what it refuses is undecided."""
    from langdetect import DetectorFactory, LangDetectException, detect_langs

    DetectorFactory.seed = 0

    def tag(text: str) -> tuple[str, float]:
        try:
            best = detect_langs(text)[0]
        except LangDetectException:
            return "und", 0.0
        return code(best.lang), best.prob

    return [tag(text) for text in texts]


@cache
def identifier() -> Any:
    """Return py3langid's model, with normalised probabilities."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def py3langid(texts: list[str]) -> Tagged:
    """Tag with py3langid."""
    found = [identifier().classify(text) for text in texts]
    return [(code(language), float(score)) for language, score in found]


def choose(path: str, each: int) -> dict[str, list[tuple[str, str]]]:
    """Return at most `each` pairs of text and language of each kind, evenly over the file."""
    kinds = defaultdict(list)
    with pa.input_stream(path, compression="detect") as stream:
        for line in stream.read().splitlines():
            row = json.loads(line)
            kinds[row.get("kind", "text")].append((row["text"], code(row["lang"])))
    return {
        kind: [rows[at * len(rows) // each] for at in range(each)] if len(rows) > each else rows
        for kind, rows in sorted(kinds.items())
    }


def share(hits: Iterable[bool]) -> str:
    """Return the share of hits, or a dash where there is nothing to share."""
    found = list(hits)
    return f"{sum(found) / len(found):9.4f}" if found else "        -"


def miscalibration(scores: list[float], hits: list[bool]) -> float:
    """Return the expected calibration error over ten steps of the score."""
    steps = defaultdict(list)
    for score, hit in zip(scores, hits, strict=True):
        steps[min(9, int(score * 10))].append(score - hit)
    return sum(abs(sum(step)) for step in steps.values()) / len(scores)


def measure(kind: str, pairs: list[tuple[str, str]], tagger: Callable[[list[str]], Tagged]) -> None:
    """Tag the texts of one kind and print a line of figures."""
    texts = [text for text, _ in pairs]
    tagger(texts[:2])  # load what it loads
    begin = time.process_time()
    tagged = tagger(texts)
    rate = len(texts) / max(1e-9, time.process_time() - begin)
    said = [(language, gold) for (language, _), (_, gold) in zip(tagged, pairs, strict=True)]
    profiled = {LANGUAGES[number] for number in load().languages}
    somewhere = {*LANGUAGES, *map(code, identifier().labels)}
    known = [pair for pair in said if pair[1] in profiled]
    undecided = ("und", "zxx")
    hits = [language == gold for language, gold in said if language not in undecided]
    scores = [score for language, score in tagged if language not in undecided]
    print(
        f"{kind:14s} {tagger.__name__:11s}",
        share(language == gold for language, gold in known),
        share(language in undecided for language, _ in known),
        share(language in undecided for language, gold in said if gold not in somewhere),
        f"{miscalibration(scores, hits):9.3f}" if hits else "        -",
        f"{rate:9,.0f}",
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("texts")
    parser.add_argument("--each", type=int, default=300)
    parser.add_argument("--ours-only", action="store_true")
    options = parser.parse_args()
    taggers = [ours] if options.ours_only else [ours, langdetect, py3langid]
    print(f"{'kind':14s} {'tagger':11s}     right undecided   foreign   miscal.   texts/s")
    for kind, pairs in choose(options.texts, options.each).items():
        for tagger in taggers:
            measure(kind, pairs, tagger)


if __name__ == "__main__":
    main()
