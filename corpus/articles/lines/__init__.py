"""The line model: which lines of a page dumped to text are the main content."""
