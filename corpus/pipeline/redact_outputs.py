"""Redact what a build writes down of documents outside its shards: evidence, and metrics.

A stage says which of its evidence are values of columns (`Stage.quoted_columns`), and which of its
metrics have text of documents (`Stage.quoted_metrics`). The stage `redact` sees neither. So both
are redacted before they are written, by those stages of the build that cover them, earlier or later
ones. What a stage of the user's own writes is redacted by all of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from corpus.privacy.columns import replaced_texts
from corpus.privacy.values import redact_values
from corpus.stages.base import Stage
from corpus.stages.own_mistakes import is_own
from corpus.stages.redact import Redact

_MAY_BE_CUT = re.compile(r"[@\d]")
"""What a word has that may be a part of personal data, at the end of a text that was cut."""


class EvidenceRedaction(NamedTuple):
    """Which evidence is redacted, and by which stages."""

    by_column: Mapping[tuple[str, str], tuple[Redact, ...]]
    """The stages that cover each column whose values are evidence, by the name of the stage that
    removes documents for them, and the column."""

    own: tuple[str, ...]
    """The names of stages of the user's own."""

    all: tuple[Redact, ...]


def evidence_redaction(stages: Sequence[Stage]) -> EvidenceRedaction | None:
    """Return which evidence the stages of a build redact; None if they redact nothing."""
    redacts = tuple(stage for stage in stages if isinstance(stage, Redact))
    ours = [stage for stage in stages if not is_own(type(stage))]
    quoted = sorted({(stage.stage, name) for stage in ours for name in stage.quoted_columns()})
    by_column = {
        (stage, name): tuple(redact for redact in redacts if name in redact.columns)
        for stage, name in quoted
    }
    own = tuple(stage.stage for stage in stages if is_own(type(stage)))
    return EvidenceRedaction(by_column, own, redacts) if redacts else None


def redact_evidence(ledger: pa.Table, redaction: EvidenceRedaction) -> pa.Table:
    """Return the ledger of removals with redacted evidence."""
    evidence = ledger.column("evidence").combine_chunks()
    by_own = pc.is_in(ledger.column("stage"), pa.array(redaction.own, pa.string()))
    evidence = _redact_rows(evidence, by_own.combine_chunks(), "", redaction.all)
    for (stage, name), redacts in redaction.by_column.items():
        by_stage = pc.equal(ledger.column("stage"), stage).combine_chunks()
        has_value = pc.and_(by_stage, pc.starts_with(evidence, f"{name}="))
        evidence = _redact_rows(evidence, has_value, f"{name}=", redacts)
    return ledger.set_column(ledger.schema.get_field_index("evidence"), "evidence", evidence)


def _redact_rows(
    evidence: pa.Array, where: pa.Array, prefix: str, stages: Sequence[Redact]
) -> pa.Array:
    """Return the evidence with what follows a prefix redacted where it is true."""
    where = pc.and_(pc.fill_null(where, fill_value=False), evidence.is_valid())
    if not stages or not pc.any(where).as_py():
        return evidence
    values = pc.utf8_slice_codeunits(evidence.filter(where), len(prefix))
    for stage in stages:
        values = replaced_texts(values, stage.redact_texts(values))
    new = pc.binary_join_element_wise(prefix, values, "")
    return pc.replace_with_mask(evidence, where, new)


def redact_metrics(
    stage: Stage, metrics: Mapping[str, object], stages: Sequence[Stage]
) -> Mapping[str, object]:
    """Return the metrics of a stage, with the texts in them redacted by the stages of a build."""
    redacts = [each for each in stages if isinstance(each, Redact)]
    if not redacts:
        return metrics
    plain: dict[str, Any] = json.loads(json.dumps(metrics))
    if is_own(type(stage)):
        values = [plain]
        for redact in redacts:
            redact_values("", values, redact.redact_texts)
        return dict(values[0])
    for quoted in stage.quoted_metrics:
        rows = plain.get(quoted.metric, ())
        texts = [_without_cut_value(row[quoted.field], quoted.max_characters) for row in rows]
        for redact in redacts:
            redact_values("", texts, redact.redact_texts)
        for row, text in zip(rows, texts, strict=True):
            row[quoted.field] = text
    return plain


def _without_cut_value(text: str, max_characters: int) -> str:
    """Return a text, without what may be a part of personal data at its end if it was cut."""
    if len(text) < max_characters:
        return text
    words = text.split(" ")
    while words and _MAY_BE_CUT.search(words[-1]):
        words.pop()
    kept = " ".join(words)
    return kept if kept == text else f"{kept} …"
