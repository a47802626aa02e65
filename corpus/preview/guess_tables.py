"""Group the tables of a folder by how they are read: files of one layout make one source.

A folder may have one record a file, as news-please writes them. Not every record has every column,
so files are grouped if their columns do not contradict each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.documents import TEXT
from corpus.preview.guess_columns import NoTextError
from corpus.preview.guess_table import TableGuess, guess_table
from corpus.sources import File
from corpus.sources.settings import Content

MAX_TABLES = 20
"""Tables of a folder whose columns are guessed; the others are like the last of them."""


@dataclass
class TableGroup:
    """Files that one guess fits."""

    guess: TableGuess
    files: list[File]
    contents: Counter[Content]

    def accepts(self, guess: TableGuess) -> bool:
        """Return whether a guess contradicts nothing that is known of the group."""
        mine, theirs = _all_columns(self.guess), _all_columns(guess)
        return (
            self.guess.records == guess.records
            and self.guess.header == guess.header
            and (self.guess.content == "html") == (guess.content == "html")
            and mine[TEXT] == theirs[TEXT]
            and all(mine.get(ours, name) == name for ours, name in theirs.items())
        )

    def add(self, file: File, guess: TableGuess) -> None:
        """Add a file, and the columns that the others do not have."""
        self.files.append(file)
        self.contents[guess.content] += 1
        columns = _all_columns(guess) | _all_columns(self.guess)
        used = set(columns.values())
        extra = {*self.guess.extra_columns, *guess.extra_columns} - used
        self.guess = replace(
            self.guess,
            columns={ours: theirs for ours, theirs in columns.items() if ours != theirs},
            unchanged=tuple(ours for ours, theirs in columns.items() if ours == theirs),
            content=max(sorted(self.contents), key=lambda content: self.contents[content]),
            ambiguous_date=self.guess.ambiguous_date or guess.ambiguous_date,
            extra_columns=tuple(sorted(extra)),
        )


@dataclass
class GroupedTables:
    """The tables of a folder."""

    groups: list[TableGroup]
    without_text: list[tuple[str, tuple[str, ...]]]
    """Tables in which no column is a text: the name, and its columns."""

    unreadable: list[tuple[File, str]]
    """Tables that cannot be read, and why, if no other table can."""


def group_tables(files: Sequence[File]) -> GroupedTables:
    """Return the tables of one format, grouped by how they are read.

    A table that cannot be read at all stays with the others, so that a build reports it.
    """
    groups: list[TableGroup] = []
    without_text: list[tuple[str, tuple[str, ...]]] = []
    unreadable: list[tuple[File, str]] = []
    for i, file in enumerate(files):
        if i >= MAX_TABLES and groups:
            groups[-1].files.append(file)
            continue
        try:
            guess = guess_table(file)
        except NoTextError as error:
            if error.names:
                without_text.append((file.name, tuple(error.names)))
            else:
                unreadable.append((file, error.reason))
            continue
        group = next((group for group in groups if group.accepts(guess)), None)
        if group is None:
            groups.append(TableGroup(guess, [file], Counter([guess.content])))
        else:
            group.add(file, guess)
    if groups:
        groups[0].files += [file for file, _ in unreadable]
        return GroupedTables(groups, without_text, [])
    return GroupedTables(groups, without_text, unreadable)


def _all_columns(guess: TableGuess) -> dict[str, str]:
    """Return the source's column for each of ours that it has; the text always."""
    return {TEXT: TEXT} | {name: name for name in guess.unchanged} | dict(guess.columns)
