"""Text similarity: the Jaccard similarity of two texts' shingles, and the search for similar pairs.

    text ── fold ──▶ words ──▶ shingle hashes ──▶ signature (128 MinHash values of 16 bits)
                                     │                   │
                                     ▼                   ▼
           exact Jaccard ◀── candidate pairs ◀── bands and buckets

`corpus.words.definition` defines words and shingles in plain Python; the kernels agree with it on
every text. A signature only proposes a pair. `jaccard` decides whether the two texts are similar,
by their exact sets of shingles, and `greedy` decides which of them is removed. Modules with kernels
import numba, so they are imported when first called.
"""
