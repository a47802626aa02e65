"""Compare our language identification with langdetect, py3langid, pycld2 and lingua.

    python scripts/benchmark_languages.py TEXTS.jsonl[.zst] [--each 300] [--only ensemble,lingua]

Each line of TEXTS has `text`, `lang` (BCP 47) and optionally `kind`. `--each` texts of each kind
are used, evenly spaced in the file (langdetect tags about 130 articles a second); 0 uses all.
Detectors that are not installed are listed and skipped. The columns, for each kind and detector:

    known      accuracy on texts in the languages that langdetect knows
    either     accuracy on texts in the languages that langdetect or py3langid knows
    wrong      share of errors among the tagged texts in these languages
    neither    share of undetermined texts (`und`, `zxx` or refused) among those in other languages
    at 0       as `known`, with `min_score: 0`; for our own backends only
    miscal.    expected calibration error of the score, over ten bins
    texts/s    texts per second of processor time, on one core

At the end, the script prints the processor time until the first tag with cached models, and how
often `langdetect_profiles` and seeded langdetect agree on articles.
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

from corpus.languages import langdetect_model, py3langid_model
from corpus.languages.backends import Backend
from corpus.languages.codes import LANGUAGES, code_of
from corpus.languages.external_backends import load_detector, sample_strings
from corpus.languages.identify import DEFAULT, Options, identify
from corpus.languages.predictions import sample

Tagged = list[tuple[str, float]]
UNDETERMINED = ("und", "zxx")
OWN_BACKENDS = ("ensemble", "langdetect_profiles")

MAX_PASSES = 9
MIN_SECONDS = 1
"""A detector runs until it has used this much time, at most MAX_PASSES times; the fastest run
counts."""

N_BINS = 10


def own_detector(backend: Backend) -> Callable[..., Tagged]:
    """Return `corpus.languages.identify` with one of our own backends as a detector."""

    def tag(texts: list[str], min_score: float | None = None) -> Tagged:
        options = Options(backend)
        if min_score is not None:
            options = options._replace(min_score=min_score)
        tags = identify(pa.array(texts, pa.large_string()), options)
        return list(zip(tags.language.to_pylist(), tags.score.to_pylist(), strict=True))

    return tag


def langdetect(texts: list[str]) -> Tagged:
    """Tag with langdetect, seeded; refused texts are undetermined."""
    detect = load_detector("langdetect", None)
    return [_first(detect(text)) for text in texts]


@cache
def py3langid_identifier() -> Any:
    """Return py3langid's model, with normalised probabilities."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def py3langid(texts: list[str]) -> Tagged:
    """Tag with py3langid."""
    classified = [py3langid_identifier().classify(text) for text in texts]
    return [(code_of(language), float(score)) for language, score in classified]


def pycld2(texts: list[str]) -> Tagged:
    """Tag with pycld2; results that it calls unreliable are undetermined."""
    import pycld2

    def tag(text: str) -> tuple[str, float]:
        clean = "".join(filter(lambda letter: letter.isprintable() or letter == "\n", text))
        is_reliable, _, details = pycld2.detect(clean)
        code, percent = details[0][1], details[0][2]
        code = {"iw": "he", "jw": "jv"}.get(code, code)
        return (code_of(code) if is_reliable and code != "un" else "und", percent / 100)

    return [tag(text) for text in texts]


def lingua(texts: list[str]) -> Tagged:
    """Tag with lingua."""
    detect = load_detector("lingua", None)
    return [_first(detect(text)) for text in texts]


def _first(detected: list[tuple[str, float]]) -> tuple[str, float]:
    """Return the first language with its score, or `und` if there is none."""
    return (code_of(detected[0][0]), detected[0][1]) if detected else ("und", 0.0)


DETECTORS: dict[str, Callable[..., Tagged]] = {
    "ensemble": own_detector("ensemble"),
    "langdetect_profiles": own_detector("langdetect_profiles"),
    "langdetect": langdetect,
    "py3langid": py3langid,
    "pycld2": pycld2,
    "lingua": lingua,
}


