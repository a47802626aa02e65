"""What a person wants to know of a corpus: statistics, a page to read, and what changed."""
