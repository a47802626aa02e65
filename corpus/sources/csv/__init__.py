"""CSV: the dialect of a file, its rows, and what becomes of malformed ones."""
