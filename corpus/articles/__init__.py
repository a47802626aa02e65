"""From a page of text or HTML to its article, and what the page says about it.

    characters   what kind of character each code point is, and reading UTF-8
    normalise    text as it should be written: encoding, line ends, spaces, invisible characters
    survey       its kernels: what a text needs, and the steps that need no Python
    roles        what a code point is to it: text, a space, a line end, something unseen
    lines        one pass over a page's bytes: counters and word hashes of each line
    counters     what is counted of a line
    surroundings where the article seems to be, and how each line lies beside it
    lexicon      what the words of a line alone say: article or furniture
    features     what is known of each line, in itself, beside its neighbours and in the page
    forest       boosted trees over those features
    whole        what is known of the page: perhaps it is an article and nothing else
    model        the trained arrays, and the probability of each line
    decoding     which lines to keep, judged together
    extraction   a column of pages to a column of articles
    metadata     title, byline, publisher and date, read off the page's text
    dates        the day a line of text names
    html         the article of an HTML page

Modules with kernels import numba, so nothing here is imported before a stage runs.
"""
