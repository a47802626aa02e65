"""Make small synthetic pages, only for training, from articles and posts that are known.

Real pages have much of everything, so a model can do well without learning what one element means.
On a small page, or in an unusual container, it then keeps the comments and the cookie notice. These
pages have one article each, in containers of many kinds, with the boilerplate that people dislike
most: comments, subscriptions, consent, related stories. Articles and posts are of one fold, so no
page is scored by a model that has seen its text.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from article_pages import digest_of
from block_pages import BlockPage, page_of

WEIGHT = 0.25
"""Weight of a synthetic page."""
MIN_PARAGRAPH_WORDS, MIN_POST_WORDS, MAX_POST_WORDS = 12, 6, 60
_CONTAINERS = (
    "article", "article class='story'", "div class='post-content'", "div class='entry-content'",
    "div id='content'", "main", "section class='article-body'", "div", "div class='gx7 x1'",
    "td-story", "aside class='teaser-box'", "div itemprop='articleBody'", "div class='layout-main'",
    "div class='sidebar-layout'", "div id='story'", "body-text",
)  # fmt: skip
_COMMENTS = (
    ("div class='comments-area' id='comments'", "li class='comment'"),
    ("section id='disqus_thread'", "div class='post'"),
    ("div class='comment-list'", "div class='comment-item'"),
    ("section class='user-comments'", "article class='comment'"),
    ("div id='respond-list' class='responses'", "div class='response'"),
    ("section id='CommAnchor'", "details class='CommentBox' open"),
    ("aside class='discussion'", "div class='message'"),
    ("div class='kommentare'", "div class='kommentar'"),
    ("div id='reader-opinions'", "div class='opinion'"),
    ("section", "div class='comment'"),
)
_COMMENT_HEADS = (
    "4 comments", "Comments (12)", "Join the conversation", "What do you think?", "Kommentare",
    "3 Kommentare", "Commentaires", "Comentarios", "Discussion", "Leave a reply", "Reader comments",
)  # fmt: skip
_NAMES = (
    "anna", "tom_b", "reader17", "Maria K.", "user0", "Old Sailor", "jens", "pq", "guest",
    "K. Brandt", "lucia", "fan2000",
)  # fmt: skip
_SUBSCRIBE = (
    ("newsletter-signup", "Sign up for our newsletter", "The best stories of the week in your inbox, free of charge.", "Sign up"),
    ("newsletter", "Never miss a story", "Get our daily briefing by e-mail every morning. You can unsubscribe at any time.", "Subscribe"),
    ("cta-box", "Stay informed", "Enter your e-mail address to receive our weekly update.", "Send"),
    ("nl-teaser", "Newsletter", "Die wichtigsten Nachrichten des Tages kostenlos per E-Mail.", "Jetzt anmelden"),
    ("inscription", "Lettre d'information", "Recevez chaque matin l'essentiel de l'actualité dans votre boîte.", "Je m'inscris"),
    ("boletin", "Boletín", "Reciba cada día las noticias más importantes en su correo.", "Suscribirse"),
    ("promo", "Download our app", "Read everything on the go, with alerts for the topics that you follow.", "Get the app"),
)  # fmt: skip
_PAYWALL = (
    ("paywall", "Continue reading", "To read the whole story, subscribe now for only one pound a month.", "Subscribe now"),
    ("paywall-offer", "This article is for subscribers", "Get unlimited access to all articles. Cancel at any time.", "See offers"),
    ("piano-container", "You have reached your limit", "Register for free or log in to read this article to the end.", "Log in"),
    ("plus-schranke", "Weiterlesen mit Plus", "Testen Sie unser Angebot einen Monat lang für einen Euro.", "Jetzt testen"),
    ("abo", "Article réservé aux abonnés", "Il vous reste 70 % de cet article à lire. La suite est réservée aux abonnés.", "S'abonner"),
    ("regwall", "Create a free account", "Sign in or create an account to keep reading our journalism.", "Create account"),
)  # fmt: skip
_CONSENT = (
    ("id='consent'", "We value your privacy", "We and our partners store and access information on a device, such as cookies, and process personal data such as unique identifiers for personalised advertising and content.", "Accept all"),
    ("class='cookie-banner'", "Cookies", "This website uses cookies to improve your experience. By continuing to browse you agree to our use of cookies.", "I agree"),
    ("class='cmp-overlay'", "Your choices", "With your consent we may use precise location data and identify your device by scanning it. You can change your choices at any time.", "Manage options"),
    ("class='gx7'", "", "We use cookies and similar technologies to measure audiences and to improve our services. You can manage your choices in the settings.", "Accept"),
    ("id='hinweis'", "Ihre Privatsphäre", "Wir und unsere Partner verwenden Cookies, um Inhalte und Anzeigen zu personalisieren und die Zugriffe zu messen.", "Zustimmen"),
    ("role='dialog'", "Vos données", "Nous et nos partenaires utilisons des cookies pour mesurer l'audience et personnaliser la publicité.", "Tout accepter"),
)  # fmt: skip
_RELATED_HEADS = (
    "Read more", "Related stories", "More on this topic", "You may also like", "Lesen Sie auch",
    "À lire aussi", "Le puede interesar", "Most read", "Recommended", "Read also", "See also",
)  # fmt: skip
_RELATED = (
    "div class='related'", "aside class='read-more'", "div class='inline-links'", "ul class='more'",
    "div class='teaser-list'", "section class='recommended'", "div class='box'", "aside",
)  # fmt: skip
_MENU = "Home News Sport Politics Culture Weather Business Video Opinion Contact About".split()
_FOOTERS = (
    "© 2024 The Daily Example. All rights reserved.", "Copyright Example Media Group.",
    "Imprint", "Privacy policy", "Terms of use", "All rights reserved.",
)  # fmt: skip


class Maker:
    """Makes pages with the draws of one random number generator."""

    def __init__(self, seed: int, posts: Sequence[str], titles: Sequence[str]) -> None:
        self.draws = np.random.default_rng(seed)
        self.posts, self.titles = posts, titles

    def one(self, choices: Sequence[Any]) -> Any:
        """Return one of several things."""
        return choices[int(self.draws.integers(len(choices)))]

    def happens(self, share: float) -> bool:
        """Return true in a share of cases."""
        return bool(self.draws.random() < share)

    def wrapped(self, inner: str, container: str) -> str:
        """Return markup in an element that may have attributes."""
        return f"<{container}>{inner}</{container.split()[0]}>"

    def menu(self) -> str:
        """Return a menu of links."""
        items = "".join(f"<li><a href='/{x}'>{x}</a></li>" for x in _MENU[: self.one(range(2, 9))])
        return self.one(("<nav><ul>{}</ul></nav>", "<header><ul>{}</ul></header>",
                         "<div class='top'><ul>{}</ul></div>")).format(items)  # fmt: skip

    def comments(self) -> str:
        """Return readers' comments."""
        around, each = self.one(_COMMENTS)
        parts = [f"<{self.one(('h2', 'h3', 'div'))}>{self.one(_COMMENT_HEADS)}</h3>"]
        for _ in range(self.one(range(1, 7))):
            name, post = self.one(_NAMES), html.escape(self.one(self.posts))
            head = self.one((f"<div class='comment-author'>{name}</div>", f"<b>{name}</b> wrote:",
                             f"<summary>Posted Mar 1, 2024 by {name}</summary>",
                             f"<span>{name}</span> <time>2 hours ago</time>"))  # fmt: skip
            foot = self.one(("", "<a href='#'>Reply</a>", "<button>Like</button>"))
            parts.append(self.wrapped(f"{head}<p>{post}</p>{foot}", each))
        return self.wrapped("".join(parts), around)

    def offer(self, offers: Sequence[tuple[str, str, str, str]]) -> str:
        """Return a box that asks for a subscription."""
        name, head, text, button = self.one(offers)
        button = self.one(
            (f"<button>{button}</button>", f"<a href='/s'>{button}</a>", f"<a>{button}</a>")
        )
        inner = f"<h3>{head}</h3><p>{text}</p>{button}"
        return self.wrapped(
            inner, self.one((f"div class='{name}'", f"section class='{name}'", "aside"))
        )

    def consent(self) -> str:
        """Return a notice about cookies."""
        attributes, head, text, button = self.one(_CONSENT)
        return f"<div {attributes}><h2>{head}</h2><p>{text}</p><button>{button}</button></div>"

    def related(self) -> str:
        """Return links to other stories."""
        links = "".join(f"<li><a href='/{i}'>{html.escape(self.one(self.titles))}</a></li>"
                        for i in range(self.one(range(1, 5))))  # fmt: skip
        head = self.one(("<h4>{}</h4>", "<p>{}</p>", "<b>{}:</b>")).format(self.one(_RELATED_HEADS))
        return self.wrapped(f"{head}<ul>{links}</ul>", self.one(_RELATED))

    def article(self, title: str, paragraphs: Sequence[str]) -> str:
        """Return an article in one or several containers, with boilerplate between paragraphs."""
        form = self.one(("<p>{}</p>", "<p>{}</p>", "<p>{}</p>", "<div>{}</div>", "{}<br><br>",
                         "<span class=x><div>{}</div></span>", "<p class='MsoNormal'>{}</p>"))  # fmt: skip
        parts = [form.format(html.escape(text)) for text in paragraphs]
        for make, share in ((self.related, 0.3), (lambda: self.offer(_SUBSCRIBE), 0.25)):
            if len(parts) > 2 and self.happens(share):
                parts.insert(self.one(range(1, len(parts))), make())
        if self.happens(0.2):
            parts.append(self.offer(_PAYWALL))
        if self.happens(0.2):
            parts.append(self.comments())
        container, head = self.one(_CONTAINERS), f"<h1>{html.escape(title)}</h1>"
        if self.happens(0.3) and len(parts) > 3:
            cuts = sorted({self.one(range(1, len(parts))) for _ in range(self.one((1, 2, 3)))})
            groups = [parts[a:b] for a, b in zip([0, *cuts], [*cuts, len(parts)], strict=True)]
            inner = "".join(self.wrapped("".join(group), container) for group in groups)
            return head + (self.wrapped(inner, "div class='wrap'") if self.happens(0.5) else inner)
        return self.wrapped(head + "".join(parts), container)

    def page(self, title: str, paragraphs: Sequence[str]) -> str:
        """Return a whole page."""
        parts = [self.menu() if self.happens(0.8) else "<div>The Daily Example</div>"]
        parts.append(self.article(title, paragraphs))
        for make, share in ((self.comments, 0.3), (self.related, 0.3), (self.consent, 0.3)):
            if self.happens(share):
                parts.insert(self.one((len(parts), len(parts), 0)), make())
        if self.happens(0.8):
            foot = "".join(f"<p>{self.one(_FOOTERS)}</p>" for _ in range(self.one((1, 2, 3))))
            parts.append(self.wrapped(foot, self.one(("footer", "div class='foot'"))))
        head = f"<head><title>{html.escape(title)} - The Daily Example</title></head>"
        return f"<html>{head}<body>{''.join(parts)}</body></html>"


