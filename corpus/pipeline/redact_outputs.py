"""Redact what a build writes down of documents outside its shards: evidence, and metrics.

A `filter` before `redact` has the value of a column as its evidence, and `site_boilerplate` lists
lines of pages. The stage `redact` sees neither. So both are redacted before they are written, by
those stages of the build that cover them, earlier or later ones. What a stage of the user's own
writes is redacted by all of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from corpus.privacy.columns import replaced_texts
from corpus.privacy.values import redact_values
from corpus.stages.base import Stage
from corpus.stages.filter import Filter
from corpus.stages.own_mistakes import is_own
from corpus.stages.redact import Redact
from corpus.stages.site_boilerplate import MAX_CHARACTERS_SHOWN, SiteBoilerplate

_MAY_BE_CUT = re.compile(r"[@\d]")
"""What a word has that may be a part of personal data, at the end of a line that was cut."""


class EvidenceRedaction(NamedTuple):
    """Which evidence is redacted, and by which stages."""

    by_column: Mapping[str, tuple[Redact, ...]]
    """The stages that cover each column whose values are the evidence of a `filter`."""

    own: tuple[str, ...]
    """The names of stages of the user's own."""

    all: tuple[Redact, ...]


def evidence_redaction(stages: Sequence[Stage]) -> EvidenceRedaction | None:
    """Return which evidence the stages of a build redact; None if they redact nothing."""
    redacts = tuple(stage for stage in stages if isinstance(stage, Redact))
    filters = [stage for stage in stages if isinstance(stage, Filter)]
    names = sorted({name for stage in filters for name in (*stage.columns, *stage.without)})
    by_column = {name: tuple(r for r in redacts if name in r.columns) for name in names}
    own = tuple(stage.stage for stage in stages if is_own(type(stage)))
    return EvidenceRedaction(by_column, own, redacts) if redacts else None


def redact_evidence(ledger: pa.Table, redaction: EvidenceRedaction) -> pa.Table:
    """Return the ledger of removals with redacted evidence."""
    evidence = ledger.column("evidence").combine_chunks()
    by_own = pc.is_in(ledger.column("stage"), pa.array(redaction.own, pa.string()))
    evidence = _redact_rows(evidence, by_own.combine_chunks(), "", redaction.all)
    by_filter = pc.equal(ledger.column("stage"), "filter").combine_chunks()
    for name, stages in redaction.by_column.items():
        has_value = pc.and_(by_filter, pc.starts_with(evidence, f"{name}="))
        evidence = _redact_rows(evidence, has_value, f"{name}=", stages)
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
    plain = json.loads(json.dumps(metrics))
    if is_own(type(stage)):
        values = [plain]
    elif isinstance(stage, SiteBoilerplate):
        values = [_without_cut_value(row["line"]) for row in plain.get("commonest", ())]
    else:
        return metrics
    for each in redacts:
        redact_values("", values, each.redact_texts)
    if isinstance(stage, SiteBoilerplate) and redacts:
        for row, line in zip(plain.get("commonest", ()), values, strict=True):
            row["line"] = line
    result: Mapping[str, object] = plain
    return result


def _without_cut_value(line: str) -> str:
    """Return a line, without what may be a part of personal data at its end if it was cut."""
    if len(line) < MAX_CHARACTERS_SHOWN:
        return line
    words = line.split(" ")
    while words and _MAY_BE_CUT.search(words[-1]):
        words.pop()
    kept = " ".join(words)
    return kept if kept == line else f"{kept} …"
