r"""Every signal of a text in plain Python. The kernels must agree with it.

    measure("One line.\\nAnother line.")["words"]     -> 4

A signal without a suffix uses the words of `corpus.words`. A suffix names the tool whose own way of
counting the signal repeats:

    _datatrove    datatrove 0.10: words of spaCy's English tokenizer
    _dolma        dolma 1.2: words between white space
    _dclm         DCLM (its RefinedWeb filters): words between white space
    _fineweb      FineWeb (datatrove's FineWebQualityFilter)

A share of nothing is not defined: it is None, and null in a column. n-grams of words and repeated
lines are counted in the first `MAX_WORDS` words and `MAX_LINES` lines of a text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median

from corpus.signals import characters as c
from corpus.signals.c4 import measure_c4
from corpus.signals.characters import has
from corpus.signals.fineweb2 import STOP_WORDS as LANGUAGE_WORDS
from corpus.signals.tokens import tokens
from corpus.words.definition import words

Signals = dict[str, float | int | None]

MAX_WORDS = 1 << 20
MAX_LINES = 1 << 20
LONGEST_COUNTED = 255
"""Longer words count as this long in the median."""
STOP_WORDS = frozenset(("the", "be", "to", "of", "and", "that", "have", "with"))
"""The English words of which Gopher wants at least two."""

TOP = (2, 3, 4)
DUPLICATE = (5, 6, 7, 8, 9, 10)


def share(part: float, whole: float) -> float | None:
    """Return part / whole; None if there is no whole."""
    return part / whole if whole else None


def measure(text: str) -> Signals:
    """Return all signals of a text."""
    counted = _words(text) | _dclm(text) | _dolma(text) | _datatrove(text)
    return counted | _lines(text) | measure_c4(text)


def stop_words_by_language(text: str) -> dict[str, int]:
    """Return how many different stop words of each language of FineWeb-2 a text has."""
    found = set(tokens(text))
    return {code: len(found.intersection(own.split())) for code, own in LANGUAGE_WORDS.items()}


def _has_letter(word: str) -> bool:
    return any(has(char, c.LETTER) for char in word)


def _words(text: str) -> Signals:
    """Return the signals that count our own words.

    A character of a script without spaces is a word, but has no part in the mean length.
    """
    own = words(text)
    joined = [word for word in own if not (len(word) == 1 and has(word, c.LONE))]
    return {
        "characters": len(text),
        "words": len(own),
        "mean_word_length": share(_size(joined), len(joined)),
        "hashes_per_word": share(text.count("#"), len(own)),
        "ellipses_per_word": share(text.count("...") + text.count("…"), len(own)),
        "alphabetic_words": share(sum(map(_has_letter, own)), len(own)),
        "stop_words": len(STOP_WORDS.intersection(own)),
    } | repeated_ngrams(own)


def repeated_ngrams(sequence: Sequence[str], suffix: str = "") -> Signals:
    """Return the shares of characters in top n-grams and in repeated n-grams, as Gopher's paper.

    The top n-gram is the most frequent, and the longest of these; one that occurs once is none.
    A word that several repeated n-grams contain is counted once.
    """
    sequence = sequence[:MAX_WORDS]
    total = sum(map(len, sequence))
    signals: Signals = {}
    for n in (*TOP, *DUPLICATE):
        ngrams = list(zip(*(sequence[k:] for k in range(n)), strict=False))
        counts = Counter(ngrams)
        most = max(counts.values(), default=0)
        if n in TOP:
            size = max((_size(g) for g, count in counts.items() if count == most > 1), default=0)
            signals[f"top_{n}gram{suffix}"] = share(size * most, total)
            continue
        covered = {i + k for i, g in enumerate(ngrams) if counts[g] > 1 for k in range(n)}
        signals[f"duplicate_{n}grams{suffix}"] = share(
            sum(len(sequence[i]) for i in covered), total
        )
    return signals


def _size(words_of: Iterable[str]) -> int:
    """Return the number of characters of several words."""
    return sum(map(len, words_of))


def _dclm(text: str) -> Signals:
    """Return the signals that DCLM's code counts, besides those of n-grams and lines."""
    spaced = text.split()
    symbols = sum(text.count(symbol) for symbol in ("#", "...", ". . .", "…"))
    return {
        "words_dclm": sum(has(word[0], c.LETTER_OR_DIGIT) for word in spaced),
        "mean_word_length_dclm": share(_size(spaced), len(spaced)),
        "symbols_per_word_dclm": share(symbols, len(spaced)),
        "words_without_letter_dclm": share(
            sum(not _has_letter(word) for word in spaced), len(spaced)
        ),
        "stop_words_dclm": sum(word.lower() in STOP_WORDS for word in spaced),
    }


def _dolma(text: str) -> Signals:
    """Return the signals that dolma's tagger gopher_v1 counts."""
    spaced = text.split()
    total = max(_size(spaced), 1)
    lines = text.split("\n")
    copies = Counter(lines[:MAX_LINES])
    compared = min(len(lines), MAX_LINES)
    signals: Signals = {
        "words_dolma": len(spaced),
        "median_word_length_dolma": float(
            median(min(len(word), LONGEST_COUNTED) for word in spaced or [""])
        ),
        "symbol_words_dolma": share(
            sum("#" in word or "…" in word for word in spaced), max(len(spaced), 1)
        ),
        "alphabetic_words_dolma": share(sum(map(_has_letter, spaced)), max(len(spaced), 1)),
        "stop_words_dolma": sum(word in STOP_WORDS for word in spaced),
        "bullet_lines_dolma": sum(line.startswith(("*", "-")) for line in lines) / len(lines),
        "ellipsis_lines_dolma": sum(line.endswith("…") for line in lines) / len(lines),
        "duplicate_lines_dolma": sum(n for n in copies.values() if n > 1) / compared,
        "duplicate_line_characters_dolma": (
            sum(len(line) * n for line, n in copies.items() if n > 1) / total
        ),
    }
    for n in (*TOP, *DUPLICATE):
        sequence = spaced[:MAX_WORDS]
        counts = Counter(zip(*(sequence[k:] for k in range(n)), strict=False))
        if n in TOP:
            top, times = counts.most_common(1)[0] if counts else ((), 0)
            signals[f"top_{n}gram_dolma"] = times * _size(top) / total
        else:
            sizes = sum(times * _size(ngram) for ngram, times in counts.items())
            repeated = sum(times * _size(ngram) for ngram, times in counts.items() if times > 1)
            signals[f"duplicate_{n}grams_dolma"] = repeated / max(sizes, 1)
    return signals


