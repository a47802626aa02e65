"""Tests of names that other people give to our columns."""

from __future__ import annotations

import pytest
import yaml

from corpus.sources.columns.synonyms import (
    SYNONYMS,
    candidates,
    columns_setting,
    nearest,
    normalised,
)


@pytest.mark.parametrize(
    ("column", "names", "expected"),
    [
        ("text", ["title", "body", "content"], ["body", "content"]),
        ("text", ["text_raw", "Article Text", "TEXT"], ["TEXT", "Article Text"]),
        ("date", ["pubDate", "published_at", "date"], ["date", "published_at", "pubDate"]),
        ("date", ["datePublished", "meta.date"], ["meta.date", "datePublished"]),
        ("publisher", ["source.name", "author.name"], ["source.name"]),
        ("id", ["_id", "ids"], ["_id"]),
        ("url", ["n"], []),
    ],
)
def test_candidates_are_ordered_by_likelihood(column, names, expected):
    """A name is compared in lower case, without separators, and without its parents."""
    assert candidates(column, names) == expected


@pytest.mark.parametrize(
    ("wanted", "names", "expected"),
    [
        ("boddy", ["title", "body"], "body"),
        ("text", ["title", "maintext", "n"], "maintext"),
        ("text", ["boddy", "n"], "boddy"),
        ("text", ["n", "m"], None),
        ("text", [], None),
    ],
)
def test_the_nearest_name_is_spelled_or_means_alike(wanted, names, expected):
    """Spelling comes first, then meaning, then a misspelled meaning."""
    assert nearest("text", wanted, names) == expected


def test_synonyms_are_normalised_and_unique():
    """Each synonym is written as names are compared, and stands once in its list."""
    for synonyms in SYNONYMS.values():
        assert len(set(synonyms)) == len(synonyms)
        assert [normalised(name) for name in synonyms] == list(synonyms)


@pytest.mark.parametrize(
    "name", ["body", "a: b", "# x", "{", "a\nb", "no", "é", "😀\n\x7f\u202e", "a, b", "]"]
)
def test_the_setting_to_paste_is_valid_yaml(name):
    """Whatever a column is called, the proposed setting says the same when it is read."""
    setting = columns_setting({"text": name})

    assert "\n" not in setting
    assert yaml.safe_load(setting) == {"columns": {"text": name}}
