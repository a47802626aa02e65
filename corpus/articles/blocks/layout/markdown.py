"""The marks of Markdown (GitHub's): what comes before and after the text of a block.

Prose is not escaped, as is usual in corpora: a paragraph that begins with `#` on the page does so
in the text. Only what would change the text behind it is escaped: a line of prose that would open a
block of code, and a bar in a cell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.articles.blocks.layout.containers import Containers
from corpus.articles.blocks.layout.plain import joined_cells
from corpus.articles.blocks.layout.tables import Chunk
from corpus.articles.blocks.tags import LI, OL
from corpus.articles.blocks.walk_state import Walk

MAX_CONTAINERS = 16
"""Lists and quotes nest at most this deep in the text; deeper ones are written as the last."""
MAX_NUMBER = 999_999_999
"""The largest number of an item in Markdown; items with others get a bullet."""
_FENCE = re.compile(r"^(?=```|~~~)", re.MULTILINE)
_BACKTICKS = re.compile(r"`{3,}")


def fenced(code: str, language: str) -> str:
    """Return code in a fence that is longer than any run of backticks in it."""
    longest = max((len(run) for run in _BACKTICKS.findall(code)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{code}\n{fence}"


def prose(text: str) -> str:
    """Return a paragraph; a line that would open a block of code is escaped."""
    return _FENCE.sub(r"\\", text)


def markdown_row(chunk: Chunk) -> str:
    """Return what a block adds to a row of a pipe table, with the header line where it belongs.

    A table without a header gets an empty one, because Markdown has no table without.
    """
    cells = [cell.replace("|", r"\|") for cell in chunk.cells]
    last = chunk.first_column + len(cells)
    if chunk.ends_row:
        cells += [""] * (chunk.n_columns - last)
    text = "| " + joined_cells(cells) + (" |" if chunk.ends_row else "")
    line = "\n" + "| --- " * chunk.n_columns + "|"
    if chunk.is_header:
        return text + line if chunk.ends_row else text
    empty = "| " * chunk.n_columns + "|"
    return empty + line + "\n" + text if chunk.starts_grid else text


class Nesting:
    """The list items and quotes around the blocks of a page, in the order in which they open."""

    def __init__(self, walk: Walk, containers: Containers) -> None:
        self._walk = walk
        self._containers = containers
        self._numbers = _item_numbers(walk, containers)
        self._opened: dict[int, str] = {}
        self._around: dict[int, tuple[int, ...]] = {-1: ()}

    def around(self, node: int) -> tuple[int, ...]:
        """Return the items and quotes around a node, the outermost first."""
        inner: list[int] = []
        at = int(self._containers.container[node])
        while at not in self._around:
            inner.append(at)
            at = int(self._containers.container[self._walk.parent[at]])
        found = self._around[at]
        for container in reversed(inner):
            found = (*found, container)[:MAX_CONTAINERS]
            self._around[container] = found
        return found

    def list_of(self, container: int) -> int:
        """Return the list of an item; -1 for a quote."""
        if self._walk.tag[container] != LI:
            return -1
        return int(self._containers.list[container])

    def prefixes(self, around: Sequence[int]) -> tuple[str, str, bool]:
        """Return what stands before the first line of a block, and before its other lines.

        The third is whether the block opens an item. A marker is written once for each item.
        """
        first, other, opens = "", "", False
        for container in around:
            if self._walk.tag[container] != LI:
                first, other = first + "> ", other + "> "
            elif container in self._opened:
                first, other = first + self._opened[container], other + self._opened[container]
            else:
                number = self._numbers.get(container)
                marker = "- " if number is None else f"{number}. "
                self._opened[container] = " " * len(marker)
                first, other, opens = first + marker, other + self._opened[container], True
        return first, other, opens


def _item_numbers(walk: Walk, containers: Containers) -> dict[int, int]:
    """Return the number of each item of an ordered list, as a browser shows it."""
    items: dict[int, list[int]] = {}
    for item in (walk.tag == LI).nonzero()[0].tolist():
        own = int(containers.list[item])
        if own >= 0 and walk.tag[own] == OL:
            items.setdefault(own, []).append(item)
    numbers: dict[int, int] = {}
    for own, members in items.items():
        start, is_reversed = walk.layout[own].tolist()
        step = -1 if is_reversed else 1
        number = len(members) if is_reversed and start == 1 else start
        for item in members:
            value, has_value = walk.layout[item].tolist()
            number = value if has_value else number
            if 0 <= number <= MAX_NUMBER:
                numbers[item] = number
            number += step
    return numbers
