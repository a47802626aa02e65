"""Train a quality classifier: read, choose, judge on held-out sites, fit, write."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus import storage
from corpus.classifier.features import MAX_BITS, MIN_BITS
from corpus.classifier.model import ClassifierModel, pack_model
from corpus.errors import ConfigError, InputError
from corpus.progress import Progress, silent
from corpus.training import fit as fitting
from corpus.training.examples import ExampleClass, Examples, remove_shared
from corpus.training.fit import Calibration, Linear, Rows
from corpus.training.folds import assign_folds, number_of_folds
from corpus.training.labelled import Labels, Reading, read_by_label, read_class
from corpus.training.report import ClassCounts, Report, make_report
from corpus.version import VERSION

MIN_DOCUMENTS = 20
"""Minimum number of different texts per class: fewer say nothing."""

MIN_CLASS_SITES = 2


@dataclass(frozen=True)
class Settings:
    """How a classifier is trained."""

    text: str = "text"
    site: str | None = None
    label: str | None = None
    good_values: tuple[str, ...] = ()
    bits: int = 20
    max_documents: int = 50_000
    regularization: float = fitting.REGULARIZATION


def train_quality(
    good: Sequence[str],
    bad: Sequence[str],
    out: Path,
    *,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> Report:
    """Train a classifier, write its files, and return its report.

    Writes the model to `out`, and beside it the report (`.report.json`, `.report.md`) and a card
    (`.md`), which is not overwritten. With `settings.label`, `good` are all inputs and `bad` is
    empty. The files depend on the documents and the settings alone.

    Raises ConfigError for wrong settings; InputError if a class has too few documents or sites.
    """
    settings = settings or Settings()
    _check(settings, good, bad, out)
    progress = progress or silent()
    progress.start("read", bytes=0)
    reading = Reading(settings.text, settings.site, _labels(settings), settings.bits)
    classes = ExampleClass(settings.max_documents), ExampleClass(settings.max_documents)
    if reading.labels is None:
        for name, inputs, each in zip(("good", "bad"), (good, bad), classes, strict=True):
            read_class(name, inputs, each, reading, progress)
    else:
        read_by_label(good, reading.labels, *classes, reading, progress)
    for each in classes:
        each.finish()
    shared = remove_shared(*classes)
    _require_enough(classes, shared)
    examples = _examples(*classes)
    progress.start("train", bytes=0)
    logits = _held_out_logits(examples, settings)
    final = _fit(examples, np.arange(len(logits)), settings)
    report = make_report(
        examples,
        held_out_scores(logits, examples),
        final.weights,
        counts=_counts(classes, shared),
        reading=reading,
        bits=settings.bits,
    )
    model = _model(final, fitting.calibrate(logits, examples.is_good), examples, report, settings)
    _write(out, model, report)
    return report


def held_out_scores(logits: NDArray[np.float64], examples: Examples) -> NDArray[np.float64]:
    """Return scores, each calibrated on the other folds."""
    scores = np.empty(len(logits))
    for fold in np.unique(examples.folds):
        here = examples.folds == fold
        calibration = fitting.calibrate(logits[~here], examples.is_good[~here])
        scores[here] = calibration.scores(logits[here])
    return scores


def _held_out_logits(examples: Examples, settings: Settings) -> NDArray[np.float64]:
    """Return the logit of each document by a model that saw none of its site."""
    logits = np.empty(len(examples.is_good))
    for fold in np.unique(examples.folds):
        here = np.flatnonzero(examples.folds == fold)
        others = np.flatnonzero(examples.folds != fold)
        logits[here] = _fit(examples, others, settings).logits(examples.rows.take(here))
    return logits


def _fit(examples: Examples, rows: NDArray[np.int64], settings: Settings) -> Linear:
    return fitting.fit(
        examples.rows.take(rows),
        examples.is_good[rows],
        examples.sites[rows],
        bits=settings.bits,
        regularization=settings.regularization,
    )


def _check(settings: Settings, good: Sequence[str], bad: Sequence[str], out: Path) -> None:
    """Raise ConfigError for settings that do not fit together, before anything is read."""
    if settings.label is None:
        if settings.good_values:
            raise ConfigError("--good needs --label: it is a value of the column with the labels")
        if not good or not bad:
            raise ConfigError("name GOOD and BAD, or one input with --label COLUMN --good VALUE")
    elif bad:
        raise ConfigError(
            "with --label, one input has both classes; leave out the other, or leave out --label"
        )
    elif not settings.good_values:
        raise ConfigError(f"--label {settings.label} needs --good VALUE: the values that are good")
    if not MIN_BITS <= settings.bits <= MAX_BITS:
        raise ConfigError(f"--bits {settings.bits}: use {MIN_BITS} to {MAX_BITS}")
    if out.suffix != ".npz":
        raise ConfigError(f"--out {out}: the name of a model ends in .npz")
    storage.require_writable(out.absolute().parent, "choose another --out")


def _labels(settings: Settings) -> Labels | None:
    if settings.label is None:
        return None
    return Labels(settings.label, frozenset(settings.good_values))


def _require_enough(classes: tuple[ExampleClass, ExampleClass], shared: tuple[int, int]) -> None:
    """Raise InputError if a class has too few texts or sites."""
    for name, each, lost in zip(("good", "bad"), classes, shared, strict=True):
        n = each.examples.num_rows
        if n < MIN_DOCUMENTS:
            why = f" ({lost:,} more have texts that are also in the other class)" if lost else ""
            raise InputError(
                f"{n:,} different {name} texts{why}; at least {MIN_DOCUMENTS} are needed, and "
                "hundreds for a useful model: name more files"
            )
        sites = pc.unique(each.examples.column("site")).to_pylist()
        if len(sites) < MIN_CLASS_SITES:
            raise InputError(
                f"all {name} documents are of the site {str(sites[0])[:60]!r}, so the model cannot "
                "be judged on sites that it has not seen; add documents of other sites, or name a "
                "column that divides them with --site COLUMN"
            )


def _examples(good: ExampleClass, bad: ExampleClass) -> Examples:
    """Return the examples of both classes, in an order that depends on their texts alone."""
    table = pa.concat_tables([good.examples, bad.examples])
    is_good = np.arange(table.num_rows) < good.examples.num_rows
    order = np.asarray(pc.sort_indices(table, [("content", "ascending")]))
    table, is_good = table.take(pa.array(order)).combine_chunks(), is_good[order]
    lists = table.column("buckets").combine_chunks()
    lists = lists.chunk(0) if isinstance(lists, pa.ChunkedArray) else lists
    buckets, bounds = lists.flatten().to_numpy(), np.asarray(lists.offsets)
    names = sorted(pc.unique(table.column("site")).to_pylist())
    number = {name: k for k, name in enumerate(names)}
    sites = np.array([number[site] for site in table.column("site").to_pylist()], np.int64)
    folds = assign_folds(sites, is_good, names, number_of_folds(sites, is_good))
    sample = pa.concat_tables([good.sample, bad.sample])
    return Examples(table, Rows(buckets, bounds - bounds[0]), is_good, sites, names, folds, sample)


def _counts(
    classes: tuple[ExampleClass, ExampleClass], shared: tuple[int, int]
) -> tuple[ClassCounts, ClassCounts]:
    good, bad = (
        ClassCounts(
            documents=each.read + lost,
            used=each.examples.num_rows,
            duplicates=each.duplicates,
            in_both_classes=lost,
            over_limit=each.over_limit,
            sites=len(pc.unique(each.examples.column("site"))),
            texts_sha256=_digest(each.examples),
        )
        for each, lost in zip(classes, shared, strict=True)
    )
    return good, bad


def _digest(examples: pa.Table) -> str:
    """Return the hash of the texts' hashes, in the order of the examples."""
    return hashlib.sha256(b"".join(examples.column("text_hash").to_pylist())).hexdigest()


