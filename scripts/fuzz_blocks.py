"""Compare the text that our walk finds on good and damaged pages with a parser of HTML 5.

    python scripts/fuzz_blocks.py --pages WCXB.jsonl.zst [--step 10] [--rounds 2] [--report FILE]

The reference is lexbor (by resiliparse), which builds the tree of the HTML standard. Each page is
read as it is, then damaged in every way of `DAMAGE`, `--rounds` times; each damage is drawn from
the id of the page, so the same pages give the same report. Both sides leave out the elements whose
text nobody sees (`corpus.articles.blocks.tags`). Compared are bags of words: a word that only the
reference has is lost, one that only we have is extra.

Extra words are mostly wanted: a page that ends within a comment, a script or a drawing hides the
rest of itself by the standard, and nothing by our walk; and shadow roots in markup, which browsers
show, are no text to the reference.

Exits with 5 if more than `MAX_LOST` of the words of any damage are lost.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from article_pages import rows
from block_pages import bag

from corpus.articles.blocks.block_text import read_blocks
from corpus.articles.blocks.extraction import page_bytes
from corpus.articles.blocks.tags import BLOCK, CUSTOM, HIDDEN, NUMBER, RAW, TABLES
from corpus.articles.blocks.walk_page import walk_page
from corpus.articles.characters import character_tables

CHARACTERS = character_tables()
MAX_LOST = 0.005
"""Maximum share of the words of the reference that may be lost. The reference reads `noscript` as
markup, so text in a damaged one is visible to it, but not to us, nor to a browser with scripts."""
MAX_DOUBTFUL_SHARE = 0.02
"""A page that loses more of its words is listed."""
N_LISTED = 25
PLACES = 20
"""Places of one page that are damaged at a time."""
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)[^<>]*>")
_SNIPPETS = (
    "<p>", "</p>", "<br>", "</br>", "<div>", "</div>", "<table>", "<tr>", "<td>", "</table>",
    "<li>", "</ul>", "<b>", "</b>", "<a href=x>", "</a>", "<h2>", "</h3>", "<form>", "</form>",
    "<button>", "<dd>", "<option>", "<center>", "<body class=x>", "</body>", "</html>", "<head>",
    "&amp", "&#150;", "&copy2", "&nosuch;", "&#x1F600", "&#0;", "<!-- x -->", "<!x>", "<?x?>",
    "</ x>", "<![CDATA[ x ]]>", "< b>", "<1>", "<a-b>", "</a-b>", "<noscript>x</noscript>",
    "<template>x</template>", "<p hidden>", "<details><summary>", "<pre>\n", "</pre>",
)  # fmt: skip

Damage = Callable[[str, random.Random], str]


def as_it_is(html: str, _: random.Random) -> str:
    """Return the page undamaged."""
    return html


def truncated(html: str, draw: random.Random) -> str:
    """Return the page up to a random place."""
    return html[: draw.randrange(len(html) + 1)]


def without_end_tags(html: str, draw: random.Random) -> str:
    """Return the page without every fifth end tag of elements whose text is visible."""
    return _TAG.sub(
        lambda tag: "" if tag[1] and _is_plain(tag[2]) and draw.random() < 1 / 5 else tag[0], html
    )


def without_start_tags(html: str, draw: random.Random) -> str:
    """Return the page without every fifth start tag of elements whose text is visible."""
    return _TAG.sub(
        lambda tag: "" if not tag[1] and _is_plain(tag[2]) and draw.random() < 1 / 5 else tag[0],
        html,
    )


def with_other_tags(html: str, draw: random.Random) -> str:
    """Return the page with the names of some tags exchanged: elements overlap."""
    names = [tag[2] for tag in _TAG.finditer(html) if _is_plain(tag[2])] or ["p"]
    return _TAG.sub(
        lambda tag: (
            f"<{tag[1]}{draw.choice(names)}>"
            if _is_plain(tag[2]) and draw.random() < 1 / 10
            else tag[0]
        ),
        html,
    )


def with_snippets(html: str, draw: random.Random) -> str:
    """Return the page with small pieces of markup at random places between tags."""
    starts = [tag.end() for tag in _TAG.finditer(html) if _is_plain(tag[2])] or [0]
    for place in sorted((draw.choice(starts) for _ in range(PLACES)), reverse=True):
        html = html[:place] + draw.choice(_SNIPPETS) + html[place:]
    return html


def with_pieces_moved(html: str, draw: random.Random) -> str:
    """Return the page with pieces copied to other places between tags."""
    starts = [tag.start() for tag in _TAG.finditer(html) if _is_plain(tag[2])] or [0]
    for place in sorted((draw.choice(starts) for _ in range(PLACES)), reverse=True):
        start = draw.choice(starts)
        html = html[:place] + html[start : start + draw.randrange(300)] + html[place:]
    return html


def with_random_bytes(html: str, draw: random.Random) -> str:
    """Return the page with characters that matter to a tokenizer at random places."""
    for _ in range(PLACES):
        place = draw.randrange(len(html) + 1)
        html = html[:place] + draw.choice("<>/='\"&;!-? \n\0") + html[place:]
    return html


DAMAGE: dict[str, Damage] = {
    "none": as_it_is,
    "truncated": truncated,
    "end tags missing": without_end_tags,
    "start tags missing": without_start_tags,
    "tags exchanged": with_other_tags,
    "snippets": with_snippets,
    "pieces moved": with_pieces_moved,
    "random characters": with_random_bytes,
}


def _is_plain(name: str) -> bool:
    """Return whether an element with this name has visible text."""
    number = NUMBER.get(name.lower(), CUSTOM)
    return not TABLES.kinds[number] & (RAW | HIDDEN)


def _begins_block(name: str) -> bool:
    """Return whether an element begins and ends a block."""
    number = NUMBER.get(name, CUSTOM if "-" in name else NUMBER["span"])
    return bool(TABLES.kinds[number] & BLOCK)


def reference(html: str) -> Iterator[tuple[str, str]]:
    """Yield the visible text of a page by lexbor, and the elements around it, block by block."""
    from resiliparse.parse.html import HTMLTree, NodeType, traverse_dom

    found: list[tuple[str, str]] = []
    path: list[str] = []

    def leave_to(depth: int) -> None:
        """End the elements below a depth: the library reports no end of empty elements."""
        found.extend(("\n", "") for name in path[depth:] if _begins_block(name))
        del path[depth:]

    def enter(context: Any) -> None:
        node = context.node
        leave_to(context.depth)
        if node.type == NodeType.TEXT and all(_is_plain(name) for name in path):
            found.append((node.value, " ".join(path[-4:])))
        elif node.type == NodeType.ELEMENT and (_begins_block(node.tag) or node.tag == "br"):
            found.append(("\n", ""))
        path.append(node.tag)

    document = HTMLTree.parse(html).document
    if document is not None:
        traverse_dom(document, enter, lambda _: None)
    return iter(found)


def ours(html: str) -> str:
    """Return the text of the blocks of a page."""
    blocks = read_blocks(walk_page(page_bytes(html)), CHARACTERS)
    raw = blocks.text.tobytes()
    return "\n".join(raw[a:b].decode("utf-8", "replace") for a, b in blocks.spans.tolist())


def compare(html: str) -> tuple[int, Counter[str], Counter[str], Counter[str]]:
    """Return the number of words of the reference, those lost, those extra, and where lost."""
    pieces = list(reference(html))
    expected, found = bag("".join(text for text, _ in pieces)), bag(ours(html))
    lost, extra = expected - found, found - expected
    places: Counter[str] = Counter()
    left = lost.copy()
    for text, path in pieces if lost else ():
        for word, count in bag(text).items():
            if left[word] > 0:
                places[path] += min(count, left[word])
                left[word] -= count
    return expected.total(), lost, extra, places


def report(options: argparse.Namespace) -> Iterator[str]:
    """Yield the lines of the report."""
    totals = {name: [0, 0, 0, 0, 0] for name in DAMAGE}
    places: Counter[str] = Counter()
    doubtful: list[tuple[float, str]] = []
    for row in list(rows(options.pages))[:: options.step]:
        for name, damage in DAMAGE.items():
            for attempt in range(1 if name == "none" else options.rounds):
                draw = random.Random(f"{row['id']} {name} {attempt}")  # noqa: S311
                html = damage(row["html"], draw).replace("\0", "")
                words, lost, extra, where = compare(html)
                own = totals[name]
                for i, value in enumerate((1, words, lost.total(), extra.total())):
                    own[i] += value
                places.update(where)
                if lost.total() > MAX_DOUBTFUL_SHARE * words:
                    own[4] += 1
                    sample = " ".join(list(lost)[:6])
                    line = f"| {row['id']} | {name} {attempt} | {words} | {lost.total()} "
                    line += f"| {where.most_common(1)[0][0] if where else ''} | {sample} |"
                    doubtful.append((lost.total() / words, line))
    yield "# Text of the walk compared with lexbor\n"
    yield (
        f"Printed by `scripts/fuzz_blocks.py --step {options.step} --rounds {options.rounds}`. "
        "Words of the visible text, by damage.\n"
    )
    yield "| damage | pages | words | lost | share lost | extra | pages that lose over 2 % |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for name, (pages, words, n_lost, n_extra, many) in totals.items():
        share = f"{n_lost / max(1, words):.5f}"
        yield f"| {name} | {pages} | {words} | {n_lost} | {share} | {n_extra} | {many} |"
    yield "\n## Where words are lost\n\n| innermost elements | words |\n|---|--:|"
    for path, count in places.most_common(N_LISTED):
        yield f"| {path} | {count} |"
    if options.details:
        yield "\n## Pages\n\n| page | damage | words | lost | where | sample |"
        yield "|---|---|--:|--:|---|---|"
        for _, line in sorted(doubtful, reverse=True)[:N_LISTED]:
            yield line
    worst = max(n_lost / max(1, n) for _, n, n_lost, _, _ in totals.values())
    yield f"\nLargest share lost: {worst:.5f}, at most {MAX_LOST}: " + (
        "passed." if worst <= MAX_LOST else "FAILED."
    )


def main() -> int:
    """Print the report, and write it to a file if asked; return 5 if too much is lost."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pages", type=Path, required=True, help="JSON lines with id and html")
    parser.add_argument("--step", type=int, default=10, help="every so many pages are read")
    parser.add_argument("--rounds", type=int, default=2, help="times that each damage is done")
    parser.add_argument("--details", action="store_true", help="list the pages that lose most")
    parser.add_argument("--report", type=Path)
    options = parser.parse_args()
    lines = []
    for line in report(options):
        print(line, flush=True)
        lines.append(line)
    if options.report:
        options.report.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 5 if lines[-1].endswith("FAILED.") else 0


if __name__ == "__main__":
    sys.exit(main())
