"""The size that each group should have in the result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.errors import InputError
from corpus.mixture.epochs import Floats, largest_total, shares_by_temperature
from corpus.mixture.sizes import MixedDocuments
from corpus.terminal import format_value

MAX_GROUPS_SHOWN = 8
"""Maximum number of groups that an error lists."""


class Wanted(NamedTuple):
    """What a config wants: one of weights, budgets and a temperature."""

    weights: Mapping[str, float] | None
    budgets: Mapping[str, float] | None
    temperature: float | None
    budget: float | None
    """The size of the whole result, with weights or a temperature."""

    max_epochs: float


def group_targets(
    wanted: Wanted, documents: MixedDocuments, sizes: Floats, repeats: Floats, *, by: str
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the size that each group should have, and which groups are used at all.

    `sizes` and `repeats` are those of `corpus.mixture.epochs.epochs_for`; the results have one row
    for each group. Raises `InputError` if no document is in a group that should be used; `by` names
    the columns of the groups there.
    """
    listed = wanted.budgets or wanted.weights
    if listed is not None:
        setting = "budgets" if wanted.budgets else "weights"
        _require_groups(listed, documents, setting=setting, by=by)
        values = np.array([listed.get(name, 0) for name in documents.names], np.float64)
        if wanted.budgets is not None:
            return values, values > 0
        shares, is_wanted = values / (values.sum() or 1.0), values > 0
    one_epoch = sizes @ repeats
    if wanted.temperature is not None:
        shares = shares_by_temperature(one_epoch, wanted.temperature)
        is_wanted = np.ones(len(shares), np.bool_)
    max_sizes = sizes.sum(axis=1) * wanted.max_epochs
    return shares * (wanted.budget or largest_total(shares, one_epoch, max_sizes)), is_wanted


def _require_groups(
    listed: Mapping[str, float], documents: MixedDocuments, *, setting: str, by: str
) -> None:
    """Raise `InputError` if no training document is in a group that should be used."""
    names = documents.names
    missing = sorted(name for name, value in listed.items() if value and name not in names)
    if not missing or not names:
        return
    counts = documents.sum(None).sum(axis=1)
    largest = np.argsort(-counts, kind="stable")[:MAX_GROUPS_SHOWN].tolist()
    shown = ", ".join(f"{format_value(names[i])} ({int(counts[i]):,})" for i in largest)
    more = ", ..." if len(names) > MAX_GROUPS_SHOWN else ""
    raise InputError(
        f"stage 'mix': no training document is in the group {format_value(missing[0])} of "
        f"{setting}; the groups by {by} are, with their documents: {shown}{more}. Correct the "
        "name, or remove it"
    )
