"""The report of a classifier as a Markdown page, and the card beside a model."""

from __future__ import annotations

import hashlib

from corpus.classifier.model import ClassifierModel
from corpus.markup import code, markdown
from corpus.training.report import Report
from corpus.training.tables import Table, kept_shares_table, not_used, rivals_table, tables

HELD_OUT = (
    "Every figure is measured on sites that were not trained on: the documents are divided into "
    "{folds} folds by site, and a model trained on the other folds scores each fold. The model in "
    "the file is trained on all of them."
)


def report_page(report: Report) -> str:
    """Return the report as Markdown."""
    lines = ["# Report of a quality classifier", "", HELD_OUT.format(folds=report.folds), ""]
    lines += _warnings(report)
    lines += [f"- {line}" for line in not_used(report)]
    for table in tables(report):
        lines += ["", f"## {table.title}", "", table.note, "", *_rows(table)]
    return "\n".join(lines) + "\n"


def model_card(name: str, model: ClassifierModel, report: Report, data: bytes) -> str:
    """Return the card of a model, with lines for its owner to fill in."""
    good, bad = report.counts
    settings = ", ".join(f"{name} {value:g}" for name, value in model.training["settings"].items())
    versions = f"corpus {model.training['corpus']}, "
    versions += f"scikit-learn {model.training['scikit-learn']}"
    stem = name.removesuffix(".npz")
    lines = [
        f"# Quality classifier {markdown(stem)}",
        "",
        "A logistic regression over hashed words and pairs of words: `corpus train-quality`.",
        "",
        "| | good | bad |",
        "|---|---|---|",
        "| sources | *name them here* | *name them here* |",
        "| licence of the texts | *name it here* | *name it here* |",
        f"| documents | {good.used:,} | {bad.used:,} |",
        f"| sites | {good.sites:,} | {bad.sites:,} |",
        f"| SHA-256 of the texts | {code(good.texts_sha256)} | {code(bad.texts_sha256)} |",
        "",
        "- Licence of the model: *name it here*",
        f"- SHA-256 of {code(name)}: {code(hashlib.sha256(data).hexdigest())}",
        f"- Trained with {versions}; settings: {code(settings)}",
        "",
        HELD_OUT.format(folds=report.folds),
        "",
        *_warnings(report),
    ]
    for table in (rivals_table(report), kept_shares_table(report)):
        lines += [f"## {table.title}", "", table.note, "", *_rows(table), ""]
    lines.append(f"The whole report: {code(stem + '.report.md')}")
    return "\n".join(lines) + "\n"


def _warnings(report: Report) -> list[str]:
    lines = [f"- **Warning:** {markdown(warning)}" for warning in report.warnings]
    return [*lines, ""] if lines else []


def _rows(table: Table) -> list[str]:
    lines = [
        f"| {' | '.join(table.columns)} |",
        "|---" + "|---:" * (len(table.columns) - 1) + "|",
    ]
    for first, *others in table.rows:
        lines.append(f"| {' | '.join([markdown(first), *map(markdown, others)])} |")
    return lines
