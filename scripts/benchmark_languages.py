"""Measure language tags beside langdetect, py3langid, pycld2 and lingua, in one run.

    python scripts/benchmark_languages.py TEXTS.jsonl[.zst] [--each 300] [--only combined,profiles]

Each line of TEXTS has `text`, `lang` (BCP 47) and, if you like, `kind`. Of each kind, `--each`
texts are taken, evenly over the file (langdetect does about 130 articles a second); 0 takes all.
Taggers that are not installed are named and left out. Printed for each kind and tagger:

    known      of the texts in a language that langdetect knows, the share with that tag
    either     the same of the texts in a language that langdetect or py3langid knows
    wrong      of those that are tagged, the share with another tag
    neither    of the texts in other languages, the share left undecided (`und`, `zxx` or refused)
    at 0       as `known`, with `min_score: 0`; of ours alone
    miscal.    the mean distance of the score from the share of right tags, over ten equal steps of
               the score
    texts/s    texts per second of processor time on one core

At the end: the seconds of processor time until the first tag, the models being in the cache, and
how often `profiles` and seeded langdetect agree on articles.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import pyarrow as pa

from corpus.languages.codes import LANGUAGES, code_of
from corpus.languages.external_backends import load as outside
from corpus.languages.external_backends import texts as samples
from corpus.languages.identify import DEFAULT, Options, identify
from corpus.languages.langdetect_model import load
from corpus.languages.predictions import read
from corpus.languages.py3langid_model import load as walks

Tagged = list[tuple[str, float]]
UNDECIDED = ("und", "zxx")
OURS = ("combined", "profiles")

PASSES = 9
"""Who is done with all texts in a second tags them again; the fastest pass counts."""


def ours(backend: str) -> Callable[..., Tagged]:
    """Return the tagger that `corpus.languages.identify` is with this backend."""

    def tag(texts: list[str], min_score: float | None = None) -> Tagged:
        options = Options(backend)
        if min_score is not None:
            options = options._replace(min_score=min_score)
        tags = identify(pa.array(texts, pa.large_string()), options)
        return list(zip(tags.language.to_pylist(), tags.score.to_pylist(), strict=True))

    return tag


def langdetect(texts: list[str]) -> Tagged:
    """Tag with langdetect, seeded; what it refuses is undecided."""
    tagger = outside("langdetect", None)
    return [_first(tagger(text)) for text in texts]


@cache
def identifier() -> Any:
    """Return py3langid's model, with normalised probabilities."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def py3langid(texts: list[str]) -> Tagged:
    """Tag with py3langid."""
    found = [identifier().classify(text) for text in texts]
    return [(code_of(language), float(score)) for language, score in found]


def pycld2(texts: list[str]) -> Tagged:
    """Tag with pycld2; what it calls unreliable is undecided."""
    import pycld2

    def tag(text: str) -> tuple[str, float]:
        clean = "".join(filter(lambda letter: letter.isprintable() or letter == "\n", text))
        reliable, _, details = pycld2.detect(clean)
        code, share = details[0][1], details[0][2]
        old = {"iw": "he", "jw": "jv"}.get(code, code)
        return (code_of(old) if reliable and code != "un" else "und", share / 100)

    return [tag(text) for text in texts]


def lingua(texts: list[str]) -> Tagged:
    """Tag with lingua."""
    tagger = outside("lingua", None)
    return [_first(tagger(text)) for text in texts]


def _first(said: list[tuple[str, float]]) -> tuple[str, float]:
    """Return the first answer, or that there is none."""
    return (code_of(said[0][0]), said[0][1]) if said else ("und", 0.0)


TAGGERS: dict[str, Callable[..., Tagged]] = {
    "combined": ours("combined"),
    "profiles": ours("profiles"),
    "langdetect": langdetect,
    "py3langid": py3langid,
    "pycld2": pycld2,
    "lingua": lingua,
}


