"""The report of a trained classifier: every number, and what to be warned of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.training.evaluate import (
    KeptGroup,
    KeptShare,
    ReliabilityBin,
    kept_by_group,
    length_groups,
    precision_at_shares,
    reliability,
    roc_auc,
)
from corpus.training.examples import Examples
from corpus.training.labelled import Reading
from corpus.training.rivals import (
    Rival,
    range_auc,
    rival,
    site_auc,
    stop_word_shares,
    value_auc,
)
from corpus.training.weighty import WeightyWord, weighty_words

WARN_ECE = 0.1
FEW_SITES = 10


class ClassCounts(NamedTuple):
    """The documents of a class, and which of them were not used."""

    documents: int
    """Documents with words."""

    used: int
    duplicates: int
    """Not used: another document of the class has the same words."""

    in_both_classes: int
    """Not used: a document of the other class has the same words."""

    over_limit: int
    """Not used: the class has more than `--max-documents`, or more words than memory allows."""

    sites: int
    texts_sha256: str
    """The hash of the hashes of all used texts."""


@dataclass(frozen=True)
class Report:
    """How good a classifier is on sites that it was not trained on."""

    counts: tuple[ClassCounts, ClassCounts]
    """Of good and of bad documents."""

    unreadable: int
    without_words: int
    without_label: int
    shared_sites: int
    """Sites with both good and bad documents."""

    folds: int
    auc: float
    auc_by_fold: tuple[float, ...]
    calibration_error: float
    reliability: list[ReliabilityBin]
    kept_shares: list[KeptShare]
    rivals: list[Rival]
    by_language: list[KeptGroup]
    by_length: list[KeptGroup]
    by_site: list[KeptGroup]
    good_words: list[WeightyWord]
    bad_words: list[WeightyWord]
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON; numbers have at most six decimals."""
        good, bad = self.counts
        values = {
            "good": good._asdict(),
            "bad": bad._asdict(),
            "held_out_sites": {
                "folds": self.folds,
                "auc": self.auc,
                "auc_by_fold": list(self.auc_by_fold),
                "calibration_error": self.calibration_error,
                "reliability": self.reliability,
                "kept_shares": self.kept_shares,
                "by_language": self.by_language,
                "by_length": self.by_length,
                "by_site": self.by_site,
            },
            "rivals": self.rivals,
            "words": {"good": self.good_words, "bad": self.bad_words},
            "not_used": {
                "unreadable": self.unreadable,
                "without_words": self.without_words,
                "without_label": self.without_label,
            },
            "shared_sites": self.shared_sites,
            "warnings": list(self.warnings),
        }
        rounded: dict[str, Any] = _rounded(values)
        return rounded


def make_report(
    examples: Examples,
    scores: NDArray[np.float64],
    weights: NDArray[np.float64],
    *,
    counts: tuple[ClassCounts, ClassCounts],
    reading: Reading,
    bits: int,
) -> Report:
    """Return the report; `scores` are of models that did not see the site of the document."""
    is_good, folds, table = examples.is_good, examples.folds, examples.table
    error, bins = reliability(scores, is_good)
    auc = roc_auc(scores, is_good)
    good_words, bad_words = weighty_words(
        weights, examples.rows, is_good, examples.sample.column("text").to_pylist(), bits=bits
    )
    n_shared = len(
        np.intersect1d(np.unique(examples.sites[is_good]), np.unique(examples.sites[~is_good]))
    )
    names = [name or "(none)" for name in table.column("language").to_pylist()]
    report = Report(
        counts=counts,
        unreadable=reading.unreadable,
        without_words=reading.without_words,
        without_label=reading.without_label,
        shared_sites=n_shared,
        folds=int(folds.max()) + 1,
        auc=auc,
        auc_by_fold=tuple(
            roc_auc(scores[folds == k], is_good[folds == k]) for k in np.unique(folds)
        ),
        calibration_error=error,
        reliability=bins,
        kept_shares=precision_at_shares(scores, is_good),
        rivals=_rivals(examples, scores, names),
        by_language=kept_by_group(names, scores, is_good),
        by_length=kept_by_group(length_groups(table.column("words").to_numpy()), scores, is_good),
        by_site=kept_by_group(table.column("site").to_pylist(), scores, is_good),
        good_words=good_words,
        bad_words=bad_words,
        warnings=(),
    )
    return _with_warnings(report)


def _rivals(examples: Examples, scores: NDArray[np.float64], names: Sequence[str]) -> list[Rival]:
    """Return how good the length, the stop words, the language and the site are alone."""
    is_good, folds = examples.is_good, examples.folds
    auc = roc_auc(scores, is_good)
    lengths = np.log1p(examples.table.column("words").to_numpy())
    rows = [rival("length", range_auc(lengths, is_good, folds), auc)]
    sample = examples.sample
    place = pc.index_in(sample.column("content"), examples.table.column("content").combine_chunks())
    known = place.combine_chunks() if isinstance(place, pa.ChunkedArray) else place
    inside = np.flatnonzero(np.asarray(known.is_valid()))
    order = np.asarray(known.fill_null(0))[inside]
    shares = stop_word_shares(sample.column("text").take(pa.array(inside)).to_pylist())
    rows.append(
        rival(
            "stop_words",
            range_auc(shares, is_good[order], folds[order]),
            roc_auc(scores[order], is_good[order]),
        )
    )
    if len(set(names)) > 1:
        rows.append(rival("language", value_auc(names, is_good, folds), auc))
    rows.append(rival("site", site_auc(examples.sites, is_good), auc))
    return rows


def _with_warnings(report: Report) -> Report:
    """Return the report with a warning for each reason to distrust it."""
    found = []
    if report.auc <= 0.5:
        found.append(
            f"on other sites the classifier is not better than chance (AUC {report.auc:.3f}): do "
            "not use it; add documents of more sites"
        )
    if not report.shared_sites:
        found.append(
            "good and bad documents share no site: the classifier may tell sites apart instead of "
            "quality; add good and bad documents of the same sites"
        )
    found += [
        f"{_RIVALS[each['name']]} alone has an AUC of {each['auc']:.3f}, and the classifier "
        f"{report.auc:.3f}: it may have learned only that; choose good and bad documents that do "
        "not differ in it"
        for each in report.rivals
        if each["near"]
    ]
    for name, counts in zip(("good", "bad"), report.counts, strict=True):
        if counts.sites < FEW_SITES:
            found.append(
                f"the {name} documents are of {counts.sites} sites: the figures for other sites "
                "are uncertain; add more sites"
            )
    if report.calibration_error > WARN_ECE:
        found.append(
            f"scores are not probabilities (calibration error {report.calibration_error:.2f}): "
            "choose min_score by the share that it keeps"
        )
    return replace(report, warnings=tuple(found))


_RIVALS = {
    "length": "the length",
    "stop_words": "the share of stop words",
    "language": "the language",
    "site": "the site",
}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value
