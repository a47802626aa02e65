"""What the columns of a corpus and the metrics of its stages mean, for the dataset card."""

from __future__ import annotations

COLUMNS = {
    "id": "id from the source, or a hash of the record; unique",
    "text": "text of the article",
    "title": "title",
    "author": "author",
    "publisher": "publisher",
    "date": "date of publication, UTC",
    "url": "URL",
    "source": "file the document was read from, relative to the configured folder",
    "removed_ratio": "share of the page that was removed as boilerplate",
    "clean_confidence": "word F1 that the extraction is likely to have",
    "content_kind": "kind of the page: article, forum, product, collection, listing, documentation "
    "or service",
    "content_kind_probability": "estimated probability that the kind is correct",
    "clean_text_source": "`json_ld` or `next_data` if the text was in JSON; null if in the markup",
    "boilerplate_lines": "number of lines removed because they recur on many pages of the site",
    "language": "language, ISO 639; `und` if uncertain, `zxx` if the text has no letters",
    "language_script": "script, ISO 15924",
    "language_score": "estimated probability that the language is correct",
    "language_second": "second most likely language",
    "language_shares": "share of each language in the text, as JSON",
    "contained_in": "id of a longer document that contains most of this one",
    "containment": "share of the text's shingles that the longer document contains",
    "token_count": "number of tokens, without special tokens",
    "cluster_size": "number of documents that this one was kept of: itself and its duplicates",
    "epochs": "how often to use the document in training; 1 in other splits",
    "contaminated_by": "items of benchmarks that the text contains, one of each benchmark",
    "contamination": "largest share of a benchmark item that the text contains",
}
"""Descriptions of columns that the package fills."""

OTHER_COLUMN = "a column of the source"

METRICS = {
    "recall": "recall by similarity",
    "recall_at_threshold": "recall for pairs exactly at the threshold",
    "compared": "pairs compared by exact similarity",
    "highest_left": "highest Jaccard similarity among kept documents",
    "highest_left_at_least": "the highest similarity is a lower bound: there were too many pairs",
    "recall_of_highest": "recall for pairs across splits with a Jaccard similarity of 0.4",
    "sites": "sites with enough pages to detect recurring boilerplate",
    "recurring": "distinct lines that recur on many pages of a site, and were removed",
    "overlap": "kept documents with the same words as a document in another split",
    "bands": "bands per signature",
    "rows": "hashes per band",
    "lines": "lines with enough words",
    "repeated": "distinct lines that occur in enough documents",
    "cut": "lines removed",
    "cut_characters": "characters in the removed lines",
    "cut_from": "documents that lost lines",
    "gone_with_documents": "repeated lines in documents that had no other lines",
    "contained": "documents contained in a longer one",
    "contaminated": "documents that contain an item of a benchmark",
    "empty_columns": "columns that the stage names and no document has",
}
"""Descriptions of the metrics that stages report."""

METRICS_OF_STAGE = {
    ("split", "highest_left"): "highest Jaccard similarity between kept documents of two splits",
}
"""Descriptions of metrics that mean something else in one stage."""

METRICS_NOT_ON_CARD = (
    "near_misses",
    "clusters",
    "boundaries",
    "commonest",
    "most_repeated",
    "coverage",
    "redacted",
    "mixture",
    "tokenizer",
)
"""Metrics that are in the manifest for the audit and for scripts, or in a table of their own."""
