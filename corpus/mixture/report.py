"""What a build reports about its mixture: for manifest, card, audit and summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypedDict

import numpy as np
from numpy.typing import NDArray

from corpus.markup import count_of
from corpus.mixture.sizes import MixedDocuments
from corpus.terminal import format_number, format_value

ROUNDING = 1e-9
"""Relative difference of sizes that is only rounding."""

MAX_GROUPS_IN_TABLE = 30
"""Maximum number of groups in the tables of card and audit."""

MAX_GROUPS_IN_NOTICE = 5
"""Maximum number of groups that a sentence lists."""


class MixedGroup(TypedDict):
    """A group of training documents: what there is of it, and what is used."""

    group: str
    """Its value in the column, or values, joined by a comma."""

    documents: int
    """Its training documents before the stage."""

    size: int
    """Their size in the unit of the mixture."""

    target: int
    """The size to reach."""

    kept: int
    """Documents that are used at least once."""

    uses: int
    """Rows if each document is repeated as often as it is used."""

    reached: int
    """Their size: about the target, unless the documents would be used too often."""

    limited: bool
    """Whether `max_epochs` keeps the group from its target."""


def mixed_groups(
    documents: MixedDocuments,
    size: str | None,
    targets: NDArray[np.float64],
    uses: NDArray[np.int32],
    max_epochs: float,
) -> list[MixedGroup]:
    """Return what there is of each group, and what is used, by the name of the group.

    `size` is the observed column of sizes, None for a number of documents. `targets` is
    float64[n_groups], `uses` is int32[n_documents].
    """

    def totals(column: str | None, uses: NDArray[np.int32] | None = None) -> list[int]:
        return documents.sum(column, uses).sum(axis=1).astype(np.int64).tolist()

    columns = (
        totals(None), totals(size), totals(None, np.minimum(uses, 1)), totals(None, uses),
        totals(size, uses),
    )  # fmt: skip
    return [
        MixedGroup(
            group=name,
            documents=n,
            size=size_of_group,
            target=round(target),
            kept=kept,
            uses=used,
            reached=reached,
            limited=target > size_of_group * max_epochs * (1 + ROUNDING),
        )
        for name, target, n, size_of_group, kept, used, reached in zip(
            documents.names, targets.tolist(), *columns, strict=True
        )
    ]


class Mixture(NamedTuple):
    """The mixture of a build."""

    by: str
    """The column of the groups, or several, joined by a comma."""

    unit: str
    """What sizes are numbers of: documents, words or characters."""

    max_epochs: float
    groups: list[MixedGroup]
    """All groups, the largest result first."""

    @property
    def reached(self) -> int:
        """The size of all that is used."""
        return sum(row["reached"] for row in self.groups)

    @property
    def uses(self) -> int:
        """The number of rows if each document is repeated as often as it is used."""
        return sum(row["uses"] for row in self.groups)

    @property
    def repeats(self) -> bool:
        """Whether a document is used more than once."""
        return any(row["uses"] > row["kept"] for row in self.groups)


def mixture_of(manifest: Mapping[str, Any]) -> Mixture | None:
    """Return the mixture that the stages of a build report; None if no stage is `mix`."""
    for stage in manifest["stages"]:
        groups = stage.get("metrics", {}).get("mixture")
        if stage["stage"] == "mix" and groups is not None:
            by = stage["by"] if isinstance(stage["by"], str) else ", ".join(stage["by"])
            ordered = sorted(groups, key=lambda row: (-row["reached"], row["group"]))
            return Mixture(by, stage["unit"], stage["max_epochs"], ordered)
    return None


def epochs_of(row: MixedGroup) -> float:
    """Return how often the group is used: the size that is used, divided by its size."""
    if not row["size"]:
        return row["uses"] / row["documents"] if row["documents"] else 0.0
    return row["reached"] / row["size"]


def mixture_notices(mixture: Mixture) -> list[str]:
    """Return what a person should know about the mixture, in one to three sentences."""
    texts = (mixture_notice, missed_targets_notice, unused_groups_notice)
    return [text(mixture) for text in texts if text(mixture)]


def mixture_notice(mixture: Mixture) -> str:
    """Return the mixture in one sentence: `by language, in words: en 70 % (0.42 epochs), ...`."""
    shown = [
        f"{format_value(row['group'])} {_share(row['reached'], mixture.reached)} "
        f"({epochs_of(row):.3g} epochs)"
        for row in mixture.groups[:MAX_GROUPS_IN_NOTICE]
    ]
    if more := mixture.groups[MAX_GROUPS_IN_NOTICE:]:
        reached = sum(row["reached"] for row in more)
        shown.append(f"{count_of(len(more), 'more group')} {_share(reached, mixture.reached)}")
    text = f"by {mixture.by}, in {mixture.unit}: {', '.join(shown)}"
    if mixture.repeats:
        text += (
            ". Each document is stored once, and the column epochs has how often to use it: "
            f"{count_of(mixture.uses, 'row')} in all"
        )
    return text


def missed_targets_notice(mixture: Mixture) -> str:
    """Return which groups are smaller than wanted, because of max_epochs; "" if none is."""
    limited = [row for row in mixture.groups if row["limited"]]
    if not limited:
        return ""
    shown = _listed(
        [
            f"{format_value(row['group'])} has {row['reached']:,} of {row['target']:,} "
            f"{mixture.unit}"
            for row in limited
        ]
    )
    return (
        f"not enough documents for the wanted sizes: {shown}; a document is used at most "
        f"{format_number(mixture.max_epochs)} times (max_epochs)"
    )


def unused_groups_notice(mixture: Mixture) -> str:
    """Return which groups the mixture does not use at all; "" if it uses all."""
    unused = [row for row in mixture.groups if not row["kept"]]
    if not unused:
        return ""
    shown = _listed(
        [f"{format_value(row['group'])} ({count_of(row['documents'], 'document')})"
         for row in unused]
    )  # fmt: skip
    return f"no document of these groups is used: {shown}; they are in the ledger of removals"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.3g} %" if whole else "0 %"


def _listed(texts: Sequence[str]) -> str:
    more = len(texts) - MAX_GROUPS_IN_NOTICE
    ending = [f"{more:,} more"] if more > 0 else []
    return ", ".join([*texts[:MAX_GROUPS_IN_NOTICE], *ending])
