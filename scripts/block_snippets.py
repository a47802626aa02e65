"""Texts and elements that synthetic pages are made of, for `block_making`."""

from __future__ import annotations

CONTAINERS = (
    "article", "article class='story'", "div class='post-content'", "div class='entry-content'",
    "div id='content'", "main", "section class='article-body'", "div", "div class='gx7 x1'",
    "td-story", "aside class='teaser-box'", "div itemprop='articleBody'", "div class='layout-main'",
    "div class='sidebar-layout'", "div id='story'", "body-text",
)  # fmt: skip
COMMENTS = (
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
    ("div id='thread'", "div class='post'"),
    ("div class='thread'", "div class='post'"),
    ("div id='posts'", "div class='message'"),
    ("div", "div class='post'"),
    ("div class='below'", "div class='entry'"),
)
COMMENT_HEADS = (
    "4 comments", "Comments (12)", "Join the conversation", "What do you think?", "Kommentare",
    "3 Kommentare", "Commentaires", "Comentarios", "Discussion", "Leave a reply", "Reader comments",
)  # fmt: skip
NAMES = (
    "anna", "tom_b", "reader17", "Maria K.", "user0", "Old Sailor", "jens", "pq", "guest",
    "K. Brandt", "lucia", "fan2000",
)  # fmt: skip
COMMENT_LISTS = (
    "{}", "{}", "<ol class='comment-list'>{}</ol>", "<ul>{}</ul>",
    "<div class='comments-list'>{}</div>",
)  # fmt: skip
COMMENT_BODIES = (
    "<p>{}</p>", "<p>{}</p>", "<div class='comment-body'><p>{}</p></div>", "<div>{}</div>",
    "<div class='FormattedComment'><p>{}</p></div>", "<div class='text'>{}</div>",
)  # fmt: skip
COMMENT_BYLINES = (
    "<div class='comment-author'>{}</div>", "<b>{}</b> wrote:",
    "<span>{}</span> <time>2 hours ago</time>", "<summary>Posted Mar 1, 2024 by {}</summary>",
    "<div class='meta'>{} | May 2</div>", "<h4>{}</h4>",
)  # fmt: skip
SUBSCRIBE = (
    (
        "newsletter-signup",
        "Sign up for our newsletter",
        "The best stories of the week in your inbox, free of charge.",
        "Sign up",
    ),
    (
        "newsletter",
        "Never miss a story",
        "Get our daily briefing by e-mail every morning. You can unsubscribe at any time.",
        "Subscribe",
    ),
    (
        "cta-box",
        "Stay informed",
        "Enter your e-mail address to receive our weekly update.",
        "Send",
    ),
    (
        "nl-teaser",
        "Newsletter",
        "Die wichtigsten Nachrichten des Tages kostenlos per E-Mail.",
        "Jetzt anmelden",
    ),
    (
        "inscription",
        "Lettre d'information",
        "Recevez chaque matin l'essentiel de l'actualité dans votre boîte.",
        "Je m'inscris",
    ),
    (
        "boletin",
        "Boletín",
        "Reciba cada día las noticias más importantes en su correo.",
        "Suscribirse",
    ),
    (
        "promo",
        "Download our app",
        "Read everything on the go, with alerts for the topics that you follow.",
        "Get the app",
    ),
)  # fmt: skip
PAYWALL_BOXES = (
    "div class='paywall'", "div class='paywall-offer'", "div class='piano-container'", "aside",
    "div class='plus-schranke'", "section class='abo'", "div class='regwall'", "div", "section",
    "div class='subscribe-box'", "div id='offer'", "div class='premium'", "form class='login'",
)  # fmt: skip
PAYWALL_HEADS = (
    "Continue reading", "This article is for subscribers", "You have reached your limit",
    "Weiterlesen", "Article réservé aux abonnés", "Create a free account", "Keep reading",
    "Contenido exclusivo", "Already a subscriber?", "Jetzt weiterlesen", "Read on with Plus",
    "Premium",
)  # fmt: skip
PAYWALL = (
    "To read the whole story, subscribe now for only one pound a month.",
    "Subscribe to the Example to read this article in full.",
    "To continue reading, take out a subscription from two euros a week.",
    "Get unlimited access to all articles. Cancel at any time.",
    "The rest of this article is reserved for our subscribers.",
    "Register for free or log in to read this article to the end.",
    "Sign in or create an account to keep reading our journalism.",
    "Try Example Plus for one month for only one dollar.",
    "You have read your three free articles this month.",
    "Support independent journalism: become a member today.",
    "Testen Sie unser Angebot einen Monat lang für einen Euro.",
    "Um den ganzen Artikel zu lesen, schließen Sie jetzt ein Abonnement ab.",
    "Il vous reste 70 % de cet article à lire. La suite est réservée aux abonnés.",
    "Para seguir leyendo, suscríbase por un euro el primer mes.",
    "Per continuare a leggere, abbonati a partire da un euro al mese.",
)
PAYWALL_BUTTONS = (
    "Subscribe now", "See offers", "Log in", "Jetzt testen", "S'abonner", "Create account",
    "Suscríbase", "Subscribe", "Try now", "Abbonati",
)  # fmt: skip
CONSENT_BOXES = (
    "div id='consent'", "div class='cookie-banner'", "div class='cmp-overlay'", "div class='gx7'",
    "div id='hinweis'", "div role='dialog'", "section class='privacy'", "div", "aside",
    "dialog open", "div id='onetrust-banner'", "form class='settings'", "div class='notice bottom'",
)  # fmt: skip
CONSENT_HEADS = (
    "We value your privacy", "Your privacy", "Cookies", "Your choices", "Before you continue",
    "Ihre Privatsphäre", "Datenschutz", "Vos données", "Su privacidad", "La tua privacy",
)  # fmt: skip
CONSENT = (
    (
        "We and our partners store and access information on a device, such as cookies, and "
        "process personal data for personalised advertising and content."
    ),
    (
        "We and our 160 vendors use unique identifiers and standard information sent by a device "
        "to measure audiences and to develop products."
    ),
    "This website uses cookies to improve your experience.",
    "By continuing to browse you agree to our use of cookies.",
    "With your consent we may use precise location data and identify your device by scanning it.",
    "You can change your choices at any time in the settings.",
    "Some vendors process your data on the basis of legitimate interest, to which you may object.",
    "Your preferences apply to this website only, and you can withdraw your consent at any time.",
    "We use cookies and similar technologies to remember your settings and to analyse our traffic.",
    "Click below to consent to the processing of your data, or choose your options in detail.",
    "Wir und unsere Partner verwenden Cookies, um Inhalte und Anzeigen zu personalisieren.",
    "Sie können Ihre Einwilligung jederzeit in den Einstellungen widerrufen.",
    "Mit Ihrer Zustimmung verarbeiten wir Daten wie Gerätekennungen und Standorte.",
    (
        "Nous et nos partenaires utilisons des cookies pour mesurer l'audience et personnaliser la "
        "publicité."
    ),
    "Vous pouvez modifier vos choix à tout moment dans les paramètres.",
    "Nosotros y nuestros socios utilizamos cookies para mostrar publicidad personalizada.",
    "Puede retirar su consentimiento en cualquier momento.",
    "Noi e i nostri partner utilizziamo cookie per analizzare il traffico e mostrare annunci.",
)
CONSENT_BUTTONS = (
    "Accept all", "I agree", "Accept", "Manage options", "Reject all", "Zustimmen", "Tout accepter",
    "Aceptar", "Accetta", "OK", "More information",
)  # fmt: skip
RELATED_HEADS = (
    "Read more", "Related stories", "More on this topic", "You may also like", "Lesen Sie auch",
    "À lire aussi", "Le puede interesar", "Most read", "Recommended", "Read also", "See also",
)  # fmt: skip
RELATED = (
    "div class='related'", "aside class='read-more'", "div class='inline-links'", "ul class='more'",
    "div class='teaser-list'", "section class='recommended'", "div class='box'", "aside",
)  # fmt: skip
MENU = [
    "Home",
    "News",
    "Sport",
    "Politics",
    "Culture",
    "Weather",
    "Business",
    "Video",
    "Opinion",
    "Contact",
    "About",
]
FOOTERS = (
    "© 2024 The Daily Example. All rights reserved.", "Copyright Example Media Group.",
    "Imprint", "Privacy policy", "Terms of use", "All rights reserved.",
)  # fmt: skip
CODE = (
    ("def open_gate(level):", "    if level > 4:", "        return True", "    return False"),
    ("for (let i = 0; i < piers.length; i++) {", "  console.log(piers[i].name);", "}"),
    ("SELECT name, year", "FROM bridges", "WHERE year < 1950", "ORDER BY name;"),
    ("$ pip install bridges", "$ bridges build --all"),
    ("#include <stdio.h>", "int main(void) {", '    printf("open");', "    return 0;", "}"),
    ("server:", "  port: 8080", "  hosts:", "    - north", "    - south"),
)
"""Listings of code, one text per line."""
COLUMNS = (
    ("Bridge", "Year", "Cost"), ("Year", "Visitors"), ("Team", "Played", "Won", "Points"),
    ("Name", "Value", "Unit"), ("Stadt", "Einwohner", "Fläche"), ("Product", "Price"),
    ("Field", "Type", "Default", "Meaning"), ("Date", "Place"), ("Pays", "Population"),
)  # fmt: skip
CELLS = (
    "North", "South", "Karsholt", "Vessel", "Brask", "open", "closed", "string", "true", "12 km",
    "Monday", "3 million", "yes", "no", "Lindmere", "Tolmin", "none",
)  # fmt: skip