def _datatrove(text: str) -> Signals:
    """Return the signals that datatrove's Gopher filters and the last of FineWeb's count."""
    found = tokens(text)
    counted = [token for token in found if not all(has(char, c.SYMBOL) for char in token)]
    signals: Signals = {
        "words_datatrove": len(counted),
        "mean_word_length_datatrove": share(_size(counted), len(counted)),
        "hashes_per_word_datatrove": share(text.count("#"), len(found)),
        "ellipses_per_word_datatrove": share(text.count("...") + text.count("…"), len(found)),
        "alphabetic_words_datatrove": share(sum(map(_has_letter, found)), len(found)),
        "stop_words_datatrove": len(STOP_WORDS.intersection(found)),
        "line_breaks_per_word_fineweb": share(text.count("\n"), len(found)),
    }
    for n in TOP:
        signals[f"top_{n}gram_datatrove"] = share(_first_top(found[:MAX_WORDS], n), len(text))
    for n in DUPLICATE:
        signals[f"duplicate_{n}grams_datatrove"] = share(
            _skipping_duplicates(found[:MAX_WORDS], n), len(text)
        )
    return signals


def _first_top(sequence: Sequence[str], n: int) -> int:
    """Return count times length, with spaces, of the first of the most frequent n-grams."""
    counts = Counter(zip(*(sequence[k:] for k in range(n)), strict=False))
    if not counts:
        return 0
    top, times = counts.most_common(1)[0]
    return times * (_size(top) + n - 1)


def _skipping_duplicates(sequence: Sequence[str], n: int) -> int:
    """Return the characters of n-grams seen before; the next n-gram begins behind such a one."""
    seen = set()
    characters = i = 0
    while i + n <= len(sequence):
        ngram = tuple(sequence[i : i + n])
        if ngram in seen:
            characters += _size(ngram)
            i += n
        else:
            seen.add(ngram)
            i += 1
    return characters


def _lines(text: str) -> Signals:
    """Return the signals that count lines and paragraphs, in all ways of counting them."""
    filled = [line.strip() for line in text.split("\n") if line.strip()]
    by_any_break = text.splitlines()
    fineweb = [line for line in text.split("\n") if line.strip()]
    without_breaks = len(text) - text.count("\n")
    return (
        {
            "lines": len(filled),
            "bullet_lines": share(_starting(filled, ("●", "•", "*", "-")), len(filled)),
            "ellipsis_lines": share(_ending(filled, ("...", ". . .", "…")), len(filled)),
            "bullet_lines_datatrove": share(
                _starting((line.lstrip() for line in by_any_break), ("•", "-")), len(by_any_break)
            ),
            "ellipsis_lines_datatrove": share(
                _ending((line.rstrip() for line in by_any_break), ("...", "…")), len(by_any_break)
            ),
            "lines_with_end_mark_fineweb": share(
                sum(has(line[-1], c.SENTENCE_END) for line in fineweb), len(fineweb)
            ),
            "short_lines_fineweb": share(sum(len(line) <= 30 for line in fineweb), len(fineweb)),
            "duplicate_line_characters_fineweb": share(_later(fineweb)[1], without_breaks),
        }
        | _all_copies("line", filled)
        | _all_copies("paragraph", [p.strip() for p in text.split("\n\n") if p.strip()])
        | _later_copies("line", re.split(r"\n+", text), len(text))
        | _later_copies("paragraph", re.split(r"\n{2,}", text.strip()), len(text))
    )


def _starting(lines: Iterable[str], marks: tuple[str, ...]) -> int:
    return sum(line.startswith(marks) for line in lines)


def _ending(lines: Iterable[str], marks: tuple[str, ...]) -> int:
    return sum(line.endswith(marks) for line in lines)


def _all_copies(what: str, passages: Sequence[str]) -> Signals:
    """Return the shares of passages that occur more than once, and of their characters."""
    passages = passages[:MAX_LINES]
    copies = [(passage, n) for passage, n in Counter(passages).items() if n > 1]
    return {
        f"duplicate_{what}s": share(sum(n for _, n in copies), len(passages)),
        f"duplicate_{what}_characters": share(
            sum(len(passage) * n for passage, n in copies), _size(passages)
        ),
    }


def _later(passages: Sequence[str]) -> tuple[int, int]:
    """Return how many passages occurred before, and how many characters these have."""
    counts = Counter(passages[:MAX_LINES])
    return sum(n - 1 for n in counts.values()), sum((n - 1) * len(p) for p, n in counts.items())


def _later_copies(what: str, passages: Sequence[str], characters: int) -> Signals:
    """Return the shares of passages that occurred before, and of their characters."""
    passages = passages[:MAX_LINES]
    number, size = _later(passages)
    return {
        f"duplicate_{what}s_datatrove": share(number, len(passages)) if characters else None,
        f"duplicate_{what}_characters_datatrove": share(size, characters),
    }
