"""The setting `model` of the stage `quality`: scores by an own classifier, and a minimum."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from corpus.classifier import definition
from corpus.classifier.model import ClassifierModel, pack_model
from corpus.classifier.observations import QualityScore
from corpus.documents import EVIDENCE, REASON, SCORE
from corpus.errors import ConfigError, InputError
from corpus.pipeline.identity import stage_source
from corpus.signals.observation import QualitySignals
from corpus.signals.rules import RULE_SETS
from corpus.stages import make_stage
from corpus.stages.quality import Quality

BITS = 12
GOOD, BAD = "harvest", "clickbait"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a model that likes one word and dislikes another."""
    weights = np.zeros(1 << BITS, np.int16)
    weights[definition.buckets(GOOD, BITS)] = 100
    weights[definition.buckets(BAD, BITS)] = -100
    data = pack_model(ClassifierModel(weights, 0.02, 0.0, {}))
    (tmp_path / "quality.npz").write_bytes(data)
    return tmp_path


def stage_of(folder: Path, **settings: object) -> Quality:
    """Return the stage with the model in a folder."""
    model = {"path": "quality.npz"} | settings
    stage = make_stage({"stage": "quality", "model": model}, folder)
    assert isinstance(stage, Quality)
    return stage


def score_of(stage: Quality) -> QualityScore:
    """Return the measurement of the score."""
    (observation,) = [each for each in stage.observes() if isinstance(each, QualityScore)]
    return observation


def test_a_document_below_the_minimum_is_removed_with_its_score(folder, documents):
    """The evidence is the score; a document at the minimum, or without a score, is kept."""
    batch = documents(GOOD, BAD, "neutral", "", None)
    result = stage_of(folder, min_score=0.5).apply(batch)

    assert result.column(REASON).to_pylist() == [None, "low_score", None, None, None]
    assert result.column(EVIDENCE)[1].as_py() == "0.1192"
    assert result.column(SCORE)[1].as_py() == pytest.approx(0.1192, abs=1e-4)


@pytest.mark.parametrize(("min_score", "removed"), [(0.1192, False), (0.1193, True)])
def test_the_minimum_is_inclusive(folder, documents, min_score, removed):
    """A document just inside the minimum is kept, one just outside is removed."""
    result = stage_of(folder, min_score=min_score).apply(documents(BAD))

    assert (REASON in result.schema.names and result.column(REASON)[0].is_valid) == removed


def test_only_the_named_languages_are_judged(folder, documents):
    """A document in another language, or without one, is kept."""
    batch = documents(BAD, BAD, BAD, language=["en", "de", None])
    result = stage_of(folder, min_score=0.5, languages=["en"]).apply(batch)

    assert result.column(REASON).to_pylist() == ["low_score", None, None]


def test_without_a_minimum_nothing_is_removed(folder, documents):
    """The score is measured all the same, to be published as a signal."""
    stage = make_stage({"stage": "quality", "model": "quality.npz"}, folder)
    observation = score_of(stage)

    assert REASON not in stage.apply(documents(BAD)).schema.names
    assert list(observation.signals()) == [observation.name]


def test_the_minimum_is_shown_beside_the_score(folder):
    """`corpus tune` and `corpus explain` know the column and the bound; there may be none."""
    stage = stage_of(folder, min_score=0.5)
    (threshold,) = stage.thresholds()

    assert (threshold.column, threshold.min) == (score_of(stage).name, 0.5)
    assert stage_of(folder).thresholds() == ()


def test_a_minimum_without_a_model_is_an_error(tmp_path):
    """A forgotten path is not a stage that does nothing."""
    with pytest.raises(ValueError, match="path"):
        make_stage({"stage": "quality", "model": {"min_score": 0.5}}, tmp_path)


def test_a_classifier_alone_measures_no_signals(folder):
    """The signals of the rules cost time; they are measured with rules, or without a classifier."""
    assert QualitySignals() not in stage_of(folder).observes()
    both = make_stage({"stage": "quality", "model": "quality.npz", "gopher": True}, folder)
    assert QualitySignals() in both.observes()
    assert QualitySignals() in make_stage("quality", folder).observes()


def test_the_evidence_does_not_contradict_the_minimum(folder, documents):
    """A score just below the minimum is not rounded up to it."""
    result = stage_of(folder, min_score=0.8808).apply(documents(GOOD))

    assert result.column(EVIDENCE).to_pylist() == ["0.88079709"]


def test_rules_come_before_the_classifier(folder, documents):
    """The first broken rule is the reason; what the rules keep, the classifier may remove."""
    settings = {"stage": "quality", "rules": {"gopher.words": {"min": 2, "max": 999}}}
    settings |= {"gopher": True, "model": {"path": "quality.npz", "min_score": 0.5}}
    rules = {f"gopher.{rule.name}": False for rule in RULE_SETS["gopher"]["paper"]}
    settings["rules"] = rules | settings["rules"]
    result = make_stage(settings, folder).apply(documents(BAD, f"{BAD} {BAD}", f"{GOOD} {GOOD}"))

    assert result.column(REASON).to_pylist() == ["gopher_words", "low_score", None]


def test_a_wrong_model_is_reported_before_anything_is_read(folder):
    """A missing or damaged model is an error as soon as the build asks for the stage's files."""
    with pytest.raises(ConfigError, match=r"other.npz: no such model file"):
        stage_of(folder, path="other.npz").files()
    (folder / "quality.npz").write_bytes((folder / "quality.npz").read_bytes()[:200])
    with pytest.raises(InputError, match="damaged"):
        stage_of(folder).files()


def test_another_model_changes_the_identity_of_the_stage(folder):
    """A build with another model is another build, and its scores another column."""
    stage = stage_of(folder)
    before = stage_source(stage), score_of(stage).model_dump(mode="json")
    (folder / "quality.npz").write_bytes(
        pack_model(ClassifierModel(np.ones(1024, np.int16), 1, 0, {}))
    )

    assert stage_source(stage) != before[0]
    assert json.dumps(score_of(stage).model_dump(mode="json")) != json.dumps(before[1])
