"""An explanation follows a document through the stages, and says what it cannot show."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import corpus
from corpus.auditing.explain import explain as explain_module
from corpus.auditing.explain.explain import Explanation
from corpus.auditing.explain.side_by_side import MAX_SIDE_BY_SIDE_LINES, side_by_side
from corpus.errors import ConfigError, InputError
from corpus.pipeline.engine import Serial
from corpus.terminal import width

HARBOUR = (
    "The harbour master closed the northern channel on Monday. Ice had carried away two buoys. "
    "Boats will have to go round by the lighthouse until a diver has looked at the chains. "
    "Nobody was hurt, and the ferry sails as planned. The buoys were found on the beach of Hallby, "
    "where children had tied a swing to one of them. They may keep it, said the harbour master, "
    "because the new ones are already on their way and cost less than a lorry to fetch the old."
)
MILL = (
    "The mill grinds again after forty years. Its new owner found the stones under a heap of sand. "
    "On Saturday there was bread for everybody who had carried a bucket. Schools may visit in June."
)
LONG = " ".join(
    f"Paragraph {i} of the long report says nothing that the others say." for i in range(40)
)

RECORDS = [
    {"id": "harbour", "text": HARBOUR, "title": "Channel closed"},
    {"id": "harbour-copy", "text": HARBOUR.replace("on Monday", "today")},
    {"id": "mill", "text": MILL},
    {"id": "long", "text": LONG},
    {"id": "short", "text": "Too short."},
    {"id": "blank", "text": "   "},
]

CONFIG = """
name: stories
sources:
  - path: in/*.jsonl
  - path: in/*.txt
    content: text
stages:
  - stage: filter
    words: {min: 5}
  - stage: deduplicate
  - use: my_stages:Shout
card: {}
"""

OWN = '''
"""A stage that changes texts after a decision about the corpus."""

from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from corpus.documents import TEXT, column
from corpus.stages import DocumentStage


class Shout(DocumentStage):
    """Convert texts to upper case."""

    stage: Literal["shout"] = "shout"

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Return the documents in upper case."""
        return column(documents, TEXT, pc.utf8_upper(documents.column(TEXT)), pa.large_string())
'''


def explain(build: Path, id: str, **options: object) -> str:
    """Explain a document with the config next to the build, as its owner can."""
    config = build.parents[1] / "stories.yaml"
    try:
        own = corpus.load_config(config) if config.is_file() else None
    except ConfigError:
        own = None
    return str(explain_module.explain(build, id, config=own, **options))


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    """Build a small corpus once; return the folder of its project."""
    project = tmp_path_factory.mktemp("stories")
    (project / "in").mkdir()
    lines = [json.dumps(record) for record in RECORDS]
    (project / "in" / "wire.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (project / "in" / "more.jsonl").write_text(json.dumps({"text": LONG[::-1]}), encoding="utf-8")
    (project / "in" / "note.txt").write_text(MILL.replace("Saturday", "Sunday"), encoding="utf-8")
    (project / "my_stages.py").write_text(OWN, encoding="utf-8")
    (project / "stories.yaml").write_text(CONFIG, encoding="utf-8")
    corpus.build(corpus.load_config(project / "stories.yaml"), engine=Serial())
    return project


@pytest.fixture
def project(finished, tmp_path, monkeypatch) -> Path:
    """Return a copy of the project that a test may change."""
    copy = tmp_path / "copy"
    shutil.copytree(finished, copy)
    run = copy / "build" / "stories" / "run.json"
    content = json.loads(run.read_text(encoding="utf-8")) | {"config": str(copy / "stories.yaml")}
    run.write_text(json.dumps(content), encoding="utf-8")
    return copy


@pytest.fixture
def built(project) -> Path:
    """Return the build of that project."""
    return project / "build" / "stories"


def test_a_kept_document_is_followed_to_its_shard(built):
    """The explanation has what each stage did, and ends with the file of the document."""
    text = explain(built, "mill")

    assert text.splitlines()[:2] == ["mill", "  from wire.jsonl"]
    assert f"read: record 3 (text), {len(MILL)} characters" in text
    assert "filter: text unchanged" in text
    assert f"shout: text changed, {len(MILL)} characters -> {len(MILL)} characters" in text
    assert "kept: split train" in text
    assert "give a different text" not in text
    assert "    + 'THE MILL GRINDS" in text
    assert "    - 'The mill grinds" in text


def test_a_kept_document_lists_those_removed_because_of_it(built):
    """The explanation of a kept document lists the documents removed because of it."""
    text = explain(built, "harbour")

    assert "removed because of it: 'harbour-copy' (deduplicate, near_duplicate, score 0." in text


def test_a_duplicate_is_shown_next_to_its_original(built):
    """A duplicate is explained with both texts, and the score."""
    text = explain(built, "harbour-copy", columns=90)

    assert "removed by deduplicate: near_duplicate, evidence 'harbour', score 0." in text
    assert "settings: threshold=0.8, keep='longest'" in text
    assert " = Nobody was hurt" in text
    assert "[-today.-]" in text
    assert "{+on Monday.+}" in text
    assert "~ The harbour master closed" in text
    assert max(map(width, text.splitlines()[-10:])) <= 90


def test_a_filtered_document_names_the_reason(built):
    """A removed document is explained with the stage and the reason, and ends there."""
    text = explain(built, "short")

    assert "filter: removed, " in text
    assert "removed by filter: " in text
    assert "shout" not in text


def test_an_empty_record_is_explained(built):
    """A text of only spaces is removed before any stage."""
    text = explain(built, "blank")

    assert "removed by read: empty" in text
    assert "filter:" not in text


def test_the_beginning_of_an_id_is_enough(built):
    """The beginning of an id selects a document if it is unique."""
    assert explain(built, "mil") == explain(built, "mill")
    with pytest.raises(
        ConfigError, match=r"'harb': 2 ids begin with it: harbour, harbour-copy; give"
    ):
        explain(built, "harb")
    assert explain(built, "harbour").startswith("harbour\n")


def test_an_unknown_id_gets_a_suggestion(built):
    """The error for an unknown id names the closest id."""
    with pytest.raises(ConfigError, match=r"no document 'mlil' in .*; did you mean 'mill'\?"):
        explain(built, "mlil")
    with pytest.raises(ConfigError, match=r"no document 'qqq' in .*ledger/rejected.parquet"):
        explain(built, "qqq")


def test_a_record_without_an_id_is_found_by_its_hash(built):
    """A record without an id of its own is found again by its hash."""
    shard = next(built.glob("data/*.parquet"))
    ids = {row["source"]: row["id"] for row in pq.read_table(shard).to_pylist()}

    text = explain(built, ids["note.txt"][:8])

    assert f"{ids['note.txt']}\n  from note.txt" in text
    assert "shout: " in text


def test_a_missing_source_is_reported(project, built):
    """Without the source, the explanation has what the build records."""
    (project / "in" / "wire.jsonl").unlink()

    text = explain(built, "mill")

    assert "the source cannot be read again: wire.jsonl: this file no longer exists" in text
    assert "kept: split train" in text


def test_a_changed_source_is_reported(project, built):
    """Records that are still in a changed file are explained; all others are reported."""
    wire = project / "in" / "wire.jsonl"
    lines = wire.read_text(encoding="utf-8").splitlines()
    wire.write_text("\n".join(reversed(lines[:-2])), encoding="utf-8")

    assert "the file has changed since the build; this record is still in it" in explain(
        built, "mill"
    )
    assert "wire.jsonl: has changed, and no longer has this record" in explain(built, "short")

    changed = [line.replace("The mill grinds", "The windmill grinds") for line in lines]
    wire.write_text("\n".join(changed), encoding="utf-8")
    assert "replaying the stages gives a different text" in explain(built, "mill")


def test_two_sources_may_have_files_of_one_name(tmp_path):
    """The record is searched in every source that has a file of that name."""
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        record = {"id": f"{folder}1", "text": f"The {folder} mill grinds again, says its miller."}
        (tmp_path / folder / "x.jsonl").write_text(json.dumps(record) + "\n")
    config = tmp_path / "c.yaml"
    config.write_text(
        "name: c\nsources: [{path: a/*.jsonl}, {path: b/*.jsonl}]\nstages: [{stage: clean}]\n"
    )
    built = corpus.build(corpus.load_config(config), engine=Serial()).path

    for id in ("a1", "b1"):
        text = str(explain_module.explain(built, id))
        assert "kept: split train" in text
        assert f"read: record 1 (text), {len('The a mill grinds again, says its miller.')}" in text


def test_a_missing_custom_stage_only_stops_the_replay(project, built):
    """If a custom stage is missing, the explanation has what the build records."""
    (project / "my_stages.py").unlink()

    text = explain(built, "mill")

    assert "whose code is run only if you name the config" in text
    assert "kept: split train" in text


def test_without_source_only_the_build_is_read(project, built):
    """With `source=False`, nothing but the build is read."""
    shutil.rmtree(project / "in")

    assert "kept: split train" in explain(built, "mill", source=False)
    assert "cannot be read" not in explain(built, "mill", source=False)


def test_a_folder_without_a_build_is_an_error(tmp_path):
    """A folder without a manifest is not a build."""
    with pytest.raises(InputError, match="not a build of corpus"):
        explain(tmp_path, "x")


def test_a_damaged_build_is_an_error(built):
    """A shard that cannot be read is named, with what to do."""
    next(built.glob("data/*.parquet")).write_bytes(b"nothing")

    with pytest.raises(InputError, match=r"parquet: unreadable .*`corpus verify "):
        explain(built, "mill")


def test_an_explanation_is_text_with_a_short_repr(built):
    """An explanation prints as text, with a short repr, and is escaped in a notebook."""
    explanation = explain_module.explain(built, "mill", source=False)
    assert isinstance(explanation, Explanation)
    assert (explanation.id, explanation.path.parent) == ("mill", built / "data")
    assert str(explanation).split("\n") == list(explanation.lines)
    assert repr(explanation) == f"<Explanation mill: {explanation.path}>"
    hostile = Explanation("x", built, ("<script>", "\u202e"))
    assert hostile._repr_html_() == "<pre>&lt;script&gt;\n⟨U+202E⟩</pre>"


# --- two texts side by side


def test_equal_sentences_are_aligned():
    """`=` joins equal sentences, `~` all others."""
    lines = side_by_side("One is here. Two is here.", "One is here. Three is there.", columns=43)

    assert lines == [
        "One is here.         = One is here.",
        "Two is here.         ~ Three is there.",
    ]


def test_wide_characters_keep_the_columns():
    """A Chinese character takes two columns, and the signs stay aligned."""
    lines = side_by_side("委员会将于星期四再次开会，讨论明年的预算。" * 2, "x", columns=43)

    assert len(lines) > 2
    assert {width(line[: line.index("~")]) for line in lines if "~" in line} == {21}


def test_long_texts_are_truncated():
    """Only the first lines of long texts are shown side by side."""
    lines = side_by_side("a. " * 500, "b. " * 500)

    assert len(lines) == MAX_SIDE_BY_SIDE_LINES + 1
    assert lines[-1].startswith("... and ")


def test_texts_cannot_control_the_terminal():
    """Escape sequences in a text are spelled out."""
    assert "\x1b" not in "\n".join(side_by_side("\x1b[2Jx.", "y\x9b."))


def test_no_code_that_a_build_names_is_run(built):
    """Without the config, a custom stage stops the replay, and its code is not run."""
    text = str(explain_module.explain(built, "mill"))

    assert "whose code is run only if you name the config" in text
    assert "kept: split train" in text


def test_each_visible_line_of_html_has_its_probability(tmp_path):
    """The block model scores every visible block, and each is listed."""
    from tests.articles.pages import HTML, PARAGRAPHS

    (tmp_path / "in").mkdir()
    row = json.dumps({"id": "page", "text": HTML})
    (tmp_path / "in" / "web.jsonl").write_text(row, encoding="utf-8")
    (tmp_path / "c.yaml").write_text(
        "name: c\nsources: [{path: in/*.jsonl, content: html}]\nstages: [{stage: clean}]\n",
        encoding="utf-8",
    )
    built = corpus.build(corpus.load_config(tmp_path / "c.yaml"), engine=Serial())
    text = explain_module.explain(built.path, "page").lines
    rows = [line for line in text if re.match(r"    [ -] (body|boilerplate) +[01]\.\d\d", line)]
    assert [row[4] for row in rows].count(" ") == len(PARAGRAPHS)
    assert any(row.startswith("    - boilerplate") and "'Home'" in row for row in rows)
    assert not any("<" in line for line in text)


def test_lines_that_an_html_engine_removes_are_listed(tmp_path):
    """If the engine removes lines unscored, the visible ones are listed, without markup."""
    from tests.articles.pages import HTML, PARAGRAPHS

    (tmp_path / "in").mkdir()
    menu = "<nav><ul><li><a href='/'>Home</a></li><li><a href='/n'>Sport</a></li></ul></nav>"
    pages = [HTML, f"<html><body>{menu}</body></html>", "<div>" * 300]
    rows = [json.dumps({"id": f"page-{i}", "text": page}) for i, page in enumerate(pages)]
    (tmp_path / "in" / "web.jsonl").write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "c.yaml").write_text(
        "name: c\nsources: [{path: in/*.jsonl, content: html}]\n"
        "stages: [{stage: clean, html: {engine: resiliparse}}]\n",
        encoding="utf-8",
    )
    built = corpus.build(corpus.load_config(tmp_path / "c.yaml"), engine=Serial())
    article, no_article, too_deep = (
        str(explain_module.explain(built.path, f"page-{i}")) for i in range(len(pages))
    )

    assert "the HTML extractor does not score the lines" in article
    assert "    - 'Home'" in article
    assert f"    {1 + len(PARAGRAPHS)} lines unchanged" in article  # and the headline
    assert "clean: removed, no_article" in no_article
    assert "    - 'Sport'" in no_article
    assert not any("<" in line for text in (article, no_article) for line in text.splitlines())
    assert "clean: removed, bad_html" in too_deep
    assert "visible" not in too_deep


def test_each_line_of_a_page_is_listed(tmp_path):
    """A page is shown line by line: role, probability, and why each is kept or removed."""
    from tests.articles.pages import PAGE, PARAGRAPHS

    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "one.txt").write_text(PAGE, encoding="utf-8")
    (tmp_path / "c.yaml").write_text(
        "name: c\nsources: [{path: in/*.txt}]\nstages: [clean]\n", encoding="utf-8"
    )
    built = corpus.build(corpus.load_config(tmp_path / "c.yaml"), engine=Serial())
    (row,) = pq.read_table(next(built.path.glob("data/*.parquet"))).to_pylist()
    text = explain_module.explain(built.path, row["id"]).lines

    lines = [line.strip() for line in PAGE.split("\n") if line.strip()]
    heading = f"    {len(PARAGRAPHS)} of {len(lines)} lines kept; role, probability of article text"
    assert heading in "\n".join(text)
    assert sum(" body " in line and " likely " in line for line in text) == len(PARAGRAPHS)
    listed = [line for line in text if " unlikely " in line or " likely " in line]
    assert len(listed) == len(lines)
    for line, row in zip(lines, listed, strict=True):
        assert line[:30] in row


def test_a_line_of_full_stops_is_one_sentence():
    """The end of a sentence is searched for once in a run of signs that may be one."""
    rows = list(side_by_side("." * 200_000 + "x", "y", columns=80))
    assert any("y" in row for row in rows)
