"""How alike two texts are: the Jaccard of their shingles, and how to find alike ones among many.

    text ── folding ──▶ words ── shingling ──▶ shingle hashes ── signatures ──▶ 128 minima of 16
    bits
                                                    │                                │
                                                    ▼                                ▼
                        exact Jaccard ◀── comparing ── candidate pairs ◀── bands (candidates)

`words` is the definition, in plain Python; the kernels agree with it on every text. A signature
only ever proposes a pair: whether two texts are alike is decided by the exact Jaccard of their sets
of shingles (`jaccard`), and which of them goes by `greedy`. Modules with kernels import numba, so
they are imported when first called.
"""
