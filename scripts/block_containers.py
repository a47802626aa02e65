"""Elements and class names that synthetic pages are made of, for `block_making`.

They are those that content management systems and vendors on the web use, and some that say
nothing. A pair is what surrounds a list, and what surrounds each of its items.
"""

# ruff: noqa: E501, ISC004  (one element in one line)

from __future__ import annotations

CONTAINERS = (
    "article", "main", "div", "section", "div class='entry-content'", "div class='td-post-content'",
    "div class='post-body entry-content'", "div class='field field--name-body'", "content-view",
    "div class='item-page'", "div class='ce-bodytext'", "section class='article-body'",
    "div class='elementor-widget-theme-post-content'", "div class='available-content'",
    "div class='rich-content'", "div class='sqs-block-content'", "div class='gh-content'",
    "div class='news-detail'", "div class='TRS_Editor'", "div id='news_body_area'",
    "div itemprop='articleBody'", "div class='col-md-8'", "div id='content'", "div class='texte'",
    "article class='hentry'", "div class='layout-with-sidebar'", "aside class='card'", "aside",
    "div class='artikel-text'", "div class='cuerpo'", "div class='haber_metni'", "news-text",
)  # fmt: skip
COMMENTS = (
    ("ol class='commentlist'", "li class='comment even depth-1'"),
    ("div id='comments'", "div class='comment-block'"),
    ("section class='comment-wrapper'", "div class='comment clearfix'"),
    ("div id='disqus_thread'", "li class='post-content'"),
    ("div class='fb-comments'", "div class='UFIComment'"),
    ("div class='coral-stream'", "div class='coral-comment'"),
    ("div id='spcv_conversation'", "div class='spcv_list-item'"),
    ("div class='hyvor-talk'", "div class='ht-message'"),
    ("section id='isso-thread'", "div class='isso-comment'"),
    ("div class='gsc-timeline'", "div class='gsc-comment'"),
    ("div class='viafoura'", "article class='vf-comment'"),
    ("div id='jc'", "div class='jcomments-item'"),
    ("section class='leserkommentare'", "article class='leserkommentar'"),
    ("div class='lesermeinungen'", "div class='beitrag'"),
    ("div id='reactions'", "div class='reaction'"),
    ("ul class='lista-comentarios'", "li class='comentario'"),
    ("section class='reacties'", "article class='reactie'"),
    ("div id='komentarze'", "div class='komentarz'"),
    ("div class='yorumlar'", "div class='yorum'"),
    ("div class='commenti'", "div class='commento'"),
    ("div id='pinglun'", "div class='pl-item'"),
    ("div class='replies'", "div class='reply'"),
    ("div class='feedback-list'", "div class='feedback-item'"),
    ("section class='user-opinions'", "div class='row'"),
    ("section", "article"),
    ("div", "div"),
    ("div class='below-article'", "div class='entry'"),
)
COMMENT_LISTS = (
    "{}", "{}", "{}", "<ul>{}</ul>", "<ol>{}</ol>", "<div class='children'>{}</div>",
    "<div class='list'>{}</div>",
)  # fmt: skip
COMMENT_BODIES = (
    "<p>{}</p>", "<p>{}</p>", "<div>{}</div>", "<p class='comment-content'>{}</p>", "{}",
    "<div class='comment-text'><p>{}</p></div>", "<div class='body'>{}</div>",
    "<blockquote>{}</blockquote>", "<div dir='auto'>{}</div>", "<span>{}</span>",
)  # fmt: skip
COMMENT_BYLINES = (
    "<cite class='fn'>{}</cite> <span class='says'>says:</span>", "<b>{}</b>", "<h5>{}</h5>",
    "<div class='vcard'>{}</div><a href='#c'>May 2 at 9:15</a>", "<strong>{}</strong> · 3h",
    "<span>{}</span> <time>14.11.2023, 08:12</time>", "<a href='/u'>{}</a> <small>#14</small>",
    "<header>{} <time>yesterday</time></header>", "<p class='name'>{}</p>", "",
)  # fmt: skip
COMMENT_FEET = (
    "", "", "<a href='#'>Reply</a>", "<button>Like</button>", "<a href='#'>Antworten</a>",
    "<span>12</span><span>3</span>", "<button>Report</button><button>Share</button>",
)  # fmt: skip
NAMES = (
    "anna", "bluebird77", "Marek W.", "J. Okafor", "visitor", "Old Sailor", "pilar_r", "pq", "guest",
    "Henrik", "小李", "Ayşe", "night owl", "Дмитрий", "سارة", "fan2000",
)  # fmt: skip
SUBSCRIBE_BOXES = (
    "div id='mc_embed_signup'", "form class='formkit-form'", "div class='tnp-subscription'",
    "div class='subscription-widget-wrap'", "aside", "section", "div class='ml-embedded'",
    "div class='wp-block-jetpack-subscriptions'", "div class='newsletter-box'", "div", "form",
    "aside class='promo'", "div class='callout'", "section class='signup'", "div class='nl'",
)  # fmt: skip
PAYWALL_BOXES = (
    "div class='tp-container-inner'", "div id='leaky_paywall_message'", "div id='poool-widget'",
    "div class='zephr-outlet'", "div class='mepr-unauthorized-message'", "div", "section",
    "div class='steady-paywall'", "aside class='gh-post-upgrade-cta'", "div class='regwall'", "aside",
    "section class='article__premium'", "div class='bloc-abonne'", "div class='muro-de-pago'",
    "div class='abo-hinweis'", "div data-nosnippet", "div class='meter'", "form class='login-form'",
    "div class='fade-out'", "div class='bottom-panel'",
)  # fmt: skip
CONSENT_BOXES = (
    "div id='onetrust-banner-sdk'", "div id='CybotCookiebotDialog'", "div role='dialog'",
    "div class='qc-cmp2-container'", "div id='didomi-host'", "div id='usercentrics-root'",
    "div class='sp_message_container'", "div class='truste_box_overlay'", "div", "section", "aside",
    "div class='cmplz-cookiebanner'", "div class='cky-consent-container'", "div id='cmpbox'",
    "div class='osano-cm-window'", "div id='BorlabsCookieBox'", "div id='iubenda-cs-banner'",
    "div id='tarteaucitronRoot'", "div class='cc-window cc-banner'", "dialog open", "form",
    "div id='hs-eu-cookie-confirmation'", "div id='moove_gdpr_cookie_info_bar'", "consent-layer",
    "div class='modal fade in'", "div class='overlay'", "div class='klaro'", "div class='evidon-banner'",
    "div class='fixed bottom-0'", "div class='popup'", "section class='alert'", "article",
    "div class='toast'", "footer", "div class='layer'",
)  # fmt: skip
RELATED_BOXES = (
    "div class='jp-relatedposts'", "div class='yarpp-related'", "div class='OUTBRAIN'",
    "div class='trc_rbox'", "div class='td_block_related_posts'", "aside class='inline-story'",
    "ul class='c-related-list'", "section class='mas-leidas'", "div class='voir-aussi'",
    "div class='verwandte-artikel'", "div class='lees-ook'", "div class='ilgili-haberler'",
    "div class='linkbox'", "aside", "section", "div", "div class='teaser-grid'", "nav",
    "div class='swiper'", "div class='up-next'",
)  # fmt: skip
BYLINES = (
    "<p class='byline'>{}</p>", "<div class='author-name'>{}</div>", "<span>{}</span>", "<p>{}</p>",
    "<address>{}</address>", "<div class='meta'>{}</div>", "<p><a rel='author' href='/a'>{}</a></p>",
    "<div class='entry-meta'>{}</div>", "<p><em>{}</em></p>", "<div class='autor'>{}</div>",
)  # fmt: skip
SHARE = (
    "<div class='share'><a href='/f'>Facebook</a><a href='/x'>X</a><a href='/m'>E-mail</a></div>",
    "<ul class='social'><li><a href='/f'>Share</a><li><a href='/w'>WhatsApp</a></ul>",
    "<div><button>Save</button><button>Print</button></div>", "<div class='sharedaddy'>Share this:"
    "<a href='/t'>Tweet</a></div>", "<p><a href='/g'>Follow us on Google News</a></p>",
)  # fmt: skip
READ_ALSO = (
    "<p>{head}: <a href='/1'>{title}</a></p>", "<p><strong>{head}:</strong> <a href='/1'>{title}</a></p>",
    "<p><a href='/1'>{title}</a></p>", "<p><b><a href='/1'>{head}: {title}</a></b></p>",
    "<div class='inline-link'><span>{head}</span><a href='/1'>{title}</a></div>",
    "<blockquote><a href='/1'>{head} - {title}</a></blockquote>", "<p>[{head}: <a href='/1'>{title}</a>]</p>",
    "<p>» <a href='/1'>{title}</a></p>", "<aside>{head} <a href='/1'>{title}</a></aside>",
    "<h4>{head} <a href='/1'>{title}</a></h4>", "<p><em>({head}: <a href='/1'>{title}</a>)</em></p>",
)  # fmt: skip
CODE = (
    ("def tide_height(hour):", "    if hour < 6:", "        return 1.2", "    return 0.4"),
    ("for (let i = 0; i < shelves.length; i++) {", "  console.log(shelves[i].label);", "}"),
    ("SELECT name, year", "FROM mills", "WHERE year < 1950", "ORDER BY name;"),
    ("$ pip install windmill", "$ windmill serve --all"),
    ("#include <stdio.h>", "int main(void) {", '    printf("ready");', "    return 0;", "}"),
    ("server:", "  port: 8080", "  hosts:", "    - east", "    - west"),
    ("fn main() {", "    let total: u32 = (1..=10).sum();", '    println!("{total}");', "}"),
    ("class Basket:", "    def __init__(self):", "        self.items = []"),
)
"""Listings of code, one text per line."""
COLUMNS = (
    ("Mill", "Year", "Output"), ("Year", "Visitors"), ("Team", "Played", "Won", "Points"),
    ("Name", "Value", "Unit"), ("Stadt", "Einwohner", "Fläche"), ("Product", "Price"),
    ("Field", "Type", "Default", "Meaning"), ("Date", "Place"), ("Pays", "Population"),
    ("年", "人数"), ("Şehir", "Nüfus"), ("السنة", "العدد"),
)  # fmt: skip
CELLS = (
    "Northgate", "Selby", "Ostrava", "open", "closed", "string", "true", "12 km", "Monday",
    "3 million", "yes", "no", "Kaunas", "none", "half a day", "on request", "Lyon", "optional",
)  # fmt: skip
SITES = (
    "The Daily Example", "Example Post", "Tagblatt", "Le Quotidien", "El Diario", "Nieuwsblad", "新报",
    "Haber", "Blog of a baker", "Valley Radio",
)  # fmt: skip
