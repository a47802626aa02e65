"""Measure a corpus: a build, or any files that can be read as a source."""
