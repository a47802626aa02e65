"""The article of an HTML page, by an extractor and the line model together.

extract       read a page: its article and its metadata
limits        refuse pages that would cost too much to parse
visible_text  the visible text of a page, one line per block
lines         combine the lines of an extractor with the line model

Parsers are imported when the first page is read.
"""
