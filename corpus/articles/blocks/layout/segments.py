"""The text of each kept block in a layout, and what separates it from the block before."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np

from corpus.array_types import Flags
from corpus.articles.blocks.features import ReadPage
from corpus.articles.blocks.layout.containers import Containers, read_containers
from corpus.articles.blocks.layout.markdown import Nesting, fenced, markdown_row, prose
from corpus.articles.blocks.layout.plain import plain_row
from corpus.articles.blocks.layout.tables import Chunk, grid_chunks
from corpus.articles.blocks.tags import DD, DL, DT, HEADING_LEVELS, PRE, SEMANTIC, TR

TextMarkup = Literal["plain", "markdown"]
_IN_TABLE = 1 << SEMANTIC.index("table")


class Segment(NamedTuple):
    """A block as it stands in the text."""

    block: int
    separator: str
    """What stands between it and the segment before; empty for the first."""
    text: str


def joined(segments: Sequence[Segment]) -> str:
    """Return the text of all segments."""
    return "".join(segment.separator + segment.text for segment in segments)


def segments(
    page: ReadPage, kept: Flags, texts: Sequence[str], markup: TextMarkup = "plain"
) -> list[Segment]:
    """Return the kept blocks of a page as they stand in the text.

    `texts` are the texts of all blocks.
    """
    rows = np.flatnonzero(kept).tolist()
    walk, blocks = page.walk, page.blocks
    has_rows = bool((walk.semantics[blocks.node[rows]] & _IN_TABLE).any())
    if markup == "plain" and not has_rows:
        return [Segment(row, "\n" if i else "", texts[row]) for i, row in enumerate(rows)]
    containers = read_containers(walk)
    chunks = grid_chunks(walk, blocks, containers, rows) if has_rows else {}
    if markup == "plain":
        return list(_plain_segments(rows, texts, chunks))
    return _MarkdownWriter(page, containers, chunks).segments(rows, texts)


def _plain_segments(
    rows: Sequence[int], texts: Sequence[str], chunks: dict[int, Chunk]
) -> Iterator[Segment]:
    """Yield the blocks, each on a line of its own; the cells of a row are on one line."""
    for i, row in enumerate(rows):
        chunk = chunks.get(row)
        goes_on = chunk is not None and not chunk.starts_row
        separator = " " if goes_on else "\n"
        text = texts[row] if chunk is None else plain_row(chunk)
        yield Segment(row, separator if i else "", text)


class _MarkdownWriter:
    """Writes the blocks of a page in Markdown."""

    def __init__(self, page: ReadPage, containers: Containers, chunks: dict[int, Chunk]) -> None:
        self._page = page
        self._walk = page.walk
        self._containers = containers
        self._chunks = chunks
        self._nesting = Nesting(page.walk, containers)

    def segments(self, rows: Sequence[int], texts: Sequence[str]) -> list[Segment]:
        """Return the blocks as they stand in the text."""
        found: list[Segment] = []
        before: int | None = None
        around_before: tuple[int, ...] = ()
        for row in rows:
            chunk = self._chunks.get(row)
            if chunk is not None and not chunk.starts_row:
                found.append(Segment(row, " ", markdown_row(chunk)))
                continue
            node = int(self._page.blocks.node[row])
            own = node if chunk is None else int(self._containers.table[node])
            around = self._nesting.around(own)
            first, other, opens = self._nesting.prefixes(around)
            is_tight = before is not None and (
                (opens and self._is_in_same_list(around_before, around))
                or (chunk is not None and not chunk.starts_grid)
                or self._continues(before, node)
            )
            separator = "\n" if is_tight else self._blank_line(around_before, around)
            text = markdown_row(chunk) if chunk is not None else self._text(row, texts[row])
            lines = text.split("\n")
            indented = "\n".join([lines[0], *((other + line).rstrip() for line in lines[1:])])
            found.append(Segment(row, separator if found else "", first + indented))
            before, around_before = node, around
        return found

    def _text(self, row: int, text: str) -> str:
        """Return a block with its marks, but those of what it is in."""
        blocks = self._page.blocks
        node = int(blocks.node[row])
        if blocks.is_verbatim[row]:
            return fenced(text, self._page.languages.get(self._pre_of(node), ""))
        level = HEADING_LEVELS.get(int(self._walk.tag[node]), 0)
        if level:
            return "#" * level + " " + " ".join(text.split())
        return prose(text)

    def _pre_of(self, node: int) -> int:
        """Return the innermost `pre` that a node is or is in."""
        while node > 0 and self._walk.tag[node] != PRE:
            node = int(self._walk.parent[node])
        return node

    def _is_in_same_list(self, before: Sequence[int], around: Sequence[int]) -> bool:
        """Return whether the outermost lists around two blocks are the same."""
        first, second = (
            next((own for own in map(self._nesting.list_of, items) if own >= 0), -1)
            for items in (before, around)
        )
        return first == second >= 0

    def _continues(self, before: int, node: int) -> bool:
        """Return whether a block goes on with the table or list of terms of the block before."""
        tags, parents = self._walk.tag, self._walk.parent
        if tags[before] == TR and tags[node] == TR:
            return bool(self._containers.table[before] == self._containers.table[node])
        terms = tags[before] in (DT, DD) and tags[node] in (DT, DD)
        return bool(terms and parents[before] == parents[node] and tags[parents[node]] == DL)

    def _blank_line(self, before: Sequence[int], around: Sequence[int]) -> str:
        """Return a blank line inside what both blocks are in."""
        pairs = itertools.takewhile(
            lambda pair: pair[0] == pair[1], zip(before, around, strict=False)
        )
        _, inside, _ = self._nesting.prefixes([container for container, _ in pairs])
        return f"\n{inside.rstrip()}\n"
