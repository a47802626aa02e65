"""Small pages of text: section fronts, missing pages, print versions, articles cut by a paywall."""

from __future__ import annotations

import pytest

from corpus.articles.lines.extraction import lines
from tests.articles.pages import PARAGRAPHS

FRONTS = {
    "en": """Business
Home  Business  Weather  Shipping

New owner for the paper mill at Hollin Weir
5 hours ago

Show more

The day's stories from the valley, by mail at noon
Your address
Subscribe

© The Hollin Gazette
Terms  Privacy  Contact""",
    "de": """Start  Region  Kultur
Kultur

Die alte Orgel klingt wieder
vor 4 Stunden
Drei Chöre, ein Abend und kein Strom
vor 9 Stunden

Mehr laden

Impressum  Datenschutz
© Weilheimer Bote""",
    "fr": """Accueil  Région  Sport
Page introuvable
Erreur 404

Retour à l'accueil
Rechercher

Mentions légales  Confidentialité
© Le Courrier des Vallons""",
}
TITLE, BYLINE = "Council to repave the market square", "By Ines Halloran 3 March 2023"
BELOW = """Share this page
Print  Email

Most read
1. Heron nests on the roof of the swimming pool
2. Two goats stop the evening train
3. Old lighthouse lamp found in a barn

© The Hollin Gazette
Terms  Privacy  Contact"""


def kept_lines(page: str) -> list[str]:
    """Return the lines of a page that are kept."""
    return [line.text for line in lines(page) if line.kept]


@pytest.mark.parametrize("language", FRONTS)
def test_nothing_of_a_page_without_an_article_is_kept(language: str) -> None:
    """Of headlines, offers and buttons without an article, nothing is kept."""
    assert kept_lines(FRONTS[language]) == []


def test_a_print_version_has_the_text_of_the_page() -> None:
    """The same lines are kept of an article with boilerplate, and of its print version without."""
    article = "\n\n".join([TITLE, BYLINE, *PARAGRAPHS])
    assert kept_lines(article) == kept_lines(f"{article}\n\n{BELOW}")


def test_lists_of_headlines_below_a_paragraph_are_not_kept() -> None:
    """Of the headlines below an article that a paywall cuts, none is kept."""
    offer = "Read on with a subscription\nTry it for 1 euro, then 8 euros a month. Cancel any time."
    page = f"{TITLE}\n{BYLINE}\n\n{PARAGRAPHS[0]}\n\n{offer}\n\n{BELOW}"
    kept = kept_lines(page)
    assert kept[0] == PARAGRAPHS[0]
    assert not {*BELOW.split("\n")} & {*kept}
