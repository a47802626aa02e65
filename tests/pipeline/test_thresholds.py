"""Threshold stages: measured in the first pass, decided later, with the same result."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pyarrow.parquet as pq
import pytest

from corpus.config.load import load_config
from corpus.errors import InputError
from corpus.pipeline import isolate_poison
from corpus.pipeline.build import build
from corpus.pipeline.engine import Serial
from tests.pipeline.test_build import article

GERMAN = "Der Rat der Stadt hat am Dienstag lange über die neue Brücke und ihre Kosten beraten."
FRENCH = "Le conseil municipal a longuement débattu mardi du nouveau pont et de son coût total."

ROWS: list[dict[str, Any]] = [
    *({"id": f"e{i}", "text": article(i), "views": i, "desk": f"d{i % 3}"} for i in range(12)),
    {"id": "g1", "text": GERMAN, "views": "many", "only_german": 1},
    {"id": "g2", "text": GERMAN + " Er tagt wieder im Mai.", "views": 7, "only_german": 2},
    {"id": "f1", "text": FRENCH, "views": 8, "desk": "d9"},
]


def built(folder, stages: str, rows=ROWS, more: str = ""):
    """Return a build of the rows with these stages, in YAML."""
    (folder / "in").mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(row) + "\n" for row in rows]
    (folder / "in" / "a.jsonl").write_text("".join(lines), encoding="utf-8")
    config = folder / "c.yaml"
    config.write_text(
        f"name: c\nsources: [{{path: 'in/*'}}]\nstages: {stages}\n{more}", encoding="utf-8"
    )
    return build(load_config(config), engine=Serial())


def removals(made) -> dict[str, tuple[str, str]]:
    """Return stage and reason of each removed document, by its id."""
    rows = pq.read_table(made.path / "ledger" / "removed.parquet").to_pylist()
    return {row["id"]: (row["stage"], row["reason"]) for row in rows}


def documents(made) -> list[dict[str, Any]]:
    """Return the kept documents, by id."""
    files = sorted((made.path / "data").rglob("*.parquet"))
    rows = [row for file in files for row in pq.read_table(file).to_pylist()]
    return sorted(rows, key=lambda row: row["id"])


def count_passes(monkeypatch) -> list[object]:
    """Return a list to which every task of the first pass is added."""
    done: list[object] = []
    real = isolate_poison.run_first_pass
    monkeypatch.setattr(
        isolate_poison, "run_first_pass", lambda task: done.append(task) or real(task)
    )
    return done


@pytest.mark.parametrize(
    ("stages", "changed"),
    [
        ("[{stage: language, keep: [en]}]", "[{stage: language, keep: [en, de]}]"),
        ("[{stage: language}]", "[{stage: language, min_score: 0.9, min_scores: {de: 0.2}}]"),
        ("[{stage: filter, words: {min: 20}}]", "[{stage: filter, words: {min: 10, max: 99}}]"),
        ("[{stage: filter, columns: {views: {min: 3}}}]",
         "[{stage: filter, columns: {views: {max: 3, missing: keep}}}]"),
        ("[language, {stage: filter, without: {desk: [d1]}}, deduplicate]",
         "[{stage: language, drop: [fr]}, {stage: filter, without: {desk: [d2]}}, deduplicate]"),
    ],
)  # fmt: skip
def test_a_changed_threshold_reads_no_text_again(tmp_path, monkeypatch, stages, changed):
    """The first pass comes from the cache, and the build equals a fresh one."""
    built(tmp_path / "a", stages)
    passes = count_passes(monkeypatch)
    again = built(tmp_path / "a", changed)
    assert passes == []
    fresh = built(tmp_path / "b", changed)
    assert len(passes) == 1
    assert documents(again) == documents(fresh)
    assert removals(again) == removals(fresh)


def test_what_is_measured_is_part_of_the_first_pass(tmp_path, monkeypatch):
    """A setting that changes a measurement reads the texts again: the sample, or shares."""
    built(tmp_path, "[language]")
    passes = count_passes(monkeypatch)
    built(tmp_path, "[{stage: language, sample: 300}]")
    built(tmp_path, "[{stage: language, paragraphs: true}]")
    built(tmp_path, "[{stage: language, paragraphs: true, min_score: 0.5}]")
    assert len(passes) == 3


CUSTOM = '''
"""A stage of one's own."""
from typing import Literal
from corpus.stages import DocumentStage

class Same(DocumentStage):
    """Change nothing."""
    stage: Literal["same"] = "same"

    def apply(self, documents):
        """Return the documents."""
        return documents
