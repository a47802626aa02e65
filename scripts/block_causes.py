"""What went wrong on the pages of WCXB where our main content is worst, looked at one by one."""

from __future__ import annotations

CAUSES = {
    "gold ends early": "the gold has the first part of the text, and we keep all of it",
    "gold is arguable": "the gold has banners, menus or the lead alone, or the same markup is "
    "content on one page and not on another",
    "not in markup": "the page is built by a script: the text is not in the stored HTML",
    "options or attributes": "the gold is in form options, attributes or scripts, which we do not "
    "read",
    "comments": "comments are kept under an article, or lost where they are the content",
    "tiles missed": "a grid or list of items, or of labels and values, is taken for navigation",
    "no block found": "no block is probable enough, though people see the content",
    "teasers kept": "related items, quotations of customers or lists of other pages are kept",
    "hidden state": "text of dialogs, templates, interface demos or data for scripts is kept",
    "code missed": "code or a synopsis without prose around it is lost",
}
"""The causes, and what each means."""

CAUSE_OF_PAGE = {
    # articles
    "wcxb-4271": "gold is arguable",
    "wcxb-4677": "gold ends early",
    "wcxb-0396": "comments",
    "wcxb-4912": "gold ends early",
    "wcxb-0339": "gold ends early",
    "wcxb-0285": "hidden state",
    "wcxb-4694": "gold ends early",
    # collections
    "wcxb-4071": "gold is arguable",
    "wcxb-4470": "options or attributes",
    "wcxb-0649": "tiles missed",
    "wcxb-0633": "tiles missed",
    "wcxb-3064": "teasers kept",
    "wcxb-4061": "gold is arguable",
    "wcxb-3029": "gold ends early",
    "wcxb-4757": "tiles missed",
    # documentation
    "wcxb-2857": "gold ends early",
    "wcxb-2863": "gold ends early",
    "wcxb-2861": "gold ends early",
    "wcxb-2855": "gold ends early",
    "wcxb-0680": "code missed",
    "wcxb-2871": "gold ends early",
    # forums
    "wcxb-4145": "not in markup",
    "wcxb-4147": "not in markup",
    "wcxb-4278": "not in markup",
    "wcxb-4314": "not in markup",
    "wcxb-4607": "not in markup",
    "wcxb-4838": "not in markup",
    "wcxb-4316": "gold ends early",
    "wcxb-0570": "comments",
    "wcxb-0503": "gold ends early",
    "wcxb-0510": "gold ends early",
    "wcxb-0577": "teasers kept",
    "wcxb-0540": "gold ends early",
    "wcxb-0578": "gold ends early",
    "wcxb-0546": "teasers kept",
    "wcxb-0565": "gold ends early",
    "wcxb-0561": "no block found",
    # listings
    "wcxb-3013": "tiles missed",
    "wcxb-2919": "options or attributes",
    "wcxb-2918": "options or attributes",
    "wcxb-4355": "gold is arguable",
    "wcxb-2914": "teasers kept",
    "wcxb-4359": "gold is arguable",
    "wcxb-3015": "gold is arguable",
    "wcxb-4332": "gold is arguable",
    # products
    "wcxb-4168": "tiles missed",
    "wcxb-3021": "teasers kept",
    "wcxb-0604": "hidden state",
    "wcxb-4219": "gold ends early",
    "wcxb-3019": "teasers kept",
    "wcxb-0582": "options or attributes",
    "wcxb-2991": "teasers kept",
    # services
    "wcxb-0706": "tiles missed",
    "wcxb-0717": "teasers kept",
    "wcxb-0181": "gold ends early",
    "wcxb-2831": "hidden state",
    "wcxb-4281": "gold ends early",
    "wcxb-2846": "hidden state",
    "wcxb-2832": "teasers kept",
}
"""The main cause of each page that was looked at, by the id that WCXB gives it."""
