"""Title, author, publisher, date and URL, read from the text of a page."""
