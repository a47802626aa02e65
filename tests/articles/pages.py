"""Pages written for the tests: an article of an invented newspaper, with all its boilerplate."""

from __future__ import annotations

TITLE = "Harbour bridge closes for a year as repairs begin"
PARAGRAPHS = (
    (
        "The harbour bridge closed to traffic on Monday morning, and will stay closed for at "
        "least a year while engineers replace the cables that have carried it since 1931."
    ),
    (
        "“We know what this means for everybody who lives on the northern shore,” said Ada "
        "Lindqvist, who leads the city's works department. “But the alternative was to close "
        "it for good.”"
    ),
    (
        "Inspectors had found rust in eleven of the sixteen main cables last autumn. Lorries "
        "were banned from the bridge in November, and buses have been sent around by the "
        "tunnel since then."
    ),
    (
        "The city has set aside 42 million for the work, a third of which is paid by the "
        "region. Ferries will cross every ten minutes from six in the morning until midnight,"
        " and are free."
    ),
    (
        "Shopkeepers in Bell Street fear for their trade. Otto Brandt, who has sold bread "
        "there for thirty years, said that half of his customers come over the bridge on "
        "their way to work."
    ),
    (
        "The first cable is to be taken down in June. If the weather holds, the council "
        "expects the bridge to open again in time for the summer fair, with a new lane for "
        "bicycles."
    ),
)
HEAD = (
    "Skip to content", "Menu", "Home", "News", "Sport", "Weather", "Subscribe", "Log in", "",
    "Home > News > City", "", TITLE, "", "By Ann Lee", "May 22, 2023 9:41 am", "",
    "Share", "Tweet", "Email", "",
)  # fmt: skip
TAIL = (
    "", "Share this article", "Facebook", "Twitter", "WhatsApp", "", "Related Content", "",
    "Ferry company hires forty captains", "2 hours ago", "Tunnel tolls to rise in July",
    "5 hours ago", "Summer fair moves to the old docks", "1 day ago", "", "Most Read", "",
    "  1. Baker wins prize for rye loaf", "     3 days ago", "  2. Rain expected all week",
    "     4 days ago", "  3. School opens new library", "     6 days ago", "",
    "Sign up for our newsletter", "Your email address", "Sign up", "", "About us", "Contact",
    "Privacy policy", "Terms of use", "Cookies", "",
    "© 2023 Harbour Post. All rights reserved.",
)  # fmt: skip
ARTICLE = "\n\n".join(PARAGRAPHS)
PAGE = "\n".join((*HEAD, ARTICLE, *TAIL))

HTML = f"""<!doctype html><html lang="en"><head><title>{TITLE} | Harbour Post</title>
<meta property="og:title" content="{TITLE}"><meta name="author" content="Ann Lee">
<meta property="og:site_name" content="Harbour Post">
<meta property="article:published_time" content="2023-05-22T09:41:00Z">
<meta property="og:url" content="https://harbour.example/bridge"></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/news">News</a></li></ul></nav>
<article><h1>{TITLE}</h1>{"".join(f"<p>{text}</p>" for text in PARAGRAPHS)}</article>
<footer><p>© 2023 Harbour Post</p></footer></body></html>"""
