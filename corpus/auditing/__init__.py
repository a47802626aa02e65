"""Audit a corpus: measure it, show it on a page, explain one document, compare two builds."""
