"""Every write goes through `corpus.storage`: no other module changes anything on a disk."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import corpus

PACKAGE = Path(corpus.__file__).parent

STORAGE = "storage.py"

WRAPPERS = {
    "pipeline/arrow_files.py": {"ParquetWriter", "new_file", "new_stream"},
    "sources/lines.py": {"truncate"},
    "classifier/model.py": {"savez_compressed"},
    "contamination/index.py": {"memmap"},
}
"""Calls that a module may make because it passes a file that `corpus.storage` opened, or a buffer
in memory, or maps it to read."""

CHANGES = {
    *("mkdir", "makedirs", "touch", "unlink", "rmdir", "removedirs", "rename", "renames"),
    *("symlink_to", "hardlink_to", "symlink", "link", "chmod", "chown", "utime", "mknod", "mkfifo"),
    *("write_text", "write_bytes", "truncate", "ftruncate", "posix_fallocate", "fsync", "sendfile"),
    *("rmtree", "copyfile", "copy2", "copytree", "move", "extract", "extractall"),
    *("unpack_archive", "make_archive", "ZipFile", "TarFile", "FileIO"),
    *("mkdtemp", "mkstemp", "mktemp", "TemporaryFile", "NamedTemporaryFile"),
    *("TemporaryDirectory", "SpooledTemporaryFile"),
    *("ParquetWriter", "ORCWriter", "CSVWriter", "RecordBatchFileWriter", "OSFile"),
    *("RecordBatchStreamWriter", "new_file", "new_stream", "write_table", "write_feather"),
    *("write_dataset", "write_csv", "write_metadata", "write_to_dataset", "create_memory_map"),
    *("open_output_stream", "open_append_stream", "to_csv", "to_parquet"),
    *("savez", "savez_compressed", "savetxt", "tofile", "memmap", "open_memmap"),
}
"""Names of functions that write, wherever they come from."""

READERS = {"ZipFile", "OSFile", "TarFile"}
"""Of these, the ones that read unless a mode says otherwise."""

MEMBERS = {
    "os": {"replace", "remove", "write", "pwrite", "writev", "link", "symlink"},
    "shutil": {"copy", "copyfileobj"},
    "np": {"save"},
}
"""Functions whose names have other meanings, too, by the module that they are called on."""

SUSPICIOUS = re.compile(
    rf"\b(?:open|{'|'.join(sorted(CHANGES.union(*MEMBERS.values())))})\(", re.ASCII
)

ALLOWED = {
    # the standard output is closed by its reader: what is still to be printed is discarded
    ("cli/exit_codes.py", "os.open"),
    # a pipe from which the processes that compile take the number of their next part
    ("pipeline/warm_up.py", "os.write"),
}


def writes(path: Path) -> list[str]:
    """Return each call in a file that writes, as `line: call`."""
    name = path.relative_to(PACKAGE).as_posix()
    code = path.read_text(encoding="utf-8")
    if not SUSPICIOUS.search(code):  # most modules: parsing them all takes a second
        return []
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    found = [(call.lineno, _dotted(call.func)) for call in calls if _writes(call)]
    return [
        f"{line}: {call}"
        for line, call in found
        if (name, call) not in ALLOWED and call.rpartition(".")[2] not in WRAPPERS.get(name, ())
    ]


def _writes(call: ast.Call) -> bool:
    """Return whether a call writes a file, or changes what is in a folder."""
    owner, _, name = _dotted(call.func).rpartition(".")
    if owner in ("storage", "out", "writer"):  # ours, or a writer that was opened with them
        return False
    if name == "open" or name in READERS:
        return _opens_for_writing(call, owner)
    if name in MEMBERS.get(owner, ()):
        return True
    if name == "replace" and len(call.args) == 1 and not call.keywords and owner:
        return True  # Path.replace: str.replace has two arguments, dataclasses.replace has names
    return name in CHANGES


def _dotted(function: ast.expr) -> str:
    """Return what is called, as `os.open`; a method of any other expression as `?.open`."""
    if isinstance(function, ast.Name):
        return function.id
    return (
        f"{_dotted(function.value)}.{function.attr}" if isinstance(function, ast.Attribute) else "?"
    )


def _opens_for_writing(call: ast.Call, owner: str) -> bool:
    """Return whether the mode or the flags of an `open` are not known to be those of reading."""
    if owner == "os":
        return not ast.unparse(call).endswith(("os.O_RDONLY)", " os.O_PATH)"))
    modes = [keyword.value for keyword in call.keywords if keyword.arg == "mode"]
    modes += [
        argument
        for argument in call.args
        if isinstance(argument, ast.Constant)
        and isinstance(argument.value, str)
        and set(argument.value) <= set("rwxabt+:gz2xzst|*")
    ]
    return any(not isinstance(m, ast.Constant) or set(str(m.value)) & set("wxa+") for m in modes)


def test_only_storage_writes():
    """No module except `corpus.storage` opens a file for writing, or changes a folder."""
    modules = [path for path in sorted(PACKAGE.rglob("*.py")) if path.name != STORAGE]

    assert {path.name: found for path in modules if (found := writes(path))} == {}


@pytest.mark.parametrize(
    "code",
    [
        "open(p, 'w')",
        "p.open('wb')",
        "p.open(mode='a')",
        "p.write_text('x')",
        "os.open(p, os.O_RDONLY | os.O_CREAT)",
        "os.replace(a, b)",
        "a.replace(b)",
        "pq.write_table(t, p)",
        "np.save(p, a)",
        "gzip.open(p, 'wb')",
        "pa.OSFile(p, 'wb')",
    ],
)
def test_each_way_to_write_is_noticed(code):
    """The check notices the ways in which Python, NumPy and Arrow write files."""
    (call,) = (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call))

    assert _writes(call)


@pytest.mark.parametrize(
    "code",
    [
        "p.open('rb')",
        "open(p)",
        "text.replace('a', 'b')",
        "replace(task, a=1)",
        "storage.remove(p)",
    ],
)
def test_reading_is_no_write(code):
    """The check allows to read files, and to replace parts of a text or of a value."""
    (call,) = (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call))

    assert not _writes(call)
