"""The block model: which blocks of an HTML page are its main content.

    tags             HTML tags by number, and what the walk must know about each
    walk             one walk over the bytes of a page: its nodes, and the text of its blocks
    block_text       the text of blocks: entities, white space, links, table rows
    class_names      the words of class names, and cues such as "sidebar"
    markup           what meta tags, JSON-LD and times say
    feature_columns  the features of a block, by name and number
    groups           numbers for equal keys of blocks or nodes
    text_features    features of its own text
    tree_features    features of its node, the ancestors and like siblings
    place_features   features of its place: order, windows, neighbours
    page_features    features of the page, the same for all of its blocks
    layout/          how the kept blocks become one text, plain or in Markdown
    features         all of them in one table
    second_pass      what the first pass says about the blocks around
    model            the trained arrays, and the probability of each block
    extraction       from a page to its main content

A block is a paragraph, a heading, a list item, a table row, a listing of code. Boosted trees
(`corpus.trees`) score each block by its features, in two passes. Blocks are kept one by one: unlike
lines of text, they need not form one article.
"""
