"""From a page of text or HTML to its article, and what the page says about it.

    characters   what kind of character each code point is, and reading UTF-8
    normalise    text as it should be written: encoding, line ends, spaces, invisible characters
    survey       its kernels: what a text needs, and the steps that need no Python
    roles        what a code point is to it: text, a space, a line end, something unseen
    lines        one pass over a page's bytes: counters and word hashes of each line
    counters     what is counted of a line
    surroundings where the article seems to be, and how each line lies beside it
    lexicon      what the words of a line alone say: article or boilerplate
    features     what is known of each line, in itself, beside its neighbours and in the page
    forest       boosted trees over those features
    whole        what is known of the page: perhaps it is an article and nothing else
    model        the trained arrays, and the probability of each line
    decoding     which lines to keep, judged together
    extraction   a column of pages to a column of articles
    metadata     title, byline, publisher, date and address, read off the page's text
    vicinity     the lines around an article's start, and what their words are
    candidates   what is known of each of them, beside its neighbours
    judges       the trained forests: which is the title, the byline, the date line
    vocabulary   words that stand around articles, in many languages
    months       the months' names
    dates        the days a line of text names
    moments      the time beside a day, where its zone is said
    ago          how long ago a line says that something was
    authors      the names in a byline
    titles       a title without the name of its site
    publishers   who publishes a page, by its copyright line
    addresses    the page's own address, where its text says it
    html         the article of an HTML page

Modules with kernels import numba, so nothing here is imported before a stage runs.
"""
