"""From a page of text or HTML to its article and its metadata.

    normalise/          clean text: encoding, line ends, spaces, invisible characters
    lines/              the line model: which lines of a text page are the article
    blocks/             the block model: which blocks of an HTML page are the main content
    formulas/           formulas of HTML pages as TeX
    html/               HTML pages: limits, engines, metadata from markup
    metadata/           title, author, publisher, date and URL, read from the text of the page
    content_kind/       what kind of page it is: article, forum, product, ...
    confidence/         how good an extraction is likely to be
    site_boilerplate/   lines that recur across the pages of a site
    characters.py       classes of characters, and a UTF-8 decoder for kernels
    reasons.py          the strongest reasons for a block or a line, in words
    result.py           the result of reading a page

Modules with kernels import numba, so nothing here is imported before a stage runs.
"""
