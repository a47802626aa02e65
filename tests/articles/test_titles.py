"""Titles that a dump or a feed gives, with the name of the site behind them."""

from __future__ import annotations

import pytest

from corpus.articles.titles import without_site


@pytest.mark.parametrize(
    ("title", "headline", "shorter"),
    [
        ("Bridge to close | Harbour Post", "Bridge to close", "Bridge to close"),
        ("Bridge to close - Harbour Post", "Bridge to close", "Bridge to close"),
        ("Bridge to close — for a year", None, "Bridge to close — for a year"),
        ("Bridge to close - Harbour Post", "Ferry sails", "Bridge to close - Harbour Post"),
        ("Bridge to close again", "Bridge to close", "Bridge to close again"),
        ("Bridge to close", "Bridge to close", "Bridge to close"),
        ("Bridge | " + "x" * 80, "Bridge", "Bridge | " + "x" * 80),
    ],
)
def test_a_site_goes_where_the_page_has_the_title_without_it(title, headline, shorter):
    """Only the page's own headline says where a title ends and its site begins."""
    assert without_site(title, headline) == shorter
