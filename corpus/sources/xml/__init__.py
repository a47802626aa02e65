"""XML with articles: TEI, trafilatura's output, and lists of records."""
