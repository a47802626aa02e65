"""How good the extraction of a page is likely to be: `clean_confidence`."""
