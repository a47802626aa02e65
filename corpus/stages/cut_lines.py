"""Cut lines out of documents that are kept, as decided (`corpus.documents.CUT_LINES_TYPE`)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def without_cuts(texts: pa.Array, cuts: pa.Array) -> pa.Array:
    """Return the texts without the lines to cut; the other texts are not copied."""
    from corpus.similarity.lines import remove_spans

    shorter = cuts.value_lengths().to_numpy() > 0
    new = [
        remove_spans(
            texts[row].as_py(), [(cut["begin"], cut["characters"]) for cut in cuts[row].as_py()]
        )
        for row in np.flatnonzero(shorter).tolist()
    ]
    return pc.replace_with_mask(texts, pa.array(shorter), pa.array(new, texts.type))
