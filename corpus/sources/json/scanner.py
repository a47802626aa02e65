"""Read values from a stream of JSON without parsing them, and continue after a damaged one.

Memory is bounded by the largest record that may be read. After damage, reading continues where a
record seems to begin: an object whose first name is that of an earlier record, but which is not a
value behind a colon.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from corpus.sources.json.brackets import SPACE, STRING, UNFINISHED, DamagedError, advance
from corpus.sources.json.text import parse

RESCAN_BYTES = 4 << 20
"""Bytes that may be scanned again after damage, beyond an eighth of those that were read."""

_BOUNDARY_BYTES = 1 << 16
"""Maximum bytes of the white space and the first name where a record seems to begin."""

VALUE_ON_A_NEW_LINE = re.compile(rb"\n(?=[{\[])")
"""Where a value at the top level seems to begin."""

_YIELDED_BYTES = 1 << 20
_MAX_FIRST_NAMES = 8
_MAX_SKIPPED_DEPTH = 1 << 20
_TOKEN = re.compile(rb'\\.|["{}\[\]\r\n]', re.DOTALL)
_CLOSERS = {b"{": ord("}"), b"[": ord("]")}
_SCALAR = re.compile(STRING + rb"|[^\s\"{}\[\],:\x1e]++")
_FIRST_NAME = re.compile(rb"\{\s*+(" + STRING + rb")\s*+:")
_GAP = re.compile(SPACE)
_GAP_BETWEEN_RECORDS = re.compile(rb"[ \t\r\n,\x1e]*+")  # \x1e: the separator of RFC 7464
_NO_LINE_ENDS = bytes.maketrans(b"\r\n", b"  ")
_DAMAGED_LINE_ENDS = bytes.maketrans(b"\r\n", b"\x0b\x0b")  # not valid anywhere in JSON


@dataclass
class Scanner:
    """Reads values from pieces of data. Records are yielded as lines, in pieces."""

    pieces: Iterator[bytes]

    limit: int
    """Bytes of a record that may be kept in memory."""

    buffer: bytes = b""
    position: int = 0
    n_lines: int = 0
    """Lines yielded so far."""

    ends_in_damage: bool = False
    """Whether the data ended inside a damaged record, which has been yielded."""

    _n_read: int = 0
    _n_forgotten: int = 0
    _n_rescanned: int = 0
    _first_names: list[bytes] = field(default_factory=list)

    def fill(self) -> bool:
        """Forget what was read, and double the rest up to the limit; False at the end."""
        self._n_forgotten += self.position
        parts = [self.buffer[self.position :]]
        size, n_added = len(parts[0]), 0
        wanted = max(1, min(size, self.limit - size + 1))
        while n_added < wanted and (piece := next(self.pieces, None)) is not None:
            parts.append(piece)
            n_added += len(piece)
        self.buffer, self.position = b"".join(parts), 0
        self._n_read += n_added
        return n_added > 0

    def peek(self, *, between_records: bool = False) -> bytes:
        """Return the next byte after white space, or also after separators; b"" at the end."""
        gap = _GAP_BETWEEN_RECORDS if between_records else _GAP
        while True:
            match = gap.match(self.buffer, self.position)
            self.position = match.end() if match else self.position
            if self.position < len(self.buffer) or not self.fill():
                return self.buffer[self.position : self.position + 1]

    def _find_end(self, stack: bytearray) -> int:
        """Return where the object or list at the position ends, and leave `stack` empty.

        If that is over the limit, return a position before, with the brackets to close in `stack`.
        Raises DamagedError.
        """
        at = self.position
        while True:
            at, finished = advance(self.buffer, at, stack)
            if finished or len(self.buffer) - self.position > self.limit:
                return at
            done = at - self.position
            if not self.fill():
                raise DamagedError(len(self.buffer))
            at = done

    def record(self) -> Iterator[bytes]:
        """Yield the object or list at the position as a line; a damaged one up to the next record.

        A record over the limit is yielded, too, but never kept in memory.
        """
        stack = bytearray()
        try:
            end = self._find_end(stack)
        except DamagedError as error:
            n_again = error.at - self.position
            may_rescan = self._n_rescanned <= RESCAN_BYTES + self._n_read // 8
            self._n_rescanned += n_again
            yield from self.damaged_line(self.position + (1 if may_rescan else max(1, n_again)))
            return
        if stack:
            yield from self._line_over_limit(end, stack)
            return
        self.n_lines += 1
        self._remember_first_name()
        yield from self._up_to(end, _NO_LINE_ENDS)
        yield b"\n"

    def _line_over_limit(self, at: int, stack: bytearray) -> Iterator[bytes]:
        """Yield the object or list at the position as a line, without keeping it in memory.

        Its brackets before `at`, which is not inside a string, are followed; `stack` has those to
        close.
        """
        in_string = False
        while True:
            for match in _TOKEN.finditer(self.buffer, at):
                token, at = match.group(), match.end()
                if token == b'"':
                    in_string = not in_string
                elif token in _CLOSERS and not in_string:
                    stack.append(_CLOSERS[token])
                elif _is_damage(token, stack, in_string=in_string):
                    yield from self.damaged_line(match.start())
                    return
                if not stack:
                    self.n_lines += 1
                    yield from self._up_to(at, _NO_LINE_ENDS)
                    yield b"\n"
                    return
            n_open = len(self.buffer) - at if self.buffer.endswith(b"\\") else 0
            yield from self._up_to(len(self.buffer) - min(n_open, 1), _NO_LINE_ENDS)
            if not self.fill():
                self.n_lines += 1
                self.ends_in_damage = True
                return
            at = self.position

    def _up_to(self, end: int, line_ends: bytes) -> Iterator[bytes]:
        """Go to a position of the buffer, and yield the bytes before it with other line ends."""
        while self.position < end:
            start, self.position = self.position, min(end, self.position + _YIELDED_BYTES)
            yield self.buffer[start : self.position].translate(line_ends)

    def scalar(self) -> Iterator[bytes]:
        """Yield the string, number or word at the position as a line."""
        try:
            value = self._take_scalar()
        except DamagedError:
            yield from self.damaged_line(self.position + 1)
        else:
            self.n_lines += 1
            yield value + b"\n"

    def _take_scalar(self) -> bytes:
        """Return the string, number or word at the position; raises DamagedError."""
        while True:
            match = _SCALAR.match(self.buffer, self.position)
            may_go_on = match is None or match.end() == len(self.buffer)
            is_unfinished = may_go_on and UNFINISHED.match(self.buffer, self.position)
            too_much = len(self.buffer) - self.position > self.limit
            if not is_unfinished or too_much or not self.fill():
                break
        if match is None:
            raise DamagedError(self.position)
        self.position = match.end()
        return match.group()

    def damaged_line(
        self, search_from: int, boundary: re.Pattern[bytes] | None = None
    ) -> Iterator[bytes]:
        """Yield everything before the next record as a line that is not valid JSON.

        A record begins at the end of a match of `boundary`.
        """
        boundary = boundary or self._boundary()
        self.n_lines += 1
        start = self._n_forgotten + self.position
        while (match := boundary.search(self.buffer, search_from)) is None:
            end = max(self.position, len(self.buffer) - _BOUNDARY_BYTES)
            n_ahead = max(0, search_from - end)
            yield from self._up_to(end, _DAMAGED_LINE_ENDS)
            if not self.fill():
                self.ends_in_damage = True
                yield from self._damaged_end(len(self.buffer), start)
                return
            search_from = n_ahead
        yield from self._damaged_end(match.end(), start)
        yield b"\n"

    def _damaged_end(self, end: int, start: int) -> Iterator[bytes]:
        """Yield the end of a damaged line that starts at byte `start` of the data.

        Line ends become white space only if that does not make a short line valid.
        """
        line_ends = _DAMAGED_LINE_ENDS
        if start == self._n_forgotten + self.position and end - self.position < _YIELDED_BYTES:
            try:
                parse(self.buffer[self.position : end].translate(_NO_LINE_ENDS).rstrip(b" ,\x1e"))
            except ValueError:
                line_ends = _NO_LINE_ENDS
        yield from self._up_to(end, line_ends)

    def _remember_first_name(self) -> None:
        match = _FIRST_NAME.match(self.buffer, self.position)
        if match and match.group(1) not in self._first_names:
            self._first_names = [*self._first_names, match.group(1)][:_MAX_FIRST_NAMES]

    def _boundary(self) -> re.Pattern[bytes]:
        """Return the pattern that ends where a record seems to begin."""
        own = _FIRST_NAME.match(self.buffer, self.position)
        known = self._first_names or ([own.group(1)] if own else [])
        names = b"|".join(map(re.escape, known))
        if not names:
            # the last of several line ends: so no space is read for each of them
            return re.compile(rb'(?:\}\s*+,\s*+|\n[^\S\n]*+|\x1e\s*+)(?=\{\s*+")')
        return re.compile(rb"\x1e\s*+(?=\{)|(?<!:)(?<!: )(?=\{\s*+(?:" + names + rb")\s*+:)")

    def name(self) -> str:
        """Return the name at the position in an object; raises DamagedError."""
        raw = self._take_scalar() if self.peek() == b'"' else b""
        try:
            return str(json.loads(raw.decode(errors="replace")))
        except ValueError:
            raise DamagedError(self.position) from None

    def skip(self) -> None:
        """Go to the end of the value at the position, and forget it; raises DamagedError."""
        if self.peek() not in (b"{", b"["):
            self._take_scalar()
            return
        stack = bytearray()
        while True:
            self.position, finished = advance(
                self.buffer, self.position, stack, max_depth=_MAX_SKIPPED_DEPTH
            )
            too_much = len(self.buffer) - self.position > self.limit
            if finished:
                return
            if too_much or not self.fill():
                raise DamagedError(self.position)


def _is_damage(token: bytes, stack: bytearray, *, in_string: bool) -> bool:
    """Return whether a token cannot be there; a closing bracket is removed from the stack."""
    if in_string:
        return token in (b"\r", b"\n")
    is_wrong = token in (b"}", b"]") and stack.pop() != token[0]
    return is_wrong or len(stack) > _MAX_SKIPPED_DEPTH