def choose(path: str, each: int) -> dict[str, list[tuple[str, str]]]:
    """Return at most `each` pairs of text and language of each kind, evenly over the file."""
    kinds = defaultdict(list)
    with pa.input_stream(path, compression="detect") as stream:
        for line in stream.read().splitlines():
            row = json.loads(line)
            kinds[row.get("kind", "text")].append((row["text"], code_of(row["lang"])))
    return {
        kind: [rows[at * len(rows) // each] for at in range(each)] if 0 < each < len(rows) else rows
        for kind, rows in sorted(kinds.items())
    }


def share(hits: Iterable[bool]) -> str:
    """Return the share of hits, or a dash where there is nothing to share."""
    found = list(hits)
    return f"{sum(found) / len(found):8.4f}" if found else "       -"


def miscalibration(scores: list[float], hits: list[bool]) -> float:
    """Return the expected calibration error over ten steps of the score."""
    steps = defaultdict(list)
    for score, hit in zip(scores, hits, strict=True):
        steps[min(9, int(score * 10))].append(score - hit)
    return sum(abs(sum(step)) for step in steps.values()) / len(scores)


def measure(kind: str, pairs: list[tuple[str, str]], name: str) -> None:
    """Tag the texts of one kind and print a line of figures."""
    tagger = TAGGERS[name]
    texts = [text for text, _ in pairs]
    gold = [language for _, language in pairs]
    tagger(texts[:2])  # load what it loads
    spent = []
    while sum(spent) < 1 and len(spent) < PASSES:
        begin = time.process_time()
        tagged = tagger(texts)
        spent.append(time.process_time() - begin)
    rate = len(texts) / max(1e-9, min(spent))
    all_said = tagged
    if name in OURS:
        all_said = tagger(texts, 0.0)
    profiled = {LANGUAGES[number] for number in load().languages}
    either = {*profiled, *walks().classes.tolist()}
    said = [language for language, _ in tagged]
    rows = list(zip(said, gold, [language for language, _ in all_said], strict=True))
    scores = [score for _, score in all_said]
    hits = [language == right for _, right, language in rows]
    print(
        f"{kind:14s} {name:10s}",
        share(language == right for language, right, _ in rows if right in profiled),
        share(language == right for language, right, _ in rows if right in either),
        share(
            language != right
            for language, right, _ in rows
            if right in either and language not in UNDECIDED
        ),
        share(language in UNDECIDED for language, right, _ in rows if right not in either),
        share(language == right for _, right, language in rows if right in profiled),
        f"{miscalibration(scores, hits):8.3f}",
        f"{rate:8,.0f}",
        flush=True,
    )


def agreement(texts: list[str]) -> float:
    """Return how often `profiles` and langdetect name the same language, for the same samples."""
    mine = [language for language, _ in ours("profiles")(texts, 0.0)]
    reading = read(pa.array(texts, pa.large_string()), DEFAULT.characters, load())
    theirs = [language for language, _ in langdetect(list(samples(reading)))]
    return sum(one == other for one, other in zip(mine, theirs, strict=True)) / len(texts)


def warm_load(backend: str) -> float:
    """Return the seconds of processor time of a fresh process with pyarrow until its first tag.

    Without coverage, which numba imports where it is installed: nobody but a developer has it.
    """
    code = (
        "import sys, time; sys.modules['coverage'] = None;"
        "from corpus.arrow_buffers import string_column;"
        "texts = string_column(['word', 'x']); begin = time.process_time();"
        "from corpus.languages.identify import Options, identify;"
        f"identify(texts, Options({backend!r})); print(time.process_time() - begin)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    return float(run.stdout)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("texts")
    parser.add_argument("--each", type=int, default=300)
    parser.add_argument("--only", default=",".join(TAGGERS))
    options = parser.parse_args()
    asked = options.only.split(",")
    absent = [name for name in asked if not (name in OURS or importlib.util.find_spec(name))]
    names = [name for name in asked if name not in absent]
    if absent:
        print(f"not installed: {', '.join(absent)}")
    heads = ("known", "either", "wrong", "neither", "at 0", "miscal.", "texts/s")
    print(f"{'kind':14s} {'tagger':10s}", *(f"{head:>8s}" for head in heads))
    kinds = choose(options.texts, options.each)
    for kind, pairs in kinds.items():
        for name in names:
            measure(kind, pairs, name)
    for backend in OURS:
        print(f"warm load, {backend}: {warm_load(backend):.2f} s")
    profiled = {LANGUAGES[number] for number in load().languages}
    articles = [text for text, language in kinds.get("article", []) if language in profiled]
    if articles and "langdetect" in names:
        print(f"profiles agree with langdetect on articles: {agreement(articles):.4f}")


if __name__ == "__main__":
    main()
