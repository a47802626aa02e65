r"""RedPajama-v2's signals of natural language, in plain Python. The kernel must agree with it.

They are columns only: RedPajama publishes no bounds. Its count and mean length of words are the
signals `words` and `mean_word_length` of the stage `quality`.

    num_sentences_redpajama            matches of \b[^.!?]+[.!?]*
    symbols_per_word_redpajama         "#", "..." and "…" for each raw word
    ellipsis_lines_redpajama           share of lines that end with "..." or "…"
    words_without_letter_redpajama     share of raw words without a letter from A to Z
    all_caps_words_redpajama           share of raw words in capitals
    unique_words_redpajama             different words for each word
    unigram_entropy_redpajama          entropy of the words, in nats
    curly_brackets_redpajama           "{" and "}" for each character

A raw word is a run of letters, digits and "_", or a run of other characters, as NLTK's
WordPunctTokenizer cuts them. The others are words of `corpus.words`, where RedPajama takes out
punctuation and cuts at white space. Stop words are left out, and so is "lorem ipsum" (see C4).
Source: github.com/togethercomputer/RedPajama-Data, natural_language.py and content.py.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import groupby

from corpus.signals import characters as c
from corpus.signals.characters import has
from corpus.signals.definition import MAX_WORDS, share
from corpus.words.definition import words

NAMES = (
    "num_sentences_redpajama",
    "symbols_per_word_redpajama",
    "ellipsis_lines_redpajama",
    "words_without_letter_redpajama",
    "all_caps_words_redpajama",
    "unique_words_redpajama",
    "unigram_entropy_redpajama",
    "curly_brackets_redpajama",
)
"""The signals, in the order of their columns; the first is a whole number."""


def measure_redpajama(text: str) -> dict[str, float | None]:
    """Return the signals of a text; None where a share of nothing is not defined."""
    raw = raw_words(text)
    own = words(text)[:MAX_WORDS]
    lines = re.findall(r"[^\n]*\n|[^\n]+$", text)
    symbols = sum(text.count(symbol) for symbol in ("#", "...", "…"))
    counts = Counter(own)
    entropy = sum(-n / len(own) * math.log(n / len(own)) for n in counts.values())
    values = (
        sentences(text),
        share(symbols, len(raw)),
        share(sum(line.rstrip().endswith(("...", "…")) for line in lines), len(lines)),
        share(sum(not re.search("[a-zA-Z]", word) for word in raw), len(raw)),
        share(sum(map(in_capitals, raw)), len(raw)),
        share(len(counts), len(own)),
        entropy if own else None,
        share(text.count("{") + text.count("}"), len(text)),
    )
    return dict(zip(NAMES, values, strict=True))


def kind(char: str) -> int:
    """Return 0 for white space, 1 for what words are made of, 2 for other characters."""
    if char == "_" or has(char, c.LETTER_OR_DIGIT):
        return 1
    return 0 if has(char, c.SPACE) else 2


def raw_words(text: str) -> list[str]:
    """Return the runs of characters of one kind, without white space."""
    return ["".join(run) for of, run in groupby(text, kind) if of]


def in_capitals(word: str) -> bool:
    """Return whether a word has a capital letter, and no small one."""
    cases = [(has(char, c.UPPER), has(char, c.LOWER)) for char in word]
    return (True, False) in cases and (False, True) not in cases


def sentences(text: str) -> int:
    """Return the number of sentences: each begins at the edge of a word, and ends at ., ! or ?."""
    found, inside, before = 0, False, False
    for char in text:
        in_word = kind(char) == 1
        if char in ".!?":
            inside = False
        elif not inside and in_word != before:
            found, inside = found + 1, True
        before = in_word
    return found
