"""Character encodings: declared, marked, or detected from the bytes."""
