"""A column that a config names and no document has is reported: the name may be misspelled."""

from __future__ import annotations

import json

import pytest

import corpus
from corpus.builds.empty_columns import empty_columns_notices
from corpus.builds.summary import notices
from corpus.errors import InputError
from corpus.stages.base import DocumentStage

ROWS = [
    {"id": str(n), "text": "Some words.", "contact": "a@b.example", "views": n, "none": None}
    for n in range(3)
]


def build(folder, *stages, rows=ROWS):
    """Return a build of some documents."""
    (folder / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return corpus.build(
        {
            "name": "c",
            "sources": [{"path": str(folder / "a.jsonl"), "content": "text"}],
            "stages": list(stages),
            "output": {"path": str(folder / "out")},
        },
        jobs=1,
    )


@pytest.mark.parametrize(
    ("stage", "sentence"),
    [
        (
            {"stage": "redact", "columns": ["text", "contcat"]},
            "in the column 'contcat', which redact names; did you mean 'contact'?",
        ),
        (
            {"stage": "redact", "columns": ["text", "mailbox"]},
            "in the column 'mailbox', which redact names; is the name misspelled?",
        ),
        (
            {"stage": "redact", "columns": ["none"]},
            "in the column 'none', which redact names; is the name misspelled?",
        ),
        (
            {"stage": "filter", "without": {"veiws": [1]}},
            "in the column 'veiws', which filter names; did you mean 'views'?",
        ),
        (
            {"stage": "filter", "columns": {"Views": {"min": 1, "missing": "keep"}}},
            "in the column 'Views', which filter names; did you mean 'views'?",
        ),
    ],
)
def test_a_column_that_no_document_has_is_named_with_the_nearest_one(tmp_path, stage, sentence):
    """Summary and audit have the sentence; the build is made, and no document is lost."""
    made = build(tmp_path, stage)

    assert made.manifest["counts"]["kept"] == 3
    (notice,) = empty_columns_notices(made.manifest)
    assert notice == f"no document that is left after reading has a value {sentence}"
    assert ("columns", notice) in list(notices(made.manifest))
    checks = {check["id"]: check for check in made.audit.statistics["checks"]}
    assert (checks["empty_columns"]["status"], checks["empty_columns"]["reason"]) == (
        "warn",
        notice,
    )


@pytest.mark.parametrize(
    "stages",
    [
        [{"stage": "redact"}],  # no document has an author
        [{"stage": "redact", "columns": ["text", "publisher", "contact", "views"]}],
        ["language", {"stage": "filter", "without": {"language_second": ["xx"]}}],
        [{"stage": "filter", "without": {"contact": ["x"]}}],
    ],
)
def test_columns_that_are_there_or_always_ours_are_not_reported(tmp_path, stages):
    """A column of one document is enough, and so is one that every document or a stage has."""
    others = [{k: v for k, v in row.items() if k in ("id", "text")} for row in ROWS[1:]]
    made = build(tmp_path, *stages, rows=[ROWS[0], *others])

    assert not list(empty_columns_notices(made.manifest))
    assert all("empty_columns" not in stage["metrics"] for stage in made.manifest["stages"])


@pytest.mark.parametrize("condition", [["a"], {"min": 3}])
def test_a_filter_by_a_column_that_no_document_has_names_it(tmp_path, condition):
    """It would remove every document: the error says why, not only that nothing is left."""
    with pytest.raises(InputError, match=r"column 'vews' has no (value|number) in any document"):
        build(tmp_path, {"stage": "filter", "columns": {"vews": condition}})


def test_stages_without_named_columns_have_none():
    """A stage of one's own names no columns unless it says so."""

    class Own(DocumentStage):
        stage: str = "own"

        def apply(self, documents):
            return documents

    assert Own().named_columns() == Own().quoted_columns() == Own.quoted_metrics == ()
