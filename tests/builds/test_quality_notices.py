"""Notices of a build about quality rules that do not fit the languages of its documents."""

from __future__ import annotations

import pytest

from corpus.builds.quality_notices import quality_notices
from corpus.builds.summary import notices


def manifest(metrics: dict[str, object], **settings) -> dict[str, object]:
    """Return the part of a manifest that has the stage `quality`."""
    return {"stages": [{"stage": "quality", "metrics": metrics, **settings}]}


@pytest.mark.parametrize(
    ("setting", "remedy"),
    [
        (True, "gopher: {languages: [en]}"),
        ("dolma", "gopher: {variant: dolma, languages: [en]}"),
        (
            {"variant": "paper", "languages": ["de"]},
            "gopher: {variant: paper, languages: [en]}",
        ),
    ],
)
def test_rules_for_english_name_the_languages_they_met_and_the_remedy(setting, remedy):
    """The notice has the documents by language, those removed, and the setting that keeps them."""
    row = {"documents": {"de": 12, "fr": 1}, "removed": 9}

    (text,) = quality_notices(manifest({"english_rules": {"gopher": row}}, gopher=setting))

    assert text == (
        "the rules of gopher for English judged 13 documents in other languages (12 de, 1 fr) and "
        f"removed 9; to keep other languages from these rules, set {remedy}"
    )


def test_sets_that_judged_the_same_documents_share_a_notice():
    """The documents are named once, then what each set removed, and one remedy for all."""
    both, one = {"de": 12, "fr": 1}, {"de": 12}
    rows = {
        "c4": {"documents": both, "removed": 9},
        "gopher": {"documents": one, "removed": 2},
        "dclm": {"documents": both, "removed": 0},
    }

    texts = list(quality_notices(manifest({"english_rules": rows}, c4="any_end", dclm=True)))

    first = (
        "rules for English judged 13 documents in other languages (12 de, 1 fr): c4 removed 9, "
        "dclm removed 0; to keep other languages from these rules, set "
        "c4: {variant: any_end, languages: [en]}, dclm: {languages: [en]}"
    )
    second = (
        "the rules of gopher for English judged 12 documents in other languages (12 de) and "
        "removed 2; to keep other languages from these rules, set gopher: {languages: [en]}"
    )
    assert texts == [first, second]


def test_languages_without_bounds_are_named():
    """The notice says that documents in languages without bounds were kept, unjudged."""
    (text,) = quality_notices(manifest({"fineweb2_no_bounds": {"ja": 1}}))

    assert text.startswith("fineweb2 has no published bounds for 1 document in another language")


def test_builds_without_such_documents_have_no_notice():
    """There is no notice if every document is in English, and none without the stage."""
    row = {"documents": {}, "removed": 0}
    metrics = {"english_rules": {"gopher": row}, "fineweb2_no_bounds": {}}

    assert list(quality_notices(manifest(metrics, gopher=True))) == []
    assert list(quality_notices({"stages": [{"stage": "clean", "metrics": {}}]})) == []


def test_the_summary_of_a_build_has_the_notices():
    """The summary shows the notices under the subject `quality`."""
    build = manifest({"fineweb2_no_bounds": {"ja": 2}}) | {"inputs": [], "columns": []}

    assert [subject for subject, _ in notices(build)] == ["quality"]
