"""The main content of an HTML page and its metadata, by one of three engines.

extract          read a page: its main content and its metadata
limits           refuse pages that would cost too much to parse
blocks           by the block model (`corpus.articles.blocks`), the default
markup_metadata  title, author, publisher, date and URL, from markup and from text
visible_text     for the other engines: the visible text of a page, one line per block

Parsers are imported when the first page is read.
"""
