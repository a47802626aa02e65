"""Explain: the story of a document, and what it says where there is none to tell."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import corpus
from corpus.auditing.explain import explain as explaining
from corpus.auditing.explain.side_by_side import MOST_LINES, side_by_side
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
"""A stage that changes texts behind a decision on the corpus."""

from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from corpus.documents import TEXT, column
from corpus.stages import DocumentStage


class Shout(DocumentStage):
    """Write in capitals."""

    stage: Literal["shout"] = "shout"

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Do it."""
        return column(documents, TEXT, pc.utf8_upper(documents.column(TEXT)), pa.large_string())
'''


def explain(build: Path, id: str, **options: object) -> str:
    """Tell the story of a document with the config that lies beside the build, as its owner can."""
    config = build.parents[1] / "stories.yaml"
    try:
        own = corpus.load_config(config) if config.is_file() else None
    except ConfigError:
        own = None
    return explaining.explain(build, id, config=own, **options)


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    """Build a small corpus once, and return its project's folder."""
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
    told = json.loads(run.read_text(encoding="utf-8")) | {"config": str(copy / "stories.yaml")}
    run.write_text(json.dumps(told), encoding="utf-8")
    return copy


@pytest.fixture
def built(project) -> Path:
    """Return the build of that project."""
    return project / "build" / "stories"


def test_a_kept_document_is_followed_to_its_shard(built):
    """Each stage says what it did, and the end is the file it is in."""
    told = explain(built, "mill")

    assert told.splitlines()[:2] == ["mill", "  from wire.jsonl"]
    assert f"read: record 3, {len(MILL)} characters of text" in told
    assert "filter: the text stays as it is" in told
    assert f"shout: {len(MILL)} characters become {len(MILL)} characters" in told
    assert "kept: split train" in told
    assert "give another text" not in told
    assert "    + 'THE MILL GRINDS" in told
    assert "    - 'The mill grinds" in told


def test_a_kept_document_names_those_that_went_for_its_sake(built):
    """What was removed in favour of a document is told with it."""
    told = explain(built, "harbour")

    assert "for its sake 'harbour-copy' went: deduplicate, near_duplicate, score 0." in told


def test_a_duplicate_is_shown_beside_its_original(built):
    """Why it went is there to be seen: both texts, and the score."""
    told = explain(built, "harbour-copy", columns=90)

    assert "removed by deduplicate: near_duplicate, evidence 'harbour', score 0." in told
    assert "settings: threshold=0.8, keep='longest'" in told
    assert " = Nobody was hurt" in told
    assert "[-today.-]" in told
    assert "{+on Monday.+}" in told
    assert "~ The harbour master closed" in told
    assert max(map(width, told.splitlines()[-10:])) <= 90


def test_a_filtered_document_names_the_reason(built):
    """What a stage removed is told with the reason and its meaning."""
    told = explain(built, "short")

    assert "filter: removed, " in told
    assert "removed by filter: " in told
    assert "shout" not in told


def test_an_empty_record_is_told(built):
    """A text of nothing but spaces is removed before any stage."""
    told = explain(built, "blank")

    assert "removed by read: empty" in told
    assert "filter:" not in told


def test_the_beginning_of_an_id_is_enough(built):
    """An id is as long as it must be to be the only one."""
    assert explain(built, "mil") == explain(built, "mill")
    with pytest.raises(ConfigError, match=r"'harb': 2 ids begin so: harbour, harbour-copy; give"):
        explain(built, "harb")
    assert explain(built, "harbour").startswith("harbour\n")


def test_an_unknown_id_is_told_with_what_may_be_meant(built):
    """A typo is met with the nearest id."""
    with pytest.raises(ConfigError, match=r"no document 'mlil' in .*; did you mean 'mill'\?"):
        explain(built, "mlil")
    with pytest.raises(ConfigError, match=r"no document 'qqq' in .*ledger/rejected.parquet"):
        explain(built, "qqq")


def test_a_hash_is_an_id_too(built):
    """A record without an id of its own is found again by what it says."""
    shard = next(built.glob("data/*.parquet"))
    ids = {row["source"]: row["id"] for row in pq.read_table(shard).to_pylist()}

    told = explain(built, ids["note.txt"][:8])

    assert f"{ids['note.txt']}\n  from note.txt" in told
    assert "shout: " in told


def test_a_source_that_is_gone_is_told(project, built):
    """Without the source the build still tells what it knows."""
    (project / "in" / "wire.jsonl").unlink()

    told = explain(built, "mill")

    assert "the source cannot be read again: wire.jsonl: no longer there" in told
    assert "kept: split train" in told


def test_a_source_that_has_changed_is_told(project, built):
    """A changed file still tells of the records that are left in it."""
    wire = project / "in" / "wire.jsonl"
    lines = wire.read_text(encoding="utf-8").splitlines()
    wire.write_text("\n".join(reversed(lines[:-2])), encoding="utf-8")

    assert "the file has changed since the build; this record is still in it" in explain(
        built, "mill"
    )
    assert "wire.jsonl: has changed, and no longer holds this record" in explain(built, "short")

    changed = [line.replace("The mill grinds", "The windmill grinds") for line in lines]
    wire.write_text("\n".join(changed), encoding="utf-8")
    assert "the stages give another text than the build has" in explain(built, "mill")


def test_two_sources_may_have_files_of_one_name(tmp_path):
    """The record is looked for in each of them."""
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        record = {"id": f"{folder}1", "text": f"The {folder} mill grinds again, says its miller."}
        (tmp_path / folder / "x.jsonl").write_text(json.dumps(record) + "\n")
    config = tmp_path / "c.yaml"
    config.write_text(
        "name: c\nsources: [{path: a/*.jsonl}, {path: b/*.jsonl}]\nstages: [{stage: clean}]\n"
    )
    made = corpus.build(corpus.load_config(config), engine=Serial()).path

    for id in ("a1", "b1"):
        assert "kept: split train" in (told := explaining.explain(made, id))
        assert f"read: record 1, {len('The a mill grinds again, says its miller.')}" in told


def test_a_config_that_has_lost_its_stage_is_told(project, built):
    """A stage of one's own that is gone stops the retelling, not the story."""
    (project / "my_stages.py").unlink()

    told = explain(built, "mill")

    assert "no code that a build names is run" in told
    assert "kept: split train" in told


def test_the_source_can_be_left_alone(project, built):
    """Asked not to, nothing but the build is read."""
    shutil.rmtree(project / "in")

    assert "kept: split train" in explain(built, "mill", source=False)
    assert "cannot be read" not in explain(built, "mill", source=False)


def test_where_there_is_no_build_it_says_so(tmp_path):
    """A folder without a manifest is no build."""
    with pytest.raises(InputError, match="there is no build here"):
        explain(tmp_path, "x")


def test_a_damaged_build_is_told(built):
    """A shard that cannot be read is named, with what to do."""
    next(built.glob("data/*.parquet")).write_bytes(b"nothing")

    with pytest.raises(InputError, match=r"parquet: cannot be read .*`corpus verify .* says what"):
        explain(built, "mill")


# --- two texts beside each other


def test_equal_sentences_stand_beside_each_other():
    """`=` joins what is equal, `~` what is not."""
    lines = side_by_side("One is here. Two is here.", "One is here. Three is there.", columns=43)

    assert lines == [
        "One is here.         = One is here.",
        "Two is here.         ~ Three is there.",
    ]


def test_wide_characters_keep_the_columns():
    """A Chinese character takes two columns; the signs stay in line."""
    lines = side_by_side("委员会将于星期四再次开会，讨论明年的预算。" * 2, "x", columns=43)

    assert len(lines) > 2
    assert {width(line[: line.index("~")]) for line in lines if "~" in line} == {21}


def test_long_texts_are_cut():
    """Nobody reads four thousand lines beside each other."""
    lines = side_by_side("a. " * 500, "b. " * 500)

    assert len(lines) == MOST_LINES + 1
    assert lines[-1].startswith("... and ")


def test_texts_cannot_command_the_terminal():
    """A text is shown, never obeyed."""
    assert "\x1b" not in "\n".join(side_by_side("\x1b[2Jx.", "y\x9b."))


def test_no_code_that_a_build_names_is_run(built):
    """Without the config, a stage of somebody's own stops the retelling, not the story."""
    told = explaining.explain(built, "mill")

    assert "no code that a build names is run" in told
    assert "kept: split train" in told


def test_of_html_each_visible_line_has_its_chance(tmp_path):
    """With trafilatura the model has judged every visible line: each is told with its chance."""
    from tests.articles.pages import HTML, PARAGRAPHS

    (tmp_path / "in").mkdir()
    row = json.dumps({"id": "page", "text": HTML})
    (tmp_path / "in" / "web.jsonl").write_text(row, encoding="utf-8")
    (tmp_path / "c.yaml").write_text(
        "name: c\nsources: [{path: in/*.jsonl, content: html}]\nstages: [{stage: clean}]\n",
        encoding="utf-8",
    )
    made = corpus.build(corpus.load_config(tmp_path / "c.yaml"), engine=Serial())
    told = explaining.explain(made.path, "page").splitlines()
    rows = [line for line in told if re.match(r"    [ -] (body|boilerplate) +[01]\.\d\d", line)]
    assert [row[4] for row in rows].count(" ") == len(PARAGRAPHS)
    assert any(row.startswith("    - boilerplate") and "'Home'" in row for row in rows)
    assert not any("<" in line for line in told)


def test_of_html_the_visible_lines_are_told(tmp_path):
    """Where an engine takes lines away it is shown which visible ones went, and not the markup."""
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
    made = corpus.build(corpus.load_config(tmp_path / "c.yaml"), engine=Serial())
    article, no_article, too_deep = (
        explaining.explain(made.path, f"page-{i}") for i in range(len(pages))
    )

    assert "the engine took lines before they had a chance" in article
    assert "    - 'Home'" in article
    assert f"    {1 + len(PARAGRAPHS)} lines as before" in article  # and the headline
    assert "clean: removed, no_article" in no_article
    assert "    - 'Sport'" in no_article
    assert not any("<" in line for told in (article, no_article) for line in told.splitlines())
    assert "clean: removed, bad_html" in too_deep
    assert "visible" not in too_deep


def test_each_line_of_a_page_is_told(tmp_path):
    """A page is shown line by line: what each is taken for, how likely it is the article, why."""
    from tests.articles.pages import PAGE, PARAGRAPHS

    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "one.txt").write_text(PAGE, encoding="utf-8")
    (tmp_path / "c.yaml").write_text(
        "name: c\nsources: [{path: in/*.txt}]\nstages: [clean]\n", encoding="utf-8"
    )
    made = corpus.build(corpus.load_config(tmp_path / "c.yaml"), engine=Serial())
    (row,) = pq.read_table(next(made.path.glob("data/*.parquet"))).to_pylist()
    told = explaining.explain(made.path, row["id"]).splitlines()

    lines = [line.strip() for line in PAGE.split("\n") if line.strip()]
    assert f"    {len(PARAGRAPHS)} of {len(lines)} lines stay; each with its chance" in "\n".join(
        told
    )
    assert sum(" body " in line and " likely " in line for line in told) == len(PARAGRAPHS)
    shown_ = [line for line in told if " unlikely " in line or " likely " in line]
    assert len(shown_) == len(lines)
    for line, said in zip(lines, shown_, strict=True):
        assert line[:30] in said
