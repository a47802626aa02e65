"""Clean hostile documents of two sizes, and report the result and the cost of each.

    python scripts/stress_articles.py [--megabytes 1] [--only WORD] [--write FILE]

Each document is cleaned in a process of its own, at one size and at four times that size. Requires
that

- no process crashes;
- a document has an article, or its original text and a reason;
- CPU time grows at most twice as fast as the size (times below a tenth of a second do not count);
- memory grows by less than `MAX_MEMORY_RATIO` bytes per byte.

Memory is the peak of the process above what it had before the document (Linux only, else 0). The
content `html, blocks, no limits` is the block model without limits of bytes and tags.

Exits with 5 if a requirement fails. The last report is `scripts/stress_articles.md`.
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

SIZE_RATIO = 4
"""Ratio of the sizes of the two documents of each kind."""
MAX_CPU_RATIO = 2 * SIZE_RATIO
"""Maximum ratio of their CPU times: linear growth, with a margin for caches and noise."""
MIN_SECONDS = 0.1
"""CPU times below this are too short to be measured."""
MAX_SECONDS = 120
"""CPU seconds after which a document is aborted."""
MAX_MEMORY_RATIO = 64
"""Maximum bytes of memory per byte of a document (32 for UTF-32 and copies, twice)."""
MAX_BLOCK_MEMORY_RATIO = 4096
"""The same for the block model without limits: a block of a few bytes has over 300 features."""
NO_LIMITS = "html, blocks, no limits"

LOREM = "The council met on Tuesday to talk about the bridge, and went home without a vote. "
PAGE: dict[str, Callable[[int], str]] = {
    "one letter": lambda n: "a" * n,
    "one word per line": lambda n: "word\n" * (n // 5),
    "one letter per line": lambda n: "a\n" * (n // 2),
    "prose without line breaks": lambda n: LOREM * (n // len(LOREM)),
    "prose in paragraphs": lambda n: (3 * LOREM + "\n\n") * (n // (3 * len(LOREM))),
    "spaces": lambda n: " " * n,
    "spaces in a word": lambda n: "a" + " " * n + "b",
    "line feeds": lambda n: "\n" * n,
    "blank lines in a text": lambda n: "a\n" + " \n" * (n // 2) + "b",
    "carriage returns": lambda n: "a\r" * (n // 2),
    "NUL characters": lambda n: "\x00" * n,
    "no-break spaces": lambda n: "a\u00a0" * (n // 3),
    "soft hyphens": lambda n: "a\u00ad" * (n // 3),
    "zero-width spaces": lambda n: "a\u200b" * (n // 4),
    "joiners": lambda n: "a\u200d" * (n // 4),
    "emoji with joiners": lambda n: "👩\u200d" * (n // 7),
    "Han without punctuation": lambda n: "日本" * (n // 6),
    "combining marks on one letter": lambda n: "a" + "\u0301" * (n // 2),
    "combining marks out of order": lambda n: "a" + "\u0301\u0327" * (n // 4),
    "combining marks out of order, one per line": lambda n: (
        ("e\u0301\u0327\u0301\u0327\n") * (n // 10)
    ),
    "decomposed letters": lambda n: "e\u0301" * (n // 3),
    "decomposed Hangul": lambda n: "\u1100\u1161\u11a8" * (n // 9),
    "ampersands": lambda n: "&" * n,
    "escaped ampersands": lambda n: "&amp;" * (n // 5),
    "one deeply escaped ampersand": lambda n: "&" + "amp;" * (n // 4),
    "ampersands escaped nine times": lambda n: ("&" + 9 * "amp;" + "lt; ") * (n // 41),
    "numeric entity of many digits": lambda n: "&#" + "9" * n + ";",
    "numeric entities beyond Unicode": lambda n: "&#99999999;" * (n // 11),
    "numeric entities of surrogates": lambda n: "&#55357;&#56832;" * (n // 16),
    "entities without semicolons": lambda n: "&lt" * (n // 3),
    "escaped tags": lambda n: "&lt;b&gt;" * (n // 9),
    "one entity per line": lambda n: "&amp;\n" * (n // 6),
    "mojibake, Latin": lambda n: "Ã©" * (n // 4),
    "mojibake, twice": lambda n: "Ã\u0083Â©" * (n // 8),
    "mojibake, quotation marks": lambda n: "â€œ" * (n // 8),
    "mojibake, truncated": lambda n: "â€" * (n // 5),
    "mojibake, one word per line": lambda n: "cafÃ©\n" * (n // 8),
    "mojibake, Cyrillic": lambda n: "Ð¿" * (n // 4),
    "mojibake, Mac Roman": lambda n: "√©" * (n // 5),
    "Windows-1252 control characters": lambda n: "\x93a\x94" * (n // 5),
    "replacement characters": lambda n: "\ufffd" * (n // 3),
    "copyright signs": lambda n: "©" * (n // 2),
    "copyright lines": lambda n: "© 2023 A Firm\n" * (n // 15),
    "copyright signs after an article": lambda n: 9 * (LOREM + "\n") + "©\n" * (n // 3),
    "bylines": lambda n: "By By By By\n" * (n // 12),
    "bylines of spaces": lambda n: LOREM + "\n" + ("By " + 200 * " " + "\n") * (n // 204),
    "dates": lambda n: "1 May 2023\n" * (n // 11),
    "digits and dots": lambda n: ("1." * 140 + "\n") * (n // 281),
    "years": lambda n: ("2023-" * 55 + "\n") * (n // 276),
    "bullets": lambda n: "• " * (n // 4),
    "brackets": lambda n: ("(" * 250 + "\n") * (n // 251),
    "full stops": lambda n: "." * n,
    "slashes": lambda n: "/" * n,
    "URLs": lambda n: "https://a.example/b?c=d\n" * (n // 24),
    "URLs on one line": lambda n: "https://a.example/b?c=d " * (n // 24),
    "URLs after an article": lambda n: (
        9 * (LOREM + "\n") + f"http://{40 * 'a.'}/{'b-' * 200}:\n" * (n // 490)
    ),
    "breadcrumbs": lambda n: 9 * (LOREM + "\n") + "• 1. • 2. The bridge\n" * (n // 24),
    "relative dates": lambda n: "vor 3 Tagen ago\n" * (n // 16) + 9 * (LOREM + "\n"),
    "tags": lambda n: "<a href='x'>" * (n // 12),
    "repeated lines": lambda n: (LOREM + "\n") * (n // len(LOREM)),
    "a long line, then short lines": lambda n: LOREM * (n // 2 // len(LOREM)) + "\nx" * (n // 4),
    "quotation marks": lambda n: "“”" * (n // 6),
    "code points of every plane": lambda n: "".join(
        chr(0xE000 + i % (0x110000 - 0xE000)) for i in range(n // 4)
    ),
}
"""Documents of `n` bytes to be cleaned as pages and as texts."""

ARTICLE = "<p>" + LOREM * 3 + "</p>"
HTML: dict[str, Callable[[int], str]] = {
    "articles": lambda n: f"<html><body>{ARTICLE * (n // len(ARTICLE))}</body></html>",
    "plain text": lambda n: LOREM * (n // len(LOREM)),
    "opening angle brackets": lambda n: "<" * n,
    "closing angle brackets": lambda n: ">" * n,
    "truncated tags": lambda n: "<a " * (n // 3),
    "unterminated attribute": lambda n: '<a href="' + "x" * n,
    "attributes": lambda n: "<a " + "b=c " * (n // 4) + ">" + ARTICLE,
    "paragraphs": lambda n: "<p>" * (n // 3),
    "line breaks": lambda n: "a<br>" * (n // 5),
    "nested div elements": lambda n: "<div>" * (n // 5) + ARTICLE,
    "nested b elements": lambda n: "<b>" * (n // 3) + ARTICLE,
    "closing tags alone": lambda n: "</div>" * (n // 6) + ARTICLE,
    "closing tags alone, nested": lambda n: "<div>" * 240 + "</b>" * (n // 4) + ARTICLE,
    "nested tables": lambda n: "<table><tr><td>" * (n // 15) + ARTICLE,
    "nested lists": lambda n: "<ul><li>" * (n // 8) + ARTICLE,
    "unterminated comment": lambda n: ARTICLE + "<!--" + "-" * n,
    "comments": lambda n: "<!---->" * (n // 7) + ARTICLE,
    "unterminated script": lambda n: ARTICLE + "<script>" + "x<" * (n // 2),
    "scripts": lambda n: "<script></script>" * (n // 17) + ARTICLE,
    "long style": lambda n: "<style>" + "a{}" * (n // 3) + "</style>" + ARTICLE,
    "long title": lambda n: "<title>" + "a " * (n // 2) + "</title>" + ARTICLE,
    "long author": lambda n: f'<meta name="author" content="{"a, " * (n // 3)}">' + ARTICLE,
    "long date": lambda n: f'<meta name="date" content="{"2023-01-" * (n // 8)}">' + ARTICLE,
    "long canonical URL": lambda n: (
        f'<link rel="canonical" href="http://{"a." * (n // 2)}">' + ARTICLE
    ),
    "nested JSON": lambda n: _json("[" * n) + ARTICLE,
    "JSON with a long author": lambda n: (
        _json('{"author":{"name":"' + "a " * (n // 2) + '"}}') + ARTICLE
    ),
    "JSON with many quotes": lambda n: _json('{"@type":"Article","headline":' + '"' * n) + ARTICLE,
    "custom entities": lambda n: (
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        "<p>" + "&b;" * (n // 3)
    ),
    "numeric entity of many digits": lambda n: "<p>&#" + "9" * n + ";",
    "one deeply escaped ampersand": lambda n: "<p>" + LOREM + "&" + "amp;" * (n // 4),
    "combining marks out of order": lambda n: "<p>" + LOREM + "a" + "\u0301\u0327" * (n // 4),
    "NUL characters": lambda n: "\x00" * n,
    "spaces": lambda n: "<p>" + LOREM + " " * n + "</p>",
    "dates": lambda n: "<p>" + "1 May 2023 " * (n // 11),
    "digits": lambda n: "<p>" + "1" * n,
    "copyright signs": lambda n: "<p>" + "© 2023 " * (n // 8),
    "links": lambda n: '<a href="/x">Read more</a> ' * (n // 27),
    "images": lambda n: "<img src=a.png alt=b>" * (n // 21) + ARTICLE,
    "spans": lambda n: "<span>a</span>" * (n // 14),
    "deep nesting, closed": lambda n: "<div>" * (n // 11) + ARTICLE + "</div>" * (n // 11),
    "blocks": lambda n: "<p>a</p>" * (n // 8),
    "class names": lambda n: f'<div class="{"side-bar " * (n // 9)}">{ARTICLE}</div>',
    "table cells": lambda n: "<table><tr>" + "<td>a" * (n // 5),
    "unterminated svg elements": lambda n: "<svg>" * (n // 5) + ARTICLE,
    "unterminated quotes": lambda n: "<a href='>" * (n // 10) + ARTICLE,
    "scripts that look like text": lambda n: "<script>" + LOREM * (n // len(LOREM)) + "</script>",
    "unclosed raw elements": lambda n: "<textarea>a<noscript>" * (n // 21) + ARTICLE,
    "spaces in pre": lambda n: "<pre>" + " " * n + "x</pre>" + ARTICLE,
    "line feeds in pre": lambda n: "<pre>x" + "\n" * n + "x</pre>" + ARTICLE,
    "blank paragraphs": lambda n: "<p> </p>" * (n // 8) + ARTICLE,
    "attributes of different names": lambda n: (
        "<div " + " ".join(f"a{i}=b" for i in range(n // 9)) + f">{ARTICLE}</div>"
    ),
    "the same attribute": lambda n: "<div " + "class=a " * (n // 8) + f">{ARTICLE}</div>",
    "long attribute": lambda n: f"<div title='{'x' * n}'>{ARTICLE}</div>",
    "attributes without end": lambda n: ("<div class='" + "x" * 50) * (n // 62) + ARTICLE,
    "different class names": lambda n: (
        f'<div class="{" ".join(f"c{i}" for i in range(n // 8))}">{ARTICLE}</div>'
    ),
    "a class name per element": lambda n: "".join(f"<p class=c{i}>a</p>" for i in range(n // 21)),
    "wide tables": lambda n: (
        ("<table><tr>" + "<td>a</td>" * 10_000 + "</tr></table>") * (n // 100_000) + ARTICLE
    ),
    "long table": lambda n: "<table>" + "<tr><td>a<td>b" * (n // 14) + "</table>" + ARTICLE,
    "cells outside of tables": lambda n: "<td>a<tr>" * (n // 9) + ARTICLE,
    "nested forms": lambda n: "<form>" * (n // 6) + ARTICLE,
    "nested blockquotes, closed": lambda n: (
        "<blockquote>a" * (n // 26) + ARTICLE + "</blockquote>" * (n // 26)
    ),
    "overlapping elements": lambda n: "<div><p></div></p><section></div>" * (n // 33) + ARTICLE,
    "end tags that close one of many": lambda n: (
        "<ul><li>" * 100 + "<p>a</ul></li></section>" * (n // 24) + ARTICLE
    ),
    "unterminated CDATA": lambda n: ARTICLE + "<![CDATA[" + "x " * (n // 2),
    "unterminated textarea": lambda n: ARTICLE + "<textarea>" + "x " * (n // 2),
    "unterminated plaintext": lambda n: ARTICLE + "<plaintext>" + "x " * (n // 2),
    "unterminated elements of every kind": lambda n: (
        "<svg><math><select><object><template><noscript><title><xmp><iframe><canvas><map>"
        * (n // 81)
        + ARTICLE
    ),
    "drawings with HTML": lambda n: "<svg><foreignObject><p>a" * (n // 24) + ARTICLE,
    "shadow roots": lambda n: "<a-b><template shadowrootmode=open>" * (n // 35) + ARTICLE,
    "end tags of scripts in scripts": lambda n: "<script>'</scr</script" * (n // 22) + ARTICLE,
    "comments without end": lambda n: "<!--a" * (n // 5) + ARTICLE,
    "markup declarations": lambda n: "<!a><?b>" * (n // 8) + ARTICLE,
    "entities without semicolons": lambda n: "<p>" + "&amp&lt&copy" * (n // 12),
    "unknown entities": lambda n: "<p>" + "&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;" * (n // 33),
    "ampersands": lambda n: "<p>" + "&" * n,
    "bidirectional controls": lambda n: "<p>" + "\u202ea\u202c \u2066b\u2069" * (n // 15),
    "replacement characters": lambda n: "<p>" + "\ufffd" * (n // 3),
    "lone surrogates": lambda n: "<p>" + "&#xD800;&#xDFFF;" * (n // 16) + ARTICLE,
    "headings": lambda n: "<h1>a</h1>" * (n // 10) + ARTICLE,
    "the same link": lambda n: "<a rel=author href=x>a" * (n // 22) + ARTICLE,
    "times": lambda n: "<time datetime=2023-01-01>a</time>" * (n // 34) + ARTICLE,
    "meta tags": lambda n: "<meta name=author content=a>" * (n // 28) + ARTICLE,
    "JSON-LD scripts": lambda n: _json('{"@type":"Article"}') * (n // 61) + ARTICLE,
    "styles with spaces": lambda n: f"<p style='display{' ' * 400}:none'>a" * (n // 420) + ARTICLE,
}
"""HTML pages of `n` bytes."""


def _json(text: str) -> str:
    """Return a script element with JSON-LD metadata."""
    return f'<script type="application/ld+json">{text}</script>'


class Cost(NamedTuple):
    """The cost and the result of one document."""

    seconds: float
    memory: int
    """Peak resident size above that before the document, in bytes."""
    result: str


def result_of(stage: Clean, text: str, content: str) -> str:
    """Return the reason why a document is removed, or the share of its characters that is kept."""
    batch = pa.record_batch({TEXT: [text], CONTENT: [content]})
    row = stage.apply(batch).to_pylist()[0]
    if row.get(REASON):
        if row[TEXT] != text:
            raise AssertionError("the text of a removed document was changed")
        return str(row[REASON])
    if not row[TEXT]:
        raise AssertionError("a document was emptied without a reason")
    return f"{len(row[TEXT]) / max(1, len(text)):.2f} kept"


def reset_peak() -> int:
    """Forget the peak memory of this process; return its present memory in bytes, or 0."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
        return memory_of("VmRSS")
    except OSError:
        return 0