def _model(
    linear: Linear,
    calibration: Calibration,
    examples: Examples,
    report: Report,
    settings: Settings,
) -> ClassifierModel:
    """Return the model, with what it was trained on."""
    weights, scale, bias = fitting.round_weights(linear, calibration)
    training = {
        "corpus": VERSION,
        "scikit-learn": metadata.version("scikit-learn"),
        "settings": {
            "bits": settings.bits,
            "max_documents": settings.max_documents,
            "regularization": settings.regularization,
            "min_sites": fitting.MIN_SITES,
        },
        "good": report.counts[0]._asdict(),
        "bad": report.counts[1]._asdict(),
        "held_out_sites": {"auc": report.auc, "folds": int(examples.folds.max()) + 1},
    }
    return ClassifierModel(weights, scale, bias, training)


def card_of(out: Path) -> Path:
    """Return the file of the card beside a model."""
    return out.with_suffix(".md")


def _write(out: Path, model: ClassifierModel, report: Report) -> None:
    """Write the model, its report and, unless there is one, its card."""
    from corpus.markup import json_text
    from corpus.training.pages import model_card, report_page

    data = pack_model(model)
    stem = os.fspath(out.with_suffix(""))
    storage.write(out, data)
    storage.write(Path(f"{stem}.report.json"), (json_text(report.to_json()) + "\n").encode())
    storage.write(Path(f"{stem}.report.md"), report_page(report).encode())
    card = card_of(out)
    if not card.exists():
        storage.write(card, model_card(out.name, model, report, data).encode())