'''


STAGES_BEFORE_OWN = (
    "{stage: language, drop: [fr]}, {stage: filter, columns: {language: [en, de], "
    "language_score: {min: 0.5}}, words: {min: 18}}"
)


def built_with_own_stage(folder, stages: str, more: str = ""):
    """Return a build in which the document stage `same` follows these stages."""
    folder.mkdir(exist_ok=True)
    (folder / "own.py").write_text(CUSTOM, encoding="utf-8")
    return built(folder, f"[{stages}, {{use: 'own:Same'}}, deduplicate]", more=more)


def test_a_document_stage_behind_a_threshold_stage_changes_nothing_else(tmp_path):
    """Threshold stages remove the same documents, whatever stage follows them."""
    later = built(tmp_path / "later", f"[{STAGES_BEFORE_OWN}, deduplicate]")
    now = built_with_own_stage(tmp_path / "now", STAGES_BEFORE_OWN)
    assert documents(later) == documents(now)
    assert removals(later) == removals(now)
    assert Counter(removals(later).values())["language", "other_language"] == 1
    assert any(stage == "filter" for stage, _ in removals(later).values())


def test_a_document_stage_behind_a_threshold_stage_loses_no_measurement(tmp_path, monkeypatch):
    """Signals, metrics and the cache of a threshold stage do not depend on what follows it."""
    quality = (
        "language, {stage: quality, gopher: true, rules: {gopher.words: {min: 5}, "
        "gopher.stop_words: {min: 0}}}"
    )
    made = built_with_own_stage(tmp_path, quality, "output: {signals: true}\n")

    (stage,) = (each for each in made.manifest["stages"] if each["stage"] == "quality")
    assert stage["metrics"]["english_rules"]["gopher"]["documents"] == {"de": 2, "fr": 1}
    assert all(row["quality_words"] >= 5 for row in documents(made))
    passes = count_passes(monkeypatch)
    built_with_own_stage(tmp_path, quality.replace("min: 5", "min: 6"))
    assert passes == []


def test_a_removed_document_affects_no_column(tmp_path):
    """Columns without a value in a kept document are left out, and types are those of kept ones."""
    made = built(tmp_path, "[{stage: language, keep: [en]}]")
    columns = {column["name"]: column["type"] for column in made.manifest["columns"]}
    assert "only_german" not in columns
    assert columns["views"] == "int64"
    assert documents(made)[0]["views"] == 0


def test_stages_read_the_columns_that_earlier_ones_decide(tmp_path):
    """A later filter, a stratified split and folders by language use the decided language."""
    rows = [{"id": f"{n}", "text": f"{text} {n}."} for n in range(40) for text in (GERMAN, FRENCH)]
    rows = [row | {"id": f"{i}"} for i, row in enumerate(rows)]
    made = built(
        tmp_path,
        "[language, {stage: split, test: 0.5, stratify: [language], leakage_threshold: null}]",
        rows,
        "output: {configs: language}\n",
    )
    counts = Counter(
        (path.parent.name, path.name.partition("-")[0])
        for path in (made.path / "data").rglob("*.parquet")
        for _ in range(pq.read_metadata(path).num_rows)
    )
    assert counts == {(language, split): 20 for language in ["de", "fr"] for split in ("train", "test")}  # fmt: skip # noqa: E501


def test_if_nothing_is_left_the_message_counts_what_the_stages_removed(tmp_path):
    """Documents that a threshold stage removes are listed by stage and reason."""
    with pytest.raises(InputError, match="language: other_language: 15"):
        built(tmp_path, "[{stage: language, keep: [ja]}, deduplicate]")


def test_signals_become_columns_if_asked(tmp_path, monkeypatch):
    """What stages measured is written beside the text, without reading it again, and described."""
    stages = "[{stage: filter, words: {min: 5}, characters: {min: 9}}, deduplicate]"
    plain = documents(built(tmp_path, stages))
    passes = count_passes(monkeypatch)
    made = built(tmp_path, stages, more="output: {signals: true}\n")
    assert passes == []
    for before, row in zip(plain, documents(made), strict=True):
        assert row["word_count"] == len(row["text"].split())
        assert row["character_count"] == len(row["text"])
        assert before.items() <= row.items()
    card = (made.path / "README.md").read_text(encoding="utf-8")
    assert "number of words" in card


def test_a_signal_does_not_replace_a_column_of_the_source(tmp_path):
    """A column of the same name is kept; the signal has a longer name."""
    rows = [row | {"word_count": "mine"} for row in ROWS]
    made = built(tmp_path, "[{stage: filter, words: {min: 5}}]", rows, "output: {signals: true}\n")
    for row in documents(made):
        assert row["word_count"] == "mine"
        assert row["word_count_measured"] == len(row["text"].split())


def test_signals_of_an_earlier_pass_are_kept(tmp_path):
    """A later pass does not lose what was measured before, and replaces what it measures again."""
    first = "{stage: filter, words: {min: 5}, characters: {min: 5}}"
    stages = f"[{first}, deduplicate_lines, {{stage: filter, words: {{min: 6}}}}]"
    made = built(tmp_path, stages, more="output: {signals: true}\n")
    for row in documents(made):
        assert row["word_count"] == len(row["text"].split())
        assert row["character_count"] >= len(row["text"])
        assert not any(name.endswith("_measured") for name in row)


def test_rules_for_a_language_that_no_document_has_stop_the_build(tmp_path):
    """If a stage of the user's own could have filled the language and did not, nothing is built."""
    (tmp_path / "own.py").write_text(CUSTOM, encoding="utf-8")
    stages = "[{use: 'own:Same'}, {stage: quality, gopher: {languages: [en]}}]"
    with pytest.raises(InputError, match="gopher would judge none; put the stage"):
        built(tmp_path, stages)
