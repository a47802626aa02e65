"""What a person wants to know about a corpus: statistics, a page, one document, a comparison."""
