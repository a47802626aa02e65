"""The types of a comparison: what `corpus diff --json` prints."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict


class BuildName(TypedDict):
    """The name and identity of a build, and the version of corpus that made it."""

    name: str
    identity: str
    corpus: str


class Unequal(TypedDict):
    """A value that differs between the builds; None where a build does not have it."""

    name: str
    a: Any
    b: Any


class Why(TypedDict):
    """Why documents of one build are not in the other.

    With a stage, it removed them. With only a reason, their records could not be read. With
    neither, the other build did not read them.
    """

    stage: str | None
    reason: str | None
    documents: int


Move = TypedDict("Move", {"from": str, "to": str, "documents": int})
"""Documents that moved from one split to another."""


class Change(TypedDict):
    """Documents that changed in one way: their number, and the first few ids."""

    documents: int
    ids: list[str]
    why: NotRequired[list[Why]]
    ways: NotRequired[list[Move]]


class Changes(TypedDict):
    """Documents that differ: only in b, only in a, other text, other columns, another split."""

    came: Change
    went: Change
    changed: Change
    retagged: Change
    moved: Change


class Lengths(TypedDict):
    """The histograms of document lengths of both builds, over the same bins."""

    edges: list[int]
    a: list[int]
    b: list[int]


class Differences(TypedDict):
    """Everything that differs between two builds."""

    format: int
    builds: list[BuildName]
    settings: list[Unequal]
    versions: list[Unequal]
    code: list[Unequal]
    inputs: dict[str, list[str]]
    unaudited: list[str]
    counts: list[Unequal]
    lengths: Lengths | dict[str, Any]
    columns: list[Unequal]
    documents: Changes
    files: list[str]