def make_pages(pages: Sequence[BlockPage]) -> Iterator[BlockPage]:
    """Yield a synthetic page for each article that is long enough."""
    posts: dict[int, list[str]] = {}
    for page in pages:
        for text in page.body.split("\n") if page.kind == "forum" else ():
            if MIN_POST_WORDS <= len(text.split()) <= MAX_POST_WORDS:
                posts.setdefault(page.fold, []).append(text.strip())
    articles = [page for page in pages if page.source == "news" or page.kind == "article"]
    titles: dict[int, list[str]] = {}
    for page in articles:
        titles.setdefault(page.fold, []).append(page.title or "Storks return to the old chimney")
    for page in articles:
        texts = [text.strip() for text in page.body.split("\n")]
        texts = [text for text in texts if len(text.split()) >= MIN_PARAGRAPH_WORDS]
        if len(texts) < 2 or not posts.get(page.fold):
            continue
        maker = Maker(digest_of(page.id) % 2**32, posts[page.fold], titles[page.fold])
        texts = texts[: maker.one(range(2, 13))]
        title = page.title or " ".join(texts[0].split()[:8])
        row = {"id": f"made-{page.id}", "site": page.site, "title": title, "body": "\n".join(texts)}
        made = page_of(row, "made", "made", maker.page(title, texts))
        made.weight = WEIGHT
        yield made
