"""Read and write the compact protocol of Apache Thrift, in which Parquet stores its metadata.

A struct becomes a dict of its fields by number, with the type of each, so that all of it can be
written again: also the fields that this version of the format does not know.

Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

STOP, TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(13)
_INTEGERS = (I16, I32, I64)


@dataclass
class Struct:
    """A struct: its fields by number, in the order in which they were written."""

    types: dict[int, int] = field(default_factory=dict)
    values: dict[int, Any] = field(default_factory=dict)

    def __getitem__(self, number: int) -> Any:
        """Return the value of a field."""
        return self.values[number]

    def __setitem__(self, number: int, value: Any) -> None:
        """Replace the value of a field that is there."""
        if number not in self.types:
            raise KeyError(number)
        self.values[number] = value

    def __contains__(self, number: int) -> bool:
        """Return whether a field is there."""
        return number in self.values

    def shift(self, number: int, distance: int) -> None:
        """Add a distance to a field with an offset, if it is there."""
        if number in self.values:
            self.values[number] += distance


@dataclass
class List:
    """A list: the type of its elements, and the elements."""

    type: int
    values: list[Any]


class Reader:
    """Reads values one after the other. Raises `ValueError` or `IndexError` for damaged data."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.place = 0

    def struct(self) -> Struct:
        """Read a struct."""
        read = Struct()
        number = 0
        while head := self._byte():
            type, distance = head & 15, head >> 4
            number = number + distance if distance else self._integer()
            read.types[number] = type
            read.values[number] = type == TRUE if type in (TRUE, FALSE) else self._value(type)
        return read

    def _value(self, type: int) -> Any:
        if type in _INTEGERS:
            return self._integer()
        if type == BINARY:
            return self._bytes(self._unsigned())
        if type == STRUCT:
            return self.struct()
        if type == LIST:
            return self._list()
        if type in (TRUE, FALSE, BYTE):  # booleans of a list have a byte each
            return self._byte()
        if type == DOUBLE:
            return self._bytes(8)
        raise ValueError(f"a Parquet file has metadata of the unknown type {type}")

    def _list(self) -> List:
        head = self._byte()
        count = head >> 4
        if count == 15:
            count = self._unsigned()
        return List(head & 15, [self._value(head & 15) for _ in range(count)])

    def _byte(self) -> int:
        self.place += 1
        return self._data[self.place - 1]

    def _bytes(self, count: int) -> bytes:
        self.place += count
        if self.place > len(self._data):
            raise IndexError("the metadata of a Parquet file is cut off")
        return self._data[self.place - count : self.place]

    def _unsigned(self) -> int:
        number = shift = 0
        while True:
            byte = self._byte()
            number |= (byte & 127) << shift
            if byte < 128:
                return number
            shift += 7

    def _integer(self) -> int:
        number = self._unsigned()
        return number >> 1 ^ -(number & 1)


class Writer:
    """Writes structs; `data` has what is written so far."""

    def __init__(self) -> None:
        self.data = bytearray()

    def struct(self, struct: Struct) -> None:
        """Write a struct."""
        before = 0
        for number, type_before in struct.types.items():
            value, type = struct.values[number], type_before
            if type in (TRUE, FALSE):
                type = TRUE if value else FALSE
            if 0 < number - before <= 15:
                self.data.append(number - before << 4 | type)
            else:
                self.data.append(type)
                self._integer(number)
            before = number
            if type not in (TRUE, FALSE):
                self._value(type, value)
        self.data.append(STOP)

    def _value(self, type: int, value: Any) -> None:
        if type in _INTEGERS:
            self._integer(value)
        elif type == BINARY:
            self._unsigned(len(value))
            self.data += value
        elif type == STRUCT:
            self.struct(value)
        elif type == LIST:
            self._list(value)
        elif type == DOUBLE:
            self.data += value
        else:
            self.data.append(value)

    def _list(self, list: List) -> None:
        count = len(list.values)
        if count < 15:
            self.data.append(count << 4 | list.type)
        else:
            self.data.append(15 << 4 | list.type)
            self._unsigned(count)
        for value in list.values:
            self._value(list.type, value)

    def _unsigned(self, number: int) -> None:
        while number > 127:
            self.data.append(number & 127 | 128)
            number >>= 7
        self.data.append(number)

    def _integer(self, number: int) -> None:
        self._unsigned(number << 1 if number >= 0 else (-number << 1) - 1)
