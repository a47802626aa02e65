"""Sixty-four bytes at a time: the few instructions that numba has no words for.

They are generic LLVM vectors, lowered to AVX-512, AVX2, SSE2 or NEON, whichever is there. None
checks its bounds: the caller keeps every load and store inside its arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.kernels import njit

# isort: split
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

BLOCK = 64
"""Bytes in a block: one bit for each of them fits one machine word."""

_BITS = ir.IntType(BLOCK)
_BYTES = ir.VectorType(ir.IntType(8), BLOCK)


def _all(value: int) -> Any:
    """Return a block whose bytes all are `value`."""
    return ir.Constant(_BYTES, [value] * BLOCK)


def _at(context: Any, builder: Any, signature: Any, args: Any, k: int, kind: Any) -> Any:
    """Return a pointer to a value of `kind` at args[k][args[k + 1]]."""
    data = context.make_array(signature.args[k])(context, builder, args[k]).data
    return builder.bitcast(builder.gep(data, [args[k + 1]]), kind.as_pointer())


@intrinsic
def fold64(_: Any, source: Any, i: Any, target: Any, o: Any) -> Any:
    """Copy 64 bytes, ASCII ones lower-cased or made spaces; return the bits of those not ASCII."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        raw = builder.load(_at(context, builder, signature, args, 0, _BYTES), align=1)

        def among(block: Any, first: str, count: int) -> Any:
            return builder.icmp_unsigned("<", builder.sub(block, _all(ord(first))), _all(count))

        low = builder.select(among(raw, "A", 26), builder.or_(raw, _all(0x20)), raw)
        alphanumeric = builder.or_(among(low, "a", 26), among(low, "0", 10))
        word = builder.or_(alphanumeric, among(low, "_", 1))
        folded = builder.select(word, low, _all(ord(" ")))
        builder.store(folded, _at(context, builder, signature, args, 2, _BYTES), align=1)
        return builder.bitcast(builder.icmp_signed("<", raw, _all(0)), _BITS)

    return types.uint64(source, i, target, o), generate


@intrinsic
def solid64(_: Any, source: Any, i: Any) -> Any:
    """Return the bits of those of 64 bytes that are not spaces."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        raw = builder.load(_at(context, builder, signature, args, 0, _BYTES), align=1)
        return builder.bitcast(builder.icmp_unsigned("!=", raw, _all(ord(" "))), _BITS)

    return types.uint64(source, i), generate


@intrinsic
def from64(_: Any, source: Any, i: Any, __: Any) -> Any:
    """Return the bits of those of 64 bytes that are a third argument or more."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        raw = builder.load(_at(context, builder, signature, args, 0, _BYTES), align=1)
        one = builder.trunc(args[2], ir.IntType(8))
        some = builder.insert_element(ir.Constant(_BYTES, ir.Undefined), one, ir.IntType(32)(0))
        lanes = ir.Constant(ir.VectorType(ir.IntType(32), BLOCK), [0] * BLOCK)
        every = builder.shuffle_vector(some, some, lanes)
        return builder.bitcast(builder.icmp_unsigned(">=", raw, every), _BITS)

    return types.uint64(source, i, types.int64), generate


@intrinsic
def copy64(_: Any, source: Any, i: Any, target: Any, o: Any) -> Any:
    """Copy 64 bytes."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        raw = builder.load(_at(context, builder, signature, args, 0, _BYTES), align=1)
        builder.store(raw, _at(context, builder, signature, args, 2, _BYTES), align=1)
        return context.get_dummy_value()

    return types.void(source, i, target, o), generate


@intrinsic
def load8(_: Any, source: Any, i: Any) -> Any:
    """Return eight bytes as a little-endian number."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_at(context, builder, signature, args, 0, _BITS), align=1)

    return types.uint64(source, i), generate


@intrinsic
def store8(_: Any, target: Any, o: Any, __: Any) -> Any:
    """Write a number as eight little-endian bytes."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], _at(context, builder, signature, args, 0, _BITS), align=1)
        return context.get_dummy_value()

    return types.void(target, o, types.uint64), generate


@intrinsic
def lowest(_: Any, __: Any) -> Any:
    """Return the place of the lowest one bit; 64 if there is none."""

    def generate(_: Any, builder: Any, __: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), generate


@intrinsic
def ones(_: Any, __: Any) -> Any:
    """Return the number of one bits."""

    def generate(_: Any, builder: Any, __: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return types.int64(types.uint64), generate


@njit
def blank64(target: NDArray[np.uint8], o: int) -> None:
    """Write 64 spaces."""
    for k in range(o, o + BLOCK):
        target[k] = 0x20


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """Return a read-only view: for arrays that may be written to, numba compiles once more."""
    view = array.view()
    view.flags.writeable = False
    return view