def memory_of(field: str) -> int:
    """Return a field of /proc/self/status in bytes."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition(f"{field}:")[2].split()[0]) * 1024


def measure(stage: Clean, text: str, content: str) -> Cost:
    """Return the cost of one document in a process of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
        result, before = "crashed", reset_peak()
        try:
            result = result_of(stage, text, content)
        except BaseException as error:  # noqa: BLE001  the error is the result
            result = f"CRASH {type(error).__name__}: {error}"[:120]
        finally:
            memory = max(0, memory_of("VmHWM") - before) if before else 0
            os.write(writing, f"{memory} {result}".encode())
            os._exit(0)
    os.close(writing)
    _, status, usage = os.wait4(child, 0)
    with os.fdopen(reading) as pipe:
        answer = pipe.read() or f"0 CRASH by signal {os.waitstatus_to_exitcode(status)}"
    size, _, result = answer.partition(" ")
    return Cost(usage.ru_utime + usage.ru_stime, int(size), result)


def failure(small: Cost, large: Cost, size: int, max_memory: int) -> str:
    """Return which requirement the two documents fail; empty if none."""
    for cost in (small, large):
        if cost.result.startswith("CRASH"):
            return cost.result
    if large.seconds > MAX_CPU_RATIO * max(small.seconds, MIN_SECONDS):
        return f"CPU grew {large.seconds / small.seconds:.0f} times"
    if large.memory > max_memory * size:
        return f"{large.memory / size:.0f} bytes of memory per byte"
    return ""


