"""Feed the clean stage hostile documents of two sizes; say what became of each at what cost.

    python scripts/stress_articles.py [--megabytes 1] [--only WORD] [--write FILE]

Each document is cleaned in a process of its own, at one size and at four times that size. What
must hold: no crash; the text as it was with a reason, or an article; CPU seconds that grow no more
than twice as fast as the size (and a tenth of a second, below which nothing can be measured); and
memory that grows by less than `MOST_MEMORY` bytes for each byte. Ends with 5 if something does not.
The last report is `scripts/stress_articles.md`.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from corpus.documents import CONTENT, REASON, TEXT
from corpus.stages.clean import Clean

GROWTH = 4
"""How much larger the second document of each kind is."""
MOST_GROWTH = 2 * GROWTH
"""CPU may grow by this: linear, with room for caches and noise."""
UNMEASURABLE = 0.1
"""Seconds that do not count."""
MOST_SECONDS = 120
"""CPU seconds after which a document is given up."""
MOST_MEMORY = 64
"""Bytes of memory for each byte of a document (32 of UTF-32 and copies, twice)."""

LOREM = "The council met on Tuesday to talk about the bridge, and went home without a vote. "
PAGE: dict[str, Callable[[int], str]] = {
    "one letter": lambda n: "a" * n,
    "one word a line": lambda n: "word\n" * (n // 5),
    "letters, a line each": lambda n: "a\n" * (n // 2),
    "prose without a break": lambda n: LOREM * (n // len(LOREM)),
    "prose in paragraphs": lambda n: (3 * LOREM + "\n\n") * (n // (3 * len(LOREM))),
    "spaces": lambda n: " " * n,
    "spaces in a word": lambda n: "a" + " " * n + "b",
    "line feeds": lambda n: "\n" * n,
    "blank lines in a text": lambda n: "a\n" + " \n" * (n // 2) + "b",
    "carriage returns": lambda n: "a\r" * (n // 2),
    "zero bytes": lambda n: "\x00" * n,
    "no-break spaces": lambda n: "a\u00a0" * (n // 3),
    "soft hyphens": lambda n: "a\u00ad" * (n // 3),
    "zero-width spaces": lambda n: "a\u200b" * (n // 4),
    "joiners": lambda n: "a\u200d" * (n // 4),
    "emoji joined": lambda n: "👩\u200d" * (n // 7),
    "Han without a stop": lambda n: "日本" * (n // 6),
    "marks on one letter": lambda n: "a" + "\u0301" * (n // 2),
    "marks out of order": lambda n: "a" + "\u0301\u0327" * (n // 4),
    "marks out of order, a line each": lambda n: ("e\u0301\u0327\u0301\u0327\n") * (n // 10),
    "letters to compose": lambda n: "e\u0301" * (n // 3),
    "Hangul to compose": lambda n: "\u1100\u1161\u11a8" * (n // 9),
    "ampersands": lambda n: "&" * n,
    "ampersands escaped": lambda n: "&amp;" * (n // 5),
    "ampersands escaped deep": lambda n: "&" + "amp;" * (n // 4),
    "ampersands escaped nine deep": lambda n: ("&" + 9 * "amp;" + "lt; ") * (n // 41),
    "a number of many digits": lambda n: "&#" + "9" * n + ";",
    "numbers beyond Unicode": lambda n: "&#99999999;" * (n // 11),
    "numbers of surrogates": lambda n: "&#55357;&#56832;" * (n // 16),
    "entities without end": lambda n: "&lt" * (n // 3),
    "entities of tags": lambda n: "&lt;b&gt;" * (n // 9),
    "an entity a line": lambda n: "&amp;\n" * (n // 6),
    "misread Latin": lambda n: "Ã©" * (n // 4),
    "misread twice": lambda n: "Ã\u0083Â©" * (n // 8),
    "misread quotes": lambda n: "â€œ" * (n // 8),
    "misread, cut off": lambda n: "â€" * (n // 5),
    "misread, a line each": lambda n: "cafÃ©\n" * (n // 8),
    "misread Cyrillic": lambda n: "Ð¿" * (n // 4),
    "misread Mac": lambda n: "√©" * (n // 5),
    "control characters of Windows": lambda n: "\x93a\x94" * (n // 5),
    "replacement characters": lambda n: "\ufffd" * (n // 3),
    "copyright signs": lambda n: "©" * (n // 2),
    "copyright signs, a line each": lambda n: "© 2023 A Firm\n" * (n // 15),
    "copyright after an article": lambda n: 9 * (LOREM + "\n") + "©\n" * (n // 3),
    "bylines": lambda n: "By By By By\n" * (n // 12),
    "by, and spaces": lambda n: LOREM + "\n" + ("By " + 200 * " " + "\n") * (n // 204),
    "dates": lambda n: "1 May 2023\n" * (n // 11),
    "digits and dots": lambda n: ("1." * 140 + "\n") * (n // 281),
    "years": lambda n: ("2023-" * 55 + "\n") * (n // 276),
    "bullets": lambda n: "• " * (n // 4),
    "brackets": lambda n: ("(" * 250 + "\n") * (n // 251),
    "stops": lambda n: "." * n,
    "slashes": lambda n: "/" * n,
    "addresses": lambda n: "https://a.example/b?c=d\n" * (n // 24),
    "addresses on one line": lambda n: "https://a.example/b?c=d " * (n // 24),
    "addresses after an article": lambda n: (
        9 * (LOREM + "\n") + f"http://{40 * 'a.'}/{'b-' * 200}:\n" * (n // 490)
    ),
    "paths": lambda n: 9 * (LOREM + "\n") + "• 1. • 2. The bridge\n" * (n // 24),
    "ages": lambda n: "vor 3 Tagen ago\n" * (n // 16) + 9 * (LOREM + "\n"),
    "tags": lambda n: "<a href='x'>" * (n // 12),
    "equal lines": lambda n: (LOREM + "\n") * (n // len(LOREM)),
    "a long line, then lines": lambda n: LOREM * (n // 2 // len(LOREM)) + "\nx" * (n // 4),
    "quotation marks": lambda n: "“”" * (n // 6),
    "code points of every plane": lambda n: "".join(
        chr(0xE000 + i % (0x110000 - 0xE000)) for i in range(n // 4)
    ),
}
"""Pages of text, and texts: what a document of so many bytes is."""

ARTICLE = "<p>" + LOREM * 3 + "</p>"
HTML: dict[str, Callable[[int], str]] = {
    "articles": lambda n: f"<html><body>{ARTICLE * (n // len(ARTICLE))}</body></html>",
    "plain text": lambda n: LOREM * (n // len(LOREM)),
    "signs that open": lambda n: "<" * n,
    "signs that close": lambda n: ">" * n,
    "tags cut off": lambda n: "<a " * (n // 3),
    "an attribute without end": lambda n: '<a href="' + "x" * n,
    "attributes": lambda n: "<a " + "b=c " * (n // 4) + ">" + ARTICLE,
    "paragraphs": lambda n: "<p>" * (n // 3),
    "line breaks": lambda n: "a<br>" * (n // 5),
    "divisions within each other": lambda n: "<div>" * (n // 5) + ARTICLE,
    "bold within bold": lambda n: "<b>" * (n // 3) + ARTICLE,
    "ends without a start": lambda n: "</div>" * (n // 6) + ARTICLE,
    "ends without a start, deep": lambda n: "<div>" * 240 + "</b>" * (n // 4) + ARTICLE,
    "tables within each other": lambda n: "<table><tr><td>" * (n // 15) + ARTICLE,
    "lists within each other": lambda n: "<ul><li>" * (n // 8) + ARTICLE,
    "a comment without end": lambda n: ARTICLE + "<!--" + "-" * n,
    "comments": lambda n: "<!---->" * (n // 7) + ARTICLE,
    "a script without end": lambda n: ARTICLE + "<script>" + "x<" * (n // 2),
    "scripts": lambda n: "<script></script>" * (n // 17) + ARTICLE,
    "a style": lambda n: "<style>" + "a{}" * (n // 3) + "</style>" + ARTICLE,
    "a title": lambda n: "<title>" + "a " * (n // 2) + "</title>" + ARTICLE,
    "an author": lambda n: f'<meta name="author" content="{"a, " * (n // 3)}">' + ARTICLE,
    "a date": lambda n: f'<meta name="date" content="{"2023-01-" * (n // 8)}">' + ARTICLE,
    "an address": lambda n: f'<link rel="canonical" href="http://{"a." * (n // 2)}">' + ARTICLE,
    "JSON within JSON": lambda n: _json("[" * n) + ARTICLE,
    "JSON, an author": lambda n: _json('{"author":{"name":"' + "a " * (n // 2) + '"}}') + ARTICLE,
    "JSON, quotes": lambda n: _json('{"@type":"Article","headline":' + '"' * n) + ARTICLE,
    "entities of its own": lambda n: (
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        "<p>" + "&b;" * (n // 3)
    ),
    "numbers of many digits": lambda n: "<p>&#" + "9" * n + ";",
    "ampersands escaped deep": lambda n: "<p>" + LOREM + "&" + "amp;" * (n // 4),
    "marks out of order": lambda n: "<p>" + LOREM + "a" + "\u0301\u0327" * (n // 4),
    "zero bytes": lambda n: "\x00" * n,
    "spaces": lambda n: "<p>" + LOREM + " " * n + "</p>",
    "dates": lambda n: "<p>" + "1 May 2023 " * (n // 11),
    "digits": lambda n: "<p>" + "1" * n,
    "copyright signs": lambda n: "<p>" + "© 2023 " * (n // 8),
    "links": lambda n: '<a href="/x">Read more</a> ' * (n // 27),
    "images": lambda n: "<img src=a.png alt=b>" * (n // 21) + ARTICLE,
    "spans": lambda n: "<span>a</span>" * (n // 14),
    "blank paragraphs": lambda n: "<p> </p>" * (n // 8) + ARTICLE,
}
"""Pages of HTML."""


def _json(text: str) -> str:
    """Return a script of metadata."""
    return f'<script type="application/ld+json">{text}</script>'


class Cost(NamedTuple):
    """What one document cost, and what became of it."""

    seconds: float
    memory: int
    """Bytes by which the largest resident size grew."""
    outcome: str


def outcome(stage: Clean, text: str, content: str) -> str:
    """Return what becomes of one document: its reason, or how much of it is left."""
    batch = pa.record_batch({TEXT: [text], CONTENT: [content]})
    row = stage.apply(batch).to_pylist()[0]
    if row.get(REASON):
        if row[TEXT] != text:
            raise AssertionError("a document that is removed keeps its text")
        return str(row[REASON])
    if not row[TEXT]:
        raise AssertionError("a document was emptied without a reason")
    return f"{len(row[TEXT]) / max(1, len(text)):.2f} left"


def cost(stage: Clean, text: str, content: str) -> Cost:
    """Return what one document costs in a process of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
        told = "crashed"
        try:
            told = outcome(stage, text, content)
        except BaseException as fault:  # noqa: BLE001  what it is, is the result
            told = f"CRASH {type(fault).__name__}: {fault}"[:120]
        finally:
            os.write(writing, told.encode())
            os._exit(0)
    os.close(writing)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _, status, usage = os.wait4(child, 0)
    with os.fdopen(reading) as pipe:
        told = pipe.read() or f"CRASH by signal {os.waitstatus_to_exitcode(status)}"
    seconds = usage.ru_utime + usage.ru_stime
    return Cost(seconds, max(0, usage.ru_maxrss - before) * 1024, told)


