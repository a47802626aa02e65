"""How long ago a line says that it was: in whole days, and nothing where it does not say so."""

from __future__ import annotations

import pytest

from corpus.articles.metadata.ago import before


@pytest.mark.parametrize(
    ("line", "days"),
    [
        ("3 hours ago", 0),
        ("Updated 2 days ago", 2),
        ("a week ago", 7),
        ("vor 14 Minuten", 0),
        ("vor 3 Tagen", 3),
        ("il y a 2 jours", 2),
        ("hace 1 día", 1),
        ("2 giorni fa", 2),
        ("2 dni temu", 2),
        ("3 дня назад", 3),
        ("2 gün önce", 2),
        ("3日前", 3),
        ("2天前", 2),
        ("5시간 전", 0),
        ("Heute, 7.57 Uhr", 0),
        ("Yesterday at 9:41", 1),
        ("In 3 days", None),
        ("3 days", None),
        ("900 days ago", None),
        ("Today's paper and 3 others to read on the way to your work in town", None),
        ("", None),
    ],
)
def test_an_age_is_read_in_many_languages(line, days):
    """Hours are today, weeks are seven days, and what is no age says nothing."""
    found = before(line)
    assert (None if found is None else found.days) == days
