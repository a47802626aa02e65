"""Decontaminate: documents with items of benchmarks are removed or flagged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from corpus.documents import EVIDENCE, REASON, SCORE
from corpus.errors import InputError
from corpus.observations import compute_observations
from corpus.stages import make_stage
from tests.conftest import make_documents

QUESTION = (
    "A tram leaves the depot at seven and stops every four minutes; how many stops has it made "
    "by the time the school bell rings at half past eight"
)
ANSWER = "From seven to half past eight are ninety minutes so it has made twenty two full stops"
ANIMALS = "Which of these animals sleeps through the winter?"
FILLER = "The council met on Monday and spoke about the new bridge over the river. "


@pytest.fixture
def stage(tmp_path):
    """Return a function that makes the stage, with these settings, for two benchmarks."""

    def make(**settings):
        bench = tmp_path / "bench"
        bench.mkdir(exist_ok=True)
        records = [
            {"question": QUESTION, "answer": ANSWER},
            {
                "question": ANIMALS,
                "choices": ["the brown bear of the forest", "the grey heron at the lake"],
                "answer": 0,
            },
            {"question": "one two three four five six seven eight"},
        ]
        (bench / "tram.jsonl").write_text("\n".join(map(json.dumps, records)))
        (bench / "copy.jsonl").write_text(json.dumps({"prompt": QUESTION.upper()}))
        benchmarks = [
            {"name": "tram", "path": "bench/tram.jsonl"},
            {"name": "copy", "path": "bench/copy.jsonl"},
        ]
        described = {"stage": "decontaminate", "benchmarks": benchmarks}
        return make_stage(described | settings, tmp_path)

    return make


def reasons(stage, *texts):
    """Return the reason for which each text is removed, or None."""
    return stage.apply(make_documents(*texts)).column(REASON).to_pylist()


@pytest.mark.parametrize(
    "text",
    [
        QUESTION,
        QUESTION.upper() + "?!",
        FILLER * 5 + QUESTION + FILLER * 5,
        QUESTION.replace(" ", "\n"),
        QUESTION + FILLER * 500 + ANSWER,
        FILLER * 8000 + QUESTION + FILLER,
        QUESTION.replace("seven", "six").replace("bell", "clock"),
        "(1) the grey heron at the lake (2) the brown bear of the forest: " + ANIMALS,
    ],
    ids=["alone", "case", "within", "lines", "answer far away", "long", "edited", "options"],
)
def test_a_question_is_found_in_any_form(stage, text):
    """Case, line breaks, other text around it, a few edits and the order of options are ignored."""
    assert reasons(stage(), text) == ["benchmark_question"]


def test_an_answer_is_found_without_its_question(stage):
    """Question and answer are judged apart."""
    assert reasons(stage(), FILLER + ANSWER) == ["benchmark_answer"]


def test_other_texts_are_kept(stage):
    """A text without items is kept: empty, missing, or with a phrase of an item."""
    texts = (
        FILLER,
        "",
        None,
        "A tram leaves the depot at seven",
        "one two three four five six seven",
    )
    assert reasons(stage(), *texts) == [None] * 5


def test_the_shortest_item_must_match_exactly(stage):
    """An item of just `shortest` words is found only word for word."""
    texts = ("x one two three four five six seven eight y", "one two three four x six seven eight")
    assert reasons(stage(), *texts) == ["benchmark_question", None]


@pytest.mark.parametrize(("share", "reason"), [(0.5, "benchmark_question"), (0.51, None)])
def test_share_is_a_minimum(stage, share, reason):
    """A question with exactly `share` of its shingles is found, and below it is not."""
    words = QUESTION.split()
    n_shingles = len(words) - 3
    half = " ".join(words[: n_shingles // 2 + 3])
    assert n_shingles % 2 == 0
    assert reasons(stage(share=share), half) == [reason]


def test_answer_share_is_a_minimum_of_its_own(stage):
    """`answer_share` does not change what counts as a question."""
    half = " ".join(ANSWER.split()[:12])
    assert reasons(stage(answer_share=0.5), half) == ["benchmark_answer"]
    assert reasons(stage(answer_share=0.9), half) == [None]
    assert reasons(stage(answer_share=0.9), QUESTION) == ["benchmark_question"]


def test_the_evidence_names_benchmark_and_item(stage):
    """A removal has the item as evidence and the overlap as score; the columns, every benchmark."""
    after = stage().apply(make_documents(QUESTION, FILLER))
    assert after.column(EVIDENCE).to_pylist() == ["tram tram.jsonl:1", None]
    assert after.column(SCORE).to_pylist() == [1.0, None]
    items = ["tram tram.jsonl:1", "copy copy.jsonl:1"]
    assert after.column("contaminated_by").to_pylist() == [items, None]


def test_contamination_is_the_largest_overlap(stage):
    """It may be that with an answer; the evidence of a removal is a question all the same."""
    edited = QUESTION.replace("seven", "six")
    after = stage().apply(make_documents(edited + FILLER * 50 + ANSWER))
    assert after.column("contamination").to_pylist() == [1.0]
    assert after.column(REASON).to_pylist() == ["benchmark_question"]
    assert 0.5 < after.column(SCORE)[0].as_py() < 1.0


def test_flag_keeps_the_documents(stage):
    """With `action: flag`, nothing is removed, and the columns are filled."""
    after = stage(action="flag").apply(make_documents(QUESTION, FILLER))
    assert REASON not in after.schema.names
    assert after.column("contamination").to_pylist() == [1.0, None]
    assert len(after.column("contaminated_by")[0]) == 2


def test_the_observation_depends_on_the_content_of_benchmarks_alone(stage, tmp_path):
    """Another place or another threshold changes nothing; other content does."""
    before = stage().observes()[0].model_dump(mode="json")
    assert stage(share=0.9, answer_share=0.3, action="flag").observes()[0].model_dump() == before
    assert str(tmp_path) not in json.dumps(before)
    made = stage(words=5).observes()[0].model_dump(mode="json")
    assert made["key"] != before["key"]
    ours = stage()
    (tmp_path / "bench/copy.jsonl").write_text(json.dumps({"prompt": "something else entirely"}))
    assert ours.observes()[0].key != before["key"]


def test_a_prepared_stage_uses_the_index_in_the_folder(stage, tmp_path):
    """`prepare` writes the index once; the stage then finds the same documents with it."""
    ours = stage()
    prepared, (index,) = ours.prepare(tmp_path / "cache")
    assert index.parent == tmp_path / "cache"
    before = (index / "hashes.bin").stat().st_mtime_ns
    again, _ = ours.prepare(tmp_path / "cache")
    assert (index / "hashes.bin").stat().st_mtime_ns == before
    documents = make_documents(QUESTION, FILLER, ANSWER, None)
    expected = ours.apply(documents).to_pylist()
    assert prepared.apply(documents).to_pylist() == again.apply(documents).to_pylist() == expected


@pytest.mark.parametrize("name", ["summary.json", "hashes.bin", "items.bin", "windows.bin"])
@pytest.mark.parametrize("is_deleted", [False, True])
def test_a_damaged_index_is_made_again(stage, tmp_path, name, is_deleted):
    """A file that is missing, or has a byte less than it had, is noticed before it is used."""
    ours = stage()
    _, (index,) = ours.prepare(tmp_path / "cache")
    expected = (index / name).read_bytes()
    (index / name).unlink()
    if not is_deleted:
        (index / name).write_bytes(expected[1:])
    prepared, _ = ours.prepare(tmp_path / "cache")
    assert (index / name).read_bytes() == expected
    assert reasons(prepared, QUESTION) == ["benchmark_question"]


def test_an_index_has_the_content_that_its_name_is_the_hash_of(stage, tmp_path):
    """A benchmark that changes between hash and reading is an error, and leaves no index."""
    observation = stage().observes()[0]
    (tmp_path / "bench/copy.jsonl").write_text(json.dumps({"prompt": "something else entirely"}))
    with pytest.raises(InputError, match=r"copy\.jsonl: changed while it was read"):
        observation.write_index(tmp_path / observation.key)
    assert not (tmp_path / observation.key).exists()


def test_thresholds_are_those_of_the_decision(stage):
    """A document outside a threshold is one that is removed for its reason."""
    ours = stage(share=1.0, answer_share=0.5)
    half = " ".join(ANSWER.split()[:12])
    measured = compute_observations(make_documents(QUESTION, FILLER, half), ours.observes())
    question, answer = ours.thresholds()
    assert question.outside(measured).to_pylist() == [True, False, False]
    assert answer.outside(measured).to_pylist() == [False, False, True]
    assert (question.bounds, answer.bounds) == ("below 1", "below 0.5")
    assert stage(action="flag").thresholds() == ()


def test_metrics_have_the_coverage(stage):
    """Figures for manifest, card and audit: items by benchmark, and documents that contain them."""
    ours = stage()
    measured = compute_observations(make_documents(QUESTION, FILLER, ANSWER), ours.observes())
    judged = ours.judge(measured)
    metrics = ours.metrics([ours.decisions(judged)])
    assert metrics["contaminated"] == 2
    rows = {row["benchmark"]: row for row in metrics["coverage"]}
    assert rows["tram"]["documents"] == 2
    assert rows["copy"]["documents"] == 1
    assert rows["tram"]["items"] == rows["tram"]["indexed"] == 3
    assert "documents" not in ours.metrics(None)["coverage"][0]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"benchmarks": []}, "at least 1 item"),
        ({"shortest": 3}, r"shortest \(3\) must be at least words \(4\)"),
        ({"share": 0.1}, "greater than or equal to 0.2"),
        (
            {"benchmarks": [{"name": "a", "path": "x"}, {"name": "a", "path": "y"}]},
            "two benchmarks are called 'a'",
        ),
    ],
    ids=["none", "shortest", "share", "names"],
)
def test_settings_that_make_no_sense_are_refused(settings, message):
    """A setting that can only be a mistake is an error."""
    described = {"stage": "decontaminate", "benchmarks": [{"name": "a", "path": "x"}]}
    with pytest.raises(ValidationError, match=message):
        make_stage(described | settings, Path())
