"""The word F1 that an extraction is likely to have, in place of the F1 that its model expects.

The models of blocks and of lines know how sure they are of each block or line, so they can expect
an F1. They expect too much on kinds of pages where people disagree on what the main content is,
such as products. So the log-odds of the expected F1 are scaled, and each kind of content adds a
number of its own. (Platt 1999, with the kind as a further input.)

`model.npz` contains only arrays. `model.md` says how well it is calibrated.
`scripts/fit_confidence.py` makes both from cross-validated extractions.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Numbers
from corpus.articles.lines.model import probability_of, score_of
from corpus.kernels import njit
from corpus.shipped_models import read_shipped_model

PATH = Path(__file__).with_name("model.npz")
LOWEST, HIGHEST = 0.01, 0.995
"""The expected F1 is clipped to these: an extraction is never certain."""


class Calibration(NamedTuple):
    """The numbers that turn the expected F1 of one model into a confidence."""

    slope: np.float32
    """Factor of the log-odds of the expected F1."""
    kind_offsets: Numbers
    """What each of `KINDS` adds to the log-odds, by its probability (float32[7])."""
    unknown_offset: np.float32
    """What is added if the kind is unknown."""


class ConfidenceModel(NamedTuple):
    """The calibrations that ship with the package."""

    blocks: Calibration
    lines: Calibration
    probabilities: Numbers
    """The probability for evenly spaced log-odds, the same on every machine."""


def pack(model: ConfidenceModel) -> dict[str, NDArray[np.generic]]:
    """Return the model as named arrays, ready to save."""
    packed: dict[str, NDArray[np.generic]] = {"probabilities": np.asarray(model.probabilities)}
    for name, calibration in (("blocks", model.blocks), ("lines", model.lines)):
        fields = calibration._asdict()
        packed |= {f"{name}_{field}": np.asarray(value) for field, value in fields.items()}
    return packed


def unpack(arrays: Mapping[str, NDArray[Any]]) -> ConfidenceModel:
    """Return the model that `pack` turned into arrays."""
    blocks, lines = (
        Calibration(
            np.float32(arrays[f"{name}_slope"]),
            arrays[f"{name}_kind_offsets"],
            np.float32(arrays[f"{name}_unknown_offset"]),
        )
        for name in ("blocks", "lines")
    )
    return ConfidenceModel(blocks, lines, arrays["probabilities"])


@cache
def load() -> ConfidenceModel:
    """Return the model that ships with the package."""
    return read_shipped_model(PATH, unpack)


def calibrated(
    expected_f1: float, kinds: Numbers | None, calibration: Calibration, table: Numbers
) -> float:
    """Return the word F1 that an extraction is likely to have, from 0 to 1.

    `expected_f1` is what the model of blocks or lines expects, `kinds` are the probabilities of
    the kinds of the page, and `table` is `ConfidenceModel.probabilities`.
    """
    shares = kinds if kinds is not None else np.empty(0, np.float32)
    return float(_calibrated(expected_f1, shares, calibration, table))


@njit
def _calibrated(
    expected_f1: float, kinds: Numbers, calibration: Calibration, table: Numbers
) -> np.float32:
    """Return what `calibrated` returns; `kinds` is empty if they are unknown."""
    low, high = np.float64(LOWEST), np.float64(HIGHEST)
    clipped = low if expected_f1 < low else min(expected_f1, high)
    score = np.float64(calibration.slope) * score_of(clipped, table)
    if kinds.size == 0:
        score += np.float64(calibration.unknown_offset)
    for kind in range(kinds.size):
        score += np.float64(kinds[kind]) * np.float64(calibration.kind_offsets[kind])
    return probability_of(np.float32(score), table)


def block_confidence(expected_f1: float, kinds: Numbers | None) -> float:
    """Return the confidence in an extraction by the block model."""
    model = load()
    return calibrated(expected_f1, kinds, model.blocks, model.probabilities)


def line_confidence(expected_f1: float, kinds: Numbers | None) -> float:
    """Return the confidence in an extraction by the line model."""
    model = load()
    return calibrated(expected_f1, kinds, model.lines, model.probabilities)