def fault(small: Cost, large: Cost, size: int) -> str:
    """Return what does not hold of the two, if anything."""
    for found in (small, large):
        if found.outcome.startswith("CRASH"):
            return found.outcome
    if large.seconds > MOST_GROWTH * max(small.seconds, UNMEASURABLE):
        return f"CPU grew {large.seconds / small.seconds:.0f} times"
    if large.memory > MOST_MEMORY * size:
        return f"{large.memory / size:.0f} bytes of memory a byte"
    return ""


def cases() -> Iterator[tuple[str, Clean, str, Callable[[int], str]]]:
    """Yield each kind of document: the way it is read, by which stage, its name, how it is made."""
    for content in ("page", "text"):
        for name, make in PAGE.items():
            yield content, Clean(), name, make
    for engine in ("trafilatura", "resiliparse"):
        stage = Clean.model_validate({"html": {"engine": engine}})
        for name, make in HTML.items():
            yield f"html, {engine}", stage, name, make


def report(megabytes: float, only: str) -> Iterator[str]:
    """Yield the lines of the report, a row for each kind of document."""
    size = int(megabytes * 1e6)
    yield f"Cleaned at {megabytes:g} MB and at {GROWTH * megabytes:g} MB, Python"
    yield f"{platform.python_version()}; CPU seconds, bytes of memory a byte of the larger one.\n"
    yield "| read as | document | became | CPU | CPU, larger | memory | |"
    yield "|---|---|---|--:|--:|--:|---|"
    for content, stage, name, make in cases():
        if only not in f"{content}: {name}":
            continue
        kind = content.split(",")[0]
        small, large = (cost(stage, make(n), kind) for n in (size, GROWTH * size))
        memory = large.memory / (GROWTH * size)
        wrong = fault(small, large, GROWTH * size)
        yield (
            f"| {content} | {name} | {large.outcome} | {small.seconds:.2f} | {large.seconds:.2f} "
            f"| {memory:.0f} | {wrong} |"
        )


def main() -> int:
    """Print the report, and write it where that is wanted; 5 if something does not hold."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--megabytes", type=float, default=1.0)
    parser.add_argument("--only", default="", help="only what has this word in its name")
    parser.add_argument("--write", type=Path, help="the file that takes the report")
    options = parser.parse_args()
    Clean().kernels()
    for engine in ("trafilatura", "resiliparse"):  # imported and warm before anything is measured
        for text in ("<p>" + LOREM, "caf\u00c3\u00a9 &amp; e\u0301"):
            stage = Clean.model_validate({"html": {"engine": engine}})
            outcome(stage, text, "html" if "<" in text else "text")
    lines = []
    for line in report(options.megabytes, options.only):
        print(line, flush=True)
        lines.append(line)
    if options.write:
        options.write.write_text("\n".join(lines) + "\n")
    return 5 if any(not line.endswith("|  |") for line in lines[4:]) else 0


if __name__ == "__main__":
    sys.exit(main())
