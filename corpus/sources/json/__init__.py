"""JSON of any shape, read as JSON lines."""
