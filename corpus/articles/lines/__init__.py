"""The line model: which lines of a page that was saved as text are its main content.

    scan             split pages into lines
    measure          count what is in a line, and hash its words
    counters         the counters of a line
    lexicon          score a line by its own words
    page_context     where the article seems to be, and how each line relates to it
    windows          sums over the lines around a line
    layout_features  lists, stretches between blank lines, and means over the page
    features         all features of each line; feature_columns names them
    second_pass      features from the first scores of the lines around each line
    improbable_lines where the lines of a page are that are probably not content
    whole_page       whether a page is better kept whole
    model            the trained arrays, and the probability of each line
    decoding         select lines together: threshold, gaps, expected F1
    selection        the lines of each page to keep; long pages in stretches
    article_texts    join the kept lines of each page
    extraction       a column of pages to a column of articles

Boosted trees (`corpus.trees`) score each line by its features, and again with the first scores of
the lines around it. The forest over pages may then raise all probabilities of a page. Decoding
selects the lines.
"""
