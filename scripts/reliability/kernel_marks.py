"""Let compiled kernels mark which of their statements and branches run.

A tracer of Python sees nothing of compiled code, and interpreted code is not what runs: numba gives
other types to numbers, and the vector instructions have no interpreter. So the source of each
kernel is changed, in a copy of the project: `mark_as_run(17)` stands wherever a run of statements
begins. It sets byte 17 of a file that every process maps at the same address, so a compiled kernel
can keep the address as a constant, in the cache, too. Its name must not be that of a variable.

    if x < 0:                mark_as_run(0)
        x = -x               if x < 0:
    return x                     mark_as_run(1)
                                 x = -x
                             else:
                                 mark_as_run(2)
                             mark_as_run(3)
                             return x
"""

from __future__ import annotations

import ast
from collections.abc import Container, Sequence
from pathlib import Path
from typing import NamedTuple

MAX_MARKS = 1 << 20

MODULE = '''\
"""Set a byte of a shared file, from compiled or interpreted code."""

import ctypes
import os

from corpus.kernels import njit  # before anything else of numba

# isort: split
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload

ADDRESS, SIZE = 0x1000_0000_0000, {size}
READ_AND_WRITE, SHARED_AT_THIS_ADDRESS = 3, 0x100001

_map = ctypes.CDLL(None, use_errno=True).mmap
_map.restype = ctypes.c_void_p
_map.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
_file = os.open({file!r}, os.O_RDWR)
if _map(ADDRESS, SIZE, READ_AND_WRITE, SHARED_AT_THIS_ADDRESS, _file, 0) != ADDRESS:
    raise OSError(ctypes.get_errno(), "the file of marks cannot be mapped")
os.close(_file)
_bytes = (ctypes.c_ubyte * SIZE).from_address(ADDRESS)


def mark_as_run(number):
    """Set the byte of this number, from interpreted code."""
    _bytes[number] = 1


@intrinsic
def _mark(_context, _number):
    """Set the byte of this number, from compiled code."""

    def generate(context, builder, _signature, args):
        address = builder.add(args[0], ir.IntType(64)(ADDRESS))
        byte = builder.inttoptr(address, ir.IntType(8).as_pointer())
        builder.store(ir.IntType(8)(1), byte)
        return context.get_dummy_value()

    return types.void(types.int64), generate


@overload(mark_as_run)
def _compiled_mark(number):
    return lambda number: _mark(number)
'''


class Mark(NamedTuple):
    """What has run if a byte is set."""

    lines: tuple[int, ...]
    """The statements that begin here and follow one another: the lines of each."""

    branch: int | None
    """The line of the condition or loop, if this is one of its two ways."""


class Total(NamedTuple):
    """Statements and branches of kernels, and those that ran."""

    statements: int
    statements_run: int
    branches: int
    branches_run: int

    @property
    def share(self) -> float:
        """Return the branch coverage, as coverage.py defines it, from 0 to 1."""
        return (self.statements_run + self.branches_run) / max(1, self.statements + self.branches)


def is_kernel(node: ast.AST) -> bool:
    """Return whether a statement defines a function that is decorated with `njit`."""
    return isinstance(node, ast.FunctionDef) and any(
        ast.unparse(decorator).startswith("njit") for decorator in node.decorator_list
    )


def add_marks(source: str, first: int) -> tuple[str, list[Mark]]:
    """Return a module with marks in its kernels, numbered from `first` on, and what they mean."""
    tree = ast.parse(source)
    marks: list[Mark] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and is_kernel(node):
            docstring = [] if ast.get_docstring(node) is None else node.body[:1]
            node.body = docstring + _marked(node.body[len(docstring) :], None, first, marks)
    if not marks:
        return source, marks
    after = sum(_stands_first(node) for node in tree.body)
    tree.body[after:after] = ast.parse("from corpus.kernel_marks import mark_as_run").body
    return ast.unparse(ast.fix_missing_locations(tree)), marks


def _stands_first(node: ast.stmt) -> bool:
    """Return whether a statement is a docstring or an import of future features."""
    future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
    return future or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _marked(
    block: Sequence[ast.stmt], branch: int | None, first: int, marks: list[Mark]
) -> list[ast.stmt]:
    """Return a block with a mark before each run of statements of which all run if one does."""
    result: list[ast.stmt] = []
    runs: list[list[ast.stmt]] = [[]]
    for node in block:
        runs[-1].append(node)
        if isinstance(node, ast.If | ast.For | ast.While):
            runs.append([])
    for number, run in enumerate(runs):
        if not run and number:
            continue
        result += ast.parse(f"mark_as_run({first + len(marks)})").body
        lines = tuple(node.lineno for node in run)
        marks.append(Mark(lines, branch if number == 0 else None))
        for node in run:
            if isinstance(node, ast.If | ast.For | ast.While):
                forever = isinstance(node, ast.While) and isinstance(node.test, ast.Constant)
                way = None if forever else node.lineno
                node.body = _marked(node.body, way, first, marks)
                node.orelse = [] if forever else _marked(node.orelse, way, first, marks)
        result += run
    return result


def count(marks: Sequence[Mark], seen: Container[int]) -> Total:
    """Return how much of the kernels ran, if the marks of these indices were set."""
    run = [mark for index, mark in enumerate(marks) if index in seen]
    return Total(
        sum(len(mark.lines) for mark in marks),
        sum(len(mark.lines) for mark in run),
        sum(mark.branch is not None for mark in marks),
        sum(mark.branch is not None for mark in run),
    )


def prepare_copy(copy: Path, file: Path) -> dict[str, list[Mark]]:
    """Add marks to the kernels of a copy of the project; return those of each module, in order."""
    module_marks: dict[str, list[Mark]] = {}
    total = 0
    for module in sorted((copy / "corpus").rglob("*.py")):
        source = module.read_text(encoding="utf-8")
        changed, marks = add_marks(source, total)
        if marks:
            module.write_text(changed, encoding="utf-8")
            module_marks[str(module.relative_to(copy))] = marks
            total += len(marks)
    if total > MAX_MARKS:
        raise ValueError(f"{total:,} marks; set MAX_MARKS to more than that")
    file.write_bytes(bytes(MAX_MARKS))
    text = MODULE.format(size=MAX_MARKS, file=str(file))
    (copy / "corpus" / "kernel_marks.py").write_text(text, encoding="utf-8")
    return module_marks


def read_marks(module_marks: dict[str, list[Mark]], file: Path) -> dict[str, set[int]]:
    """Return the indices of the marks of each module that were set."""
    data, start = file.read_bytes(), 0
    seen = {}
    for module, marks in module_marks.items():
        seen[module] = {index for index in range(len(marks)) if data[start + index]}
        start += len(marks)
    return seen
