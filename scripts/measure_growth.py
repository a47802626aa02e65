"""Measure how the time of every regular expression and every reader grows with hostile input.

    python scripts/measure_growth.py [--only TEXT] [--report REPORT.md]

Time is processor time, the better of two runs. A case fails if four times the input takes at
least six times as long. Linear work takes four times as long, quadratic work 16 times.

- *Expressions*: each compiled one in the modules below PACKAGES gets strings that repeat its own
  characters, and pairs of them. It is searched in them, which also tries every position.
- *Readers*: files made of the shortest hostile pieces of each format are read to their end.
- *Pages*: texts and HTML made of such pieces go through the stage `clean`.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

PACKAGES = (
    "corpus.sources",
    "corpus.articles.normalise",
    "corpus.articles.metadata",
    "corpus.auditing",
)
MAX_RATIO = 6.0
MIN_SECONDS = 0.004
"""A case that is faster than this with four times the input is not judged: it is noise."""

START, MAX_CHARACTERS = 500, 64_000
SECONDS_PER_CASE = 2.0
COMMON = ' a0\n.-,<"\\/(|é'
READER_BYTES = 200_000


class Growth(NamedTuple):
    """The time for an input, and for one four times as large."""

    name: str
    size: int
    seconds: float
    seconds_of_four: float

    @property
    def ratio(self) -> float:
        """How many times as long four times the input takes."""
        return self.seconds_of_four / max(self.seconds, 1e-9)

    @property
    def fails(self) -> bool:
        """Whether the time grows faster than linearly."""
        return self.seconds_of_four >= MIN_SECONDS and self.ratio >= MAX_RATIO


def seconds(function: Callable[[], Any], *, runs: int = 2) -> float:
    """Return the processor time of a call, the best of some runs."""
    times = []
    for _ in range(runs):
        began = time.process_time()
        function()
        times.append(time.process_time() - began)
    return min(times)


def grow(
    name: str,
    work: Callable[[int], Callable[[], Any]],
    sizes: list[int],
    *,
    enough_seconds: float = MIN_SECONDS,
) -> Growth:
    """Return the growth at the first size that takes enough time to judge it, else at the last."""
    growth = Growth(name, 0, 0.0, 0.0)
    for size in sizes:
        growth = Growth(name, size, seconds(work(size)), seconds(work(4 * size)))
        if growth.seconds > enough_seconds or growth.seconds_of_four > 100 * enough_seconds:
            break
    if growth.fails:  # once more: other work on the machine may have disturbed it
        size = growth.size
        again = Growth(name, size, seconds(work(size), runs=3), seconds(work(4 * size), runs=3))
        growth = min(growth, again, key=lambda each: each.ratio)
    return growth


def expressions() -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Yield every compiled expression of the packages, with the name of its variable."""
    for package in PACKAGES:
        root = importlib.import_module(package)
        names = [package] + [m.name for m in pkgutil.walk_packages(root.__path__, f"{package}.")]
        for module in names:
            for variable, value in vars(importlib.import_module(module)).items():
                for i, pattern in enumerate(_patterns(value)):
                    yield f"{module.removeprefix('corpus.')}.{variable}[{i}]", pattern


def _patterns(value: Any) -> Iterator[re.Pattern[Any]]:
    """Yield the expressions in a module's variable, also those in lists, tuples and dicts."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _patterns(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _patterns(each)


def repeated_pieces(pattern: str) -> list[str]:
    """Return the pieces to repeat: the expression's characters and words, and pairs of them."""
    own = list(dict.fromkeys(re.findall(r"[^\W_]|[^\s\w\\?*+^$()\[\]{}|]", pattern)))[:8]
    words = list(dict.fromkeys(re.findall(r"(?<!\\)[A-Za-z]{3,}", pattern)))[:4]
    single = list(dict.fromkeys([*COMMON, *own, *words]))
    return [*single, *(a + b for a, b in product(COMMON[:6], [*own, *words]) if a != b)]


