"""Array types that the kernels of this package pass to each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Offsets = NDArray[np.int64]
Flags = NDArray[np.bool_]
Words = NDArray[np.uint32]
"""One hash per word."""
Numbers = NDArray[np.float32]
Sums = NDArray[np.float64]
