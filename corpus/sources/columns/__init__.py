"""Columns of records: names, types, and batches of documents."""
