"""Vector instructions that numba does not offer: 64 bytes at a time, and a few on 8 bytes.

They are generic LLVM vectors, which LLVM lowers to AVX-512, AVX2, SSE2 or NEON. None of them checks
bounds: the caller keeps every load and store inside its arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.kernels import njit_without_allocation

# isort: split
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

BLOCK = 64
"""Bytes in a block. A mask with one bit per byte fits one machine word."""

_WORD = ir.IntType(BLOCK)
_VECTOR = ir.VectorType(ir.IntType(8), BLOCK)


def _broadcast(value: int) -> Any:
    """Return a constant block in which every byte is `value`."""
    return ir.Constant(_VECTOR, [value] * BLOCK)


def _pointer(context: Any, builder: Any, signature: Any, args: Any, k: int, kind: Any) -> Any:
    """Return a pointer of type `kind` to the element args[k + 1] of the array args[k]."""
    data = context.make_array(signature.args[k])(context, builder, args[k]).data
    return builder.bitcast(builder.gep(data, [args[k + 1]]), kind.as_pointer())


@intrinsic
def fold64(_context: Any, source: Any, i: Any, target: Any, o: Any) -> Any:
    """Copy 64 bytes with ASCII folded: letters lower-cased, separators as spaces.

    Return a mask of the bytes that are not ASCII.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        raw = builder.load(_pointer(context, builder, signature, args, 0, _VECTOR), align=1)

        def in_range(block: Any, first: str, count: int) -> Any:
            offset = builder.sub(block, _broadcast(ord(first)))
            return builder.icmp_unsigned("<", offset, _broadcast(count))

        lower = builder.select(in_range(raw, "A", 26), builder.or_(raw, _broadcast(0x20)), raw)
        alphanumeric = builder.or_(in_range(lower, "a", 26), in_range(lower, "0", 10))
        in_word = builder.or_(alphanumeric, in_range(lower, "_", 1))
        folded = builder.select(in_word, lower, _broadcast(ord(" ")))
        builder.store(folded, _pointer(context, builder, signature, args, 2, _VECTOR), align=1)
        return builder.bitcast(builder.icmp_signed("<", raw, _broadcast(0)), _WORD)

    return types.uint64(source, i, target, o), generate


@intrinsic
def nonspace64(_context: Any, source: Any, i: Any) -> Any:
    """Return a mask of those of 64 bytes that are not spaces."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        raw = builder.load(_pointer(context, builder, signature, args, 0, _VECTOR), align=1)
        return builder.bitcast(builder.icmp_unsigned("!=", raw, _broadcast(ord(" "))), _WORD)

    return types.uint64(source, i), generate


@intrinsic
def at_least64(_context: Any, source: Any, i: Any, _minimum: Any) -> Any:
    """Return a mask of those of 64 bytes that are at least the third argument."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        raw = builder.load(_pointer(context, builder, signature, args, 0, _VECTOR), align=1)
        minimum = builder.trunc(args[2], ir.IntType(8))
        undefined = ir.Constant(_VECTOR, ir.Undefined)
        single = builder.insert_element(undefined, minimum, ir.IntType(32)(0))
        lanes = ir.Constant(ir.VectorType(ir.IntType(32), BLOCK), [0] * BLOCK)
        minima = builder.shuffle_vector(single, single, lanes)
        return builder.bitcast(builder.icmp_unsigned(">=", raw, minima), _WORD)

    return types.uint64(source, i, types.int64), generate


@intrinsic
def equal64(_context: Any, source: Any, i: Any, _value: Any) -> Any:
    """Return a mask of those of 64 bytes that are equal to the third argument."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        raw = builder.load(_pointer(context, builder, signature, args, 0, _VECTOR), align=1)
        value = builder.trunc(args[2], ir.IntType(8))
        undefined = ir.Constant(_VECTOR, ir.Undefined)
        single = builder.insert_element(undefined, value, ir.IntType(32)(0))
        lanes = ir.Constant(ir.VectorType(ir.IntType(32), BLOCK), [0] * BLOCK)
        values = builder.shuffle_vector(single, single, lanes)
        return builder.bitcast(builder.icmp_unsigned("==", raw, values), _WORD)

    return types.uint64(source, i, types.int64), generate


@intrinsic
def copy64(_context: Any, source: Any, i: Any, target: Any, o: Any) -> Any:
    """Copy 64 bytes."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        raw = builder.load(_pointer(context, builder, signature, args, 0, _VECTOR), align=1)
        builder.store(raw, _pointer(context, builder, signature, args, 2, _VECTOR), align=1)
        return context.get_dummy_value()

    return types.void(source, i, target, o), generate


@intrinsic
def load8(_context: Any, source: Any, i: Any) -> Any:
    """Return eight bytes as a little-endian number."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_pointer(context, builder, signature, args, 0, _WORD), align=1)

    return types.uint64(source, i), generate


@intrinsic
def store8(_context: Any, target: Any, o: Any, _value: Any) -> Any:
    """Write a number as eight little-endian bytes."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], _pointer(context, builder, signature, args, 0, _WORD), align=1)
        return context.get_dummy_value()

    return types.void(target, o, types.uint64), generate


@intrinsic
def trailing_zeros(_context: Any, _bits: Any) -> Any:
    """Return the position of the lowest one bit; 64 if there is none."""

    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), generate


@intrinsic
def popcount(_context: Any, _bits: Any) -> Any:
    """Return the number of one bits."""

    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return types.int64(types.uint64), generate


@njit_without_allocation
def fill_spaces64(target: NDArray[np.uint8], o: int) -> None:
    """Write 64 spaces."""
    for k in range(o, o + BLOCK):
        target[k] = 0x20


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return a read-only view. numba would compile a kernel again for a writable array."""
    view = array.view()
    view.flags.writeable = False
    return view
