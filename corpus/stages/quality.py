"""Remove texts of low quality by published rules, and by a classifier of one's own.

    stages:
      - stage: language
      - stage: quality
        gopher: datatrove                   # or paper, dolma
        fineweb: {languages: [en]}          # only for documents in English
        rules:
          gopher.words: {min: 30}           # keeps the upper bound
          gopher.stop_words: false          # switches a rule off
        model: {path: quality.npz, min_score: 0.3}    # of `corpus train-quality GOOD BAD`

Every text is measured once: its signals are kept in the cache, whatever rules are set. A changed
bound, or another set, therefore reads no text again. The first broken rule is the reason for the
removal, `gopher_words`, and the evidence has the signal, its value and the bound.

The rules are those of C4, Gopher, FineWeb, FineWeb-2, RefinedWeb and DCLM. A classifier's score is
the probability that a text is like its good documents, if good and bad ones were equally frequent;
a text without words has no score, and is kept. The page docs/quality-model.md says how to train a
classifier, and how to read its report.

Rules with English stop words remove texts in other languages. Limit such a set with `languages`,
which needs the stage `language` before this one, or switch the rule off. The page docs/quality.md
lists every rule, its source, and what differs between the variants.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import ClassVar, Literal, Self

import pyarrow as pa
from pydantic import Field, PrivateAttr, ValidationInfo, field_validator, model_validator

from corpus.documents import TEXT
from corpus.observations import Observation
from corpus.signals import rules as published
from corpus.signals.fineweb2 import FINEWEB2
from corpus.signals.language_fit import language_metrics, with_language
from corpus.signals.names import SCHEMA, column_name
from corpus.signals.observation import QualitySignals, RedPajamaSignals
from corpus.signals.rules import RULE_SETS
from corpus.sources.columns.observation import Column
from corpus.stages.base import ThresholdStage
from corpus.stages.quality_judging import OBSERVED_LANGUAGE, languages_of, mark_broken, rows_in
from corpus.stages.quality_rules import check_bounds, languages_of_set, rules_in_use
from corpus.stages.quality_settings import (
    LOW_SCORE,
    C4Selection,
    C4Variant,
    GopherSelection,
    GopherVariant,
    ModelSelection,
    RuleBounds,
    Selection,
)
from corpus.stages.thresholds import Threshold


class Quality(ThresholdStage):
    """Remove texts of low quality by published rules, or by a classifier of one's own."""

    reasons: ClassVar[dict[str, str]] = published.reasons() | {
        LOW_SCORE: "the score of the quality classifier is below min_score",
    }

    stage: Literal["quality"] = "quality"

    c4: bool | C4Variant | C4Selection = False
    """The rules of C4, judged on the lines that C4 keeps; the text keeps all of its lines.
    `any_end` for lines that may end in any character, or `{variant: any_end, languages: [en]}`."""

    gopher: bool | GopherVariant | GopherSelection = False
    """The rules of Gopher for quality and repetition: `paper` (the default for `true`),
    `datatrove` or `dolma`, or `{variant: dolma, languages: [en]}`."""

    fineweb: bool | Selection = False
    """FineWeb's own rules: marks at the ends of lines, short lines, repeated lines, line breaks."""

    fineweb2: bool | Selection = False
    """The rules of FineWeb-2, with the bounds of each document's language; documents in languages
    without bounds are kept. Needs the stage `language`."""

    refinedweb: bool | Selection = False
    """The rules of RefinedWeb for whole documents: those of Gopher's paper, repetition first."""

    dclm: bool | Selection = False
    """The rules of DCLM's code for whole documents."""

    redpajama: bool = False
    """Also measure RedPajama-v2's signals of natural language, for `output: {signals: true}`. No
    document is removed for them."""

    rules: dict[str, RuleBounds | Literal[False]] = Field(default_factory=dict)
    """Other bounds for single rules, `{gopher.words: {min: 30}}`; `false` switches a rule off."""

    model: Path | ModelSelection | None = None
    """A classifier of one's own, made by `corpus train-quality`, and the minimum score:
    `{path: quality.npz, min_score: 0.3, languages: [en]}`. A path alone only scores."""

    _folder: Path = PrivateAttr(default=Path())

    @model_validator(mode="after")
    def _rules_exist(self, info: ValidationInfo) -> Self:
        """Refuse bounds for rules that are not in use, and bounds that nothing can be within."""
        self._folder = Path((info.context or {}).get("folder", "."))
        check_bounds(self._sets, self.rules)
        return self

    @field_validator("fineweb2")
    @classmethod
    def _has_bounds(cls, fineweb2: bool | Selection) -> bool | Selection:
        """Refuse languages for which FineWeb-2 has published no bounds."""
        languages = fineweb2.languages if isinstance(fineweb2, Selection) else None
        unknown = [language for language in languages or () if language not in FINEWEB2]
        if unknown:
            raise ValueError(
                f"FineWeb-2 has no bounds for {', '.join(unknown)}; it has some for "
                + ", ".join(FINEWEB2)
            )
        return fineweb2

    def files(self) -> tuple[Path, ...]:
        """Return the model file. Raises ConfigError or InputError if it is not a model."""
        return (self._model.observation(self._folder).model,) if self._model else ()

    def kernels(self) -> None:
        """Load the model; compile the kernels, or load them from the cache."""
        from corpus.signals.measure import measure_signals
        from corpus.signals.redpajama_kernel import measure_redpajama_signals

        words = pa.array(["word"], pa.large_string())
        documents = pa.record_batch({TEXT: words})
        if self._measures_signals:
            measure_signals(words)
        if self.redpajama:
            measure_redpajama_signals(words)
        if self._model:
            self._model.observation(self._folder).columns(documents)

    def observes(self) -> tuple[Observation, ...]:
        """Return every signal, the score, and the language where no earlier stage decides it.

        With a classifier alone, only the score is measured.
        """
        signals = (QualitySignals(),) if self._measures_signals else ()
        more = (RedPajamaSignals(),) if self.redpajama else ()
        score = (self._model.observation(self._folder),) if self._model else ()
        return (*signals, OBSERVED_LANGUAGE, *more, *score)

    def thresholds(self) -> tuple[Threshold, ...]:
        """Return the bounds of the rules in use; the stop words of FineWeb-2 have no column."""
        rules = tuple(
            Threshold(
                each.reason,
                f"rules.{each.name}",
                column_name(each.rule.signal),
                each.rule.signal.replace("_", " "),
                each.rule.min,
                each.rule.max,
                languages=each.languages,
            )
            for each in rules_in_use(self._sets, self.rules)
            if column_name(each.rule.signal) in SCHEMA.names
        )
        return rules + (self._model.thresholds(self._folder) if self._model else ())

    def judge(self, measured: pa.RecordBatch) -> pa.RecordBatch:
        """Return the measurements; rows that break a rule are marked, with the measured value."""
        rows: dict[tuple[str, ...] | None, pa.Array | pa.Scalar | None] = {}
        for each in rules_in_use(self._sets, self.rules):
            if each.languages not in rows:
                rows[each.languages] = rows_in(measured, each.languages)
            where = rows[each.languages]
            if where is not None:
                measured = mark_broken(measured, each, where)
        if self._model:
            where = rows_in(measured, self._model.languages)
            measured = self._model.mark(measured, self._folder, where)
        return measured

    def required_columns(self) -> Mapping[Column, str]:
        """Return the language, if a selected set or the model judges documents by it."""
        by_language = [
            name
            for name, selected in self._sets.items()
            if selected and (name == "fineweb2" or languages_of_set(selected))
        ]
        by_language += ["model"] if self._model and self._model.languages else []
        if not by_language:
            return {}
        why = (
            f"no document has a language here, and {', '.join(by_language)} would judge none; put "
            "the stage 'language' before this one"
        )
        return {OBSERVED_LANGUAGE: why}

    def decisions(self, judged: pa.RecordBatch) -> pa.RecordBatch:
        """Return what `judge` decided on each row, with the language that it judged by."""
        return with_language(super().decisions(judged), languages_of(judged))

    def metrics(self, decisions: Iterable[pa.RecordBatch]) -> dict[str, object]:
        """Return how many documents met rules that were not made for their language."""
        sets = {n: languages_of_set(s) for n, s in self._sets.items() if s is not False}
        in_use = {each.name for each in rules_in_use(self._sets, self.rules)}
        return language_metrics(sets, in_use, decisions)

    @property
    def _sets(self) -> dict[str, bool | str | Selection]:
        """What is selected of each rule set."""
        return {name: getattr(self, name) for name in RULE_SETS}

    @property
    def _model(self) -> ModelSelection | None:
        return ModelSelection(path=self.model) if isinstance(self.model, Path) else self.model

    @property
    def _measures_signals(self) -> bool:
        """Whether the signals are measured: not for a classifier alone."""
        return self.model is None or any(self._sets.values())
