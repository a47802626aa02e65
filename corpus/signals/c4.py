"""How C4 judges lines, in plain Python, as datatrove's C4QualityFilter does.

C4 drops lines, and removes a page of which too few sentences are left. The signals say what would
be left; the text itself is not changed. datatrove differs from the paper in the numbers (five
sentences and three words in the code), adds the line rules for cookies and terms of use from the
published code, and leaves out the list of bad words.

    sentences_c4             sentences in the lines that C4 keeps
    sentences_c4_any_end     the same if a line may end in any character, as in FineWeb
    curly_brackets_c4        number of lines with a curly bracket that C4 would otherwise look at
    lorem_ipsum_c4           the same for "lorem ipsum"

"_any_end" goes for these two, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.signals import characters as c
from corpus.signals.characters import has
from corpus.signals.tokens import split_chunk

CITATION = re.compile(r"\[[0-9]*\]|\[edit\]|\[citation needed\]")
LINE_ENDS = (".", "?", "!", '"', "'")
POLICIES = (
    "terms of use",
    "privacy policy",
    "cookie policy",
    "uses cookies",
    "use of cookies",
    "use cookies",
)
MIN_LINE_WORDS, MAX_WORD_LENGTH = 3, 1000

ANY_END = "_any_end"


def measure_c4(text: str) -> dict[str, float | int | None]:
    """Return the signals of C4's rules."""
    signals: dict[str, float | int | None] = {}
    for suffix in ("", ANY_END):
        lines = list(_looked_at(CITATION.sub("", text), any_end=bool(suffix)))
        lower = [line.lower() for line in lines]
        signals[f"lorem_ipsum_c4{suffix}"] = sum("lorem ipsum" in line for line in lower)
        with_script = ["javascript" in line for line in lower]
        signals[f"curly_brackets_c4{suffix}"] = sum(
            "{" in line for line, script in zip(lines, with_script, strict=True) if not script
        )
        signals[f"sentences_c4{suffix}"] = sum(
            sentences(line)
            for line, script in zip(lines, with_script, strict=True)
            if not script and not any(policy in line.lower() for policy in POLICIES)
        )
    return signals


def _looked_at(text: str, *, any_end: bool) -> Iterator[str]:
    """Yield the lines with enough words, none of them too long, and an end mark."""
    for full_line in text.splitlines():
        line = full_line.strip()
        words = line.split()
        if len(words) < MIN_LINE_WORDS or max(map(len, words)) > MAX_WORD_LENGTH:
            continue
        if any_end or (line.endswith(LINE_ENDS) and not line.endswith("...")):
            yield line


def sentences(line: str) -> int:
    """Return the number of sentences of a line, as spaCy's rules count them.

    A sentence begins at the first word that is not punctuation after an end mark. White space that
    is not a single space counts as such a word.
    """
    count, after_end = 1, False
    for gap, chunk in re.findall(r"(^|\s+)(\S+)", line):
        if after_end and gap not in ("", " "):
            count, after_end = count + 1, False
        for token in split_chunk(chunk):
            is_end = len(token) == 1 and has(token, c.SPACY_SENTENCE_END)
            if is_end:
                after_end = True
            elif after_end and not all(has(char, c.PUNCTUATION) for char in token):
                count, after_end = count + 1, False
    return count
