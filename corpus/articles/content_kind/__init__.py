"""The kind of content of a page: article, forum, product, collection, listing, and so on.

    description  a page as hashed tokens and columns of numbers
    stretches    how much prose of a page stands together
    html_page    the description of an HTML page
    text_page    the description of a page dumped to text
    linear       a linear model of a description
    model        the trained arrays, and the most probable kind

The kind depends only on what is on the page, not on the blocks or lines that are kept.
"""