def measure_expression(name: str, expression: re.Pattern[Any]) -> Growth:
    """Return the growth for the piece with the worst ratio."""
    is_bytes = isinstance(expression.pattern, bytes)
    source = expression.pattern.decode("latin-1") if is_bytes else expression.pattern
    worst = Growth(name, 0, 1.0, 4.0)._replace(seconds_of_four=0.0)
    ended = time.process_time() + SECONDS_PER_CASE
    prefixes = ["", *dict.fromkeys(re.findall(r"(?<!\\)[<A-Za-z!/?-]{2,}", source))][:3]
    for prefix, piece in product(prefixes, repeated_pieces(source)):

        def work(size: int, prefix: str = prefix, piece: str = piece) -> Callable[[], Any]:
            text: Any = prefix + piece * (size // len(piece)) + "\x00"
            text = text.encode("utf-8") if is_bytes else text
            return lambda: sum(1 for _ in expression.finditer(text))

        growth = grow(f"{name} `{prefix!r} + {piece!r} * n`", work, [START, MAX_CHARACTERS // 4])
        if (growth.fails, growth.ratio) > (worst.fails, worst.ratio) and growth.seconds_of_four:
            worst = growth
        if time.process_time() > ended:
            break
    return worst


READERS: dict[str, Callable[[int], bytes]] = {
    "quotes.csv": lambda n: b"id,text\n" + b'x","""\n' * (n // 7),
    "escapes.csv": lambda n: b'id,text\na,"b \\" c"\n' + b'x,"a\\\n' * (n // 6),
    "header.csv": lambda n: b"text" + b",x" * (n // 2) + b"\na\n",
    "wide.csv": lambda n: b"text" + b",x" * (n // 4) + b"\na" + b",1" * (n // 4) + b"\n",
    "carriage.csv": lambda n: b"id,text\r" + b'x","""\r' * (n // 7),
    "rows.csv": lambda n: b"id,text\n" + b"\n" * n,
    "keys.jsonl": lambda n: (
        b'{"text":"a",' + b",".join(b'"k%d":1' % i for i in range(n // 9)) + b"}\n"
    ),
    "different.jsonl": lambda n: b"".join(
        b'{"text":"a",' + b",".join(b'"k%d_%d":1' % (i, j) for j in range(100)) + b"}\n"
        for i in range(n // 1100)
    ),
    "braces.json": lambda n: b'{"a":' * (n // 5),
    "brackets.json": lambda n: b"[" * n,
    "open.json": lambda n: b'[{"text":"a"},' + b'{"' * (n // 2),
    "strings.json": lambda n: b'{"text":"a","x":"' + b'\\"' * (n // 2),
    "quotes.json": lambda n: b'[{"text":"a"}' + b'"\n' * (n // 2),
    "pretty.json": lambda n: b"{\n" * (n // 2),
    "separators.json": lambda n: b'{"text":"a"}' + b"},\n" * (n // 3),
    "names.jsonl": lambda n: b'{"text":"a"} {' * (n // 14),
    "items.xml": lambda n: b"<a>" + b"<item><text>a</text></item>" * (n // 27),
    "open.xml": lambda n: b"<a>" * (n // 3),
    "attributes.xml": lambda n: b"<a" + b"".join(b" b%d='1'" % i for i in range(n // 9)) + b">",
    "entities.xml": lambda n: b"<a><item><text>" + b"&amp;" * (n // 5) + b"</text></item></a>",
    "fields.xml": lambda n: (
        b"<a>" + b"".join(b"<f%d>1</f%d>" % (i, i) for i in range(n // 16)) + b"</a>"
    ),
    "records.warc": lambda n: b"WARC/1.0\r\n" * (n // 10),
    "headers.warc": lambda n: (
        b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 1\r\n" + b"X: y\r\n" * (n // 6)
    ),
    "lengths.warc": lambda n: (
        b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 99999999\r\n\r\nx\r\n\r\n" * (n // 66)
    ),
    "blank.warc": lambda n: b"WARC/1.0\r\n" + b"\r" * n,
    "http.warc": lambda n: _warc(b"HTTP/1.1 200 OK\r\n" + b"a:\r\n " * (n // 6) + b"\r\n\r\n<p>a"),
    "chunked.warc": lambda n: _warc(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"1\r\na\r\n" * (n // 6)
    ),
    "comments.html": lambda n: b"<!--" * (n // 4),
    "prologue.html": lambda n: b"<?xml " * (n // 6),
    "meta.html": lambda n: b"<meta " * (n // 6),
    "lines.txt": lambda n: b"a:\n" * (n // 3),
    "escapes.txt": lambda n: b"\x1b$B" * (n // 3),
    "latin.txt": lambda n: b"<\xe9 " * (n // 3),
}
"""For each file name, a function that returns about `n` bytes."""


def _warc(body: bytes) -> bytes:
    """Return a WARC file of one response."""
    head = (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/\r\n"
        b"WARC-Date: 2020-01-01T00:00:00Z\r\nContent-Type: application/http\r\n"
    )
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body + b"\r\n\r\n"


def measure_reader(name: str, content: Callable[[int], bytes]) -> Growth:
    """Return the growth of splitting and reading a file."""
    from corpus.sources.files.find import find_files
    from corpus.sources.formats import read
    from corpus.sources.settings import Source
    from corpus.sources.splitting import split_into_chunks

    with tempfile.TemporaryDirectory() as folder:

        def work(size: int) -> Callable[[], Any]:
            path = Path(folder, str(size), name)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content(size))
            source = Source(path=str(path))

            def read_all() -> None:
                files = find_files(source, Path("/")).files
                for chunk in split_into_chunks(files, source):
                    for _ in read(chunk, source):
                        pass

            return read_all

        return grow(
            name, work, [READER_BYTES, 4 * READER_BYTES, 16 * READER_BYTES], enough_seconds=0.04
        )


PAGE_PIECES = (
    "a ", "a\n", "a\n\n", "&amp;", "&", "By ", "by a and ", "http://", "2020-", "1.1.2020 ",
    "12 ", "(c) ", "© 2020 ", "| ", "> ", "- ", "…", ". ", "a.b@", "Tags: ", "\u0301", "文", "年",
    "January ", "10:00 ", "ago ", "\t", "\xa0", "Published ", "and ", "a, ", "A B, ",
)  # fmt: skip
HTML_PIECES = (
    "<p>a", "<div>", "<a href=a>a</a>", "<table><tr><td>", "<b>", "<ul><li>", "<!-- ", "<script>",
    "<meta property=a content=b>", '<script type="application/ld+json">{"a":', "<time>", "<br>",
    "<p><a>", "<template shadowrootmode=open>", "<svg>", "<math>", "<pre>", "&lt;", "<i>a</i>",
)  # fmt: skip


def measure_page(piece: str, content: str) -> Growth:
    """Return the growth of the stage `clean`, on one page that repeats a piece."""
    import pyarrow as pa

    from corpus.documents import CONTENT, TEXT
    from corpus.stages.clean import Clean

    def work(size: int) -> Callable[[], Any]:
        text = piece * (size // len(piece))
        page = pa.record_batch({TEXT: pa.array([text]), CONTENT: pa.array([content])})
        return lambda: Clean().apply(page)

    return grow(f"{content} `{piece!r} * n`", work, [20_000, 80_000], enough_seconds=0.02)


def table(growths: list[Growth]) -> str:
    """Return a Markdown table, the worst ratio first."""
    rows = ["| case | input | ms | ms of four | ratio |", "|---|---|---|---|---|"]
    for each in sorted(growths, key=lambda each: (not each.fails, -each.seconds_of_four)):
        name, mark = each.name.replace("|", "\\|"), "**" if each.fails else ""
        times = f"{1000 * each.seconds:.1f} | {1000 * each.seconds_of_four:.1f}"
        rows += [f"| {name} | {each.size:,} | {times} | {mark}{each.ratio:.1f}{mark} |"]
    return "\n".join(rows)


def main() -> None:
    """Measure everything, and write the report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", default="", help="cases with this text in their name")
    parser.add_argument("--report", type=Path)
    args = parser.parse_args()
    seen: dict[tuple[Any, int], str] = {}
    for name, expression in expressions():
        seen.setdefault((expression.pattern, expression.flags), name)
    parts: dict[str, list[Growth]] = {"Readers": [], "Pages": [], "Expressions": []}
    cases: list[tuple[str, str, Callable[[], Growth]]] = []
    for name, content in READERS.items():
        cases.append(("Readers", name, partial(measure_reader, name, content)))
    for content_kind, pieces in (("page", PAGE_PIECES), ("html", HTML_PIECES)):
        for piece in pieces:
            label = f"{content_kind} {piece}"
            cases.append(("Pages", label, partial(measure_page, piece, content_kind)))
    for (pattern, flags), name in seen.items():
        compiled = re.compile(pattern, flags)
        cases.append(("Expressions", name, partial(measure_expression, name, compiled)))
    for part, label, measure in cases:
        if args.only in f"{part} {label}":
            growth = measure()
            parts[part].append(growth)
            mark = "FAILS" if growth.fails else "ok"
            print(
                mark,
                part,
                growth.name,
                f"{growth.ratio:.1f}",
                f"{growth.seconds_of_four:.3f} s",
                flush=True,
            )
    lines = ["# Growth of time with hostile input", "", "Written by `scripts/measure_growth.py`."]
    for part, growths in parts.items():
        failed = sum(each.fails for each in growths)
        lines += ["", f"## {part}", "", f"{len(growths)} cases, {failed} of them fail.", ""]
        lines.append(table(growths))
    if args.report:
        args.report.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
