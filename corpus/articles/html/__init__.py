"""The main content of an HTML page: two extractors and the line model, compared."""
