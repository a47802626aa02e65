"""Which documents a mixture removes, and for how many epochs their groups are used."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.arrow_buffers import number_column
from corpus.mixture.epochs import Floats
from corpus.mixture.sizes import MixedDocuments

MIXED_OUT = "mixed_out"
"""The reason for which a document that is not used is removed."""


def removals(
    documents: MixedDocuments, epochs: Floats, uses: NDArray[np.int32], *, by: str
) -> pa.RecordBatch:
    """Return which documents are not used (`corpus.stages.base.DECISION`), with their epochs.

    `epochs` is float64[n_groups, n_classes], `uses` is int32[n_documents]. The evidence is
    `language=en: 0.42 epochs`, where `by` is the column of the groups, the score 0.42.
    """
    is_used = uses > 0
    index = documents.group * np.int32(documents.n_classes) + documents.repeat_class
    index[is_used] = 0
    evidence = pa.array(
        [
            f"{by}={name}: {of_class:.3g} epochs"
            for name, of_group in zip(documents.names, epochs.tolist(), strict=True)
            for of_class in of_group
        ],
        pa.string(),
    )
    because = pa.array([MIXED_OUT], pa.string())
    of_group = epochs.ravel() if epochs.size else np.zeros(1)
    return pa.record_batch(
        {
            "reason": because.take(number_column(np.zeros(len(uses), np.int8), is_used)),
            "evidence": evidence.take(number_column(index, is_used)),
            "score": number_column(of_group[index], is_used),
        }
    )