def choose(path: str, each: int) -> dict[str, list[tuple[str, str]]]:
    """Return at most `each` pairs of text and language of each kind, evenly spaced in the file."""
    by_kind = defaultdict(list)
    with pa.input_stream(path, compression="detect") as stream:
        for line in stream.read().splitlines():
            row = json.loads(line)
            by_kind[row.get("kind", "text")].append((row["text"], code_of(row["lang"])))
    return {
        kind: [rows[at * len(rows) // each] for at in range(each)] if 0 < each < len(rows) else rows
        for kind, rows in sorted(by_kind.items())
    }


def share(hits: Iterable[bool]) -> str:
    """Return the share of hits, or a dash if there is nothing to count."""
    values = list(hits)
    return f"{sum(values) / len(values):8.4f}" if values else "       -"


def calibration_error(scores: list[float], hits: list[bool]) -> float:
    """Return the expected calibration error over ten bins of the score."""
    bins = defaultdict(list)
    for score, hit in zip(scores, hits, strict=True):
        bins[min(N_BINS - 1, int(score * N_BINS))].append(score - hit)
    return sum(abs(sum(differences)) for differences in bins.values()) / len(scores)


def profiled_languages() -> set[str]:
    """Return the languages that langdetect knows."""
    return {LANGUAGES[number] for number in langdetect_model.load().languages}


def timed(tag: Callable[..., Tagged], texts: list[str]) -> tuple[Tagged, float]:
    """Return the tags of texts, and texts per second of processor time."""
    tag(texts[:2])  # load the models
    seconds: list[float] = []
    while sum(seconds) < MIN_SECONDS and len(seconds) < MAX_PASSES:
        begin = time.process_time()
        tagged = tag(texts)
        seconds.append(time.process_time() - begin)
    return tagged, len(texts) / max(1e-9, min(seconds))


def measure(kind: str, pairs: list[tuple[str, str]], name: str) -> None:
    """Tag the texts of one kind and print a row of figures."""
    tag = DETECTORS[name]
    texts = [text for text, _ in pairs]
    gold = [language for _, language in pairs]
    tagged, rate = timed(tag, texts)
    without_minimum = tag(texts, 0.0) if name in OWN_BACKENDS else tagged
    profiled = profiled_languages()
    either = {*profiled, *py3langid_model.load().classes.tolist()}
    predicted = [language for language, _ in tagged]
    likeliest = [language for language, _ in without_minimum]
    rows = list(zip(predicted, gold, likeliest, strict=True))
    scores = [score for _, score in without_minimum]
    hits = [language == correct for _, correct, language in rows]
    print(
        f"{kind:14s} {name:19s}",
        share(language == correct for language, correct, _ in rows if correct in profiled),
        share(language == correct for language, correct, _ in rows if correct in either),
        share(
            language != correct
            for language, correct, _ in rows
            if correct in either and language not in UNDETERMINED
        ),
        share(language in UNDETERMINED for language, correct, _ in rows if correct not in either),
        share(language == correct for _, correct, language in rows if correct in profiled),
        f"{calibration_error(scores, hits):8.3f}",
        f"{rate:8,.0f}",
        flush=True,
    )


def agreement(texts: list[str]) -> float:
    """Return how often `langdetect_profiles` and langdetect agree on the same samples."""
    ours = [language for language, _ in own_detector("langdetect_profiles")(texts, 0.0)]
    column = pa.array(texts, pa.large_string())
    samples = sample(column, DEFAULT.characters, langdetect_model.load())
    theirs = [language for language, _ in langdetect(list(sample_strings(samples)))]
    return sum(a == b for a, b in zip(ours, theirs, strict=True)) / len(texts)


def warm_load_seconds(backend: str) -> float:
    """Return the processor time of a new process that has loaded pyarrow until its first tag.

    Without the package coverage, which numba imports if it is installed: only developers have it.
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
    parser.add_argument("--only", default=",".join(DETECTORS))
    options = parser.parse_args()
    requested = options.only.split(",")
    missing = [
        name for name in requested if not (name in OWN_BACKENDS or importlib.util.find_spec(name))
    ]
    names = [name for name in requested if name not in missing]
    if missing:
        print(f"not installed: {', '.join(missing)}")
    headings = ("known", "either", "wrong", "neither", "at 0", "miscal.", "texts/s")
    print(f"{'kind':14s} {'detector':19s}", *(f"{heading:>8s}" for heading in headings))
    by_kind = choose(options.texts, options.each)
    for kind, pairs in by_kind.items():
        for name in names:
            measure(kind, pairs, name)
    for backend in OWN_BACKENDS:
        print(f"warm load, {backend}: {warm_load_seconds(backend):.2f} s")
    profiled = profiled_languages()
    articles = [text for text, language in by_kind.get("article", []) if language in profiled]
    if articles and "langdetect" in names:
        print(f"langdetect_profiles agrees with langdetect on articles: {agreement(articles):.4f}")


if __name__ == "__main__":
    main()
