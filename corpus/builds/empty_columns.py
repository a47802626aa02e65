"""What a build reports about columns that its config names and no document has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypedDict

from corpus.terminal import format_value, safe

EMPTY_COLUMNS = "empty_columns"
"""The metric of a stage that lists them."""


class EmptyColumn(TypedDict):
    """A column without a value in any document."""

    column: str
    nearest: str | None
    """The column of the build that may be meant."""


def empty_columns_notices(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence about each column that a stage names and no document has."""
    for stage in manifest["stages"]:
        for row in stage["metrics"].get(EMPTY_COLUMNS, ()):
            near = row["nearest"]
            asked = f"did you mean {format_value(near)}?" if near else "is the name misspelled?"
            yield (
                f"no document that is left after reading has a value in the column "
                f"{format_value(row['column'])}, which {safe(stage['stage'])} names; {asked}"
            )