def cases() -> Iterator[tuple[str, Clean, str, Callable[[int], str]]]:
    """Yield each kind of document: its content, the stage, its name, and how it is made."""
    for content in ("page", "text"):
        for name, make in PAGE.items():
            yield content, Clean(), name, make
    for engine in ("blocks", "trafilatura", "resiliparse"):
        stage = Clean.model_validate({"html": {"engine": engine}})
        for name, make in HTML.items():
            yield f"html, {engine}", stage, name, make
    limits = {"most_bytes": 10**12, "most_tags": 10**12}
    stage = Clean.model_validate({"html": limits})
    for name, make in HTML.items():
        yield NO_LIMITS, stage, name, make


def report(megabytes: float, only: str) -> Iterator[str]:
    """Yield the lines of the report, one row per kind of document."""
    size = int(megabytes * 1e6)
    small_size, large_size = f"{megabytes:g} MB", f"{SIZE_RATIO * megabytes:g} MB"
    yield f"Each document was cleaned at {small_size} and at {large_size}, with Python"
    yield f"{platform.python_version()}. Memory is per byte of the larger document.\n"
    yield (
        f"| content | document | result at {large_size} | CPU seconds, {small_size} "
        f"| CPU seconds, {large_size} | bytes of memory per byte | failure |"
    )
    yield "|---|---|---|--:|--:|--:|---|"
    for content, stage, name, make in cases():
        if only not in f"{content}: {name}":
            continue
        kind = content.split(",")[0]
        small, large = (measure(stage, make(n), kind) for n in (size, SIZE_RATIO * size))
        memory = large.memory / (SIZE_RATIO * size)
        most = MAX_BLOCK_MEMORY_RATIO if content == NO_LIMITS else MAX_MEMORY_RATIO
        failed = failure(small, large, SIZE_RATIO * size, most)
        yield (
            f"| {content} | {name} | {large.result} | {small.seconds:.2f} | {large.seconds:.2f} "
            f"| {memory:.0f} | {failed} |"
        )


def main() -> int:
    """Print the report, and write it to a file if asked; return 5 if a requirement fails."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--megabytes", type=float, default=1.0)
    parser.add_argument("--only", default="", help="only documents with this word in their name")
    parser.add_argument("--write", type=Path, help="the file to write the report to")
    options = parser.parse_args()
    Clean().kernels()
    for engine in (
        "blocks",
        "trafilatura",
        "resiliparse",
    ):  # imported and compiled before anything is measured
        for text in ("<p>" + LOREM, "caf\u00c3\u00a9 &amp; e\u0301"):
            stage = Clean.model_validate({"html": {"engine": engine}})
            result_of(stage, text, "html" if "<" in text else "text")
    lines = []
    for line in report(options.megabytes, options.only):
        print(line, flush=True)
        lines.append(line)
    if options.write:
        options.write.write_text("\n".join(lines) + "\n")
    return 5 if any(not line.endswith("|  |") for line in lines[4:]) else 0


if __name__ == "__main__":
    sys.exit(main())
