"""The instruments of the reliability report notice what they look for."""

from __future__ import annotations

import ast
import errno
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

SCRIPTS = Path(__file__).parents[1] / "scripts"
PROBE = """
import os, sys
sys.path.insert(0, {scripts!r})
from pathlib import Path
from reliability.shim import Shim
folder, seen = Path({folder!r}), []
shim = Shim()
shim.arm(folder, ["write"], first=2, last=2, error=28)
handle = os.open(folder / "file", os.O_CREAT | os.O_WRONLY)
for data in (b"one", b"two", b"three"):
    try:
        os.write(handle, data)
    except OSError as error:
        seen.append(error.errno)
print(seen, shim.disarm(), shim.hit)
"""


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch):
    """Return a function that imports a module of the report."""
    monkeypatch.syspath_prepend(SCRIPTS)

    def load(name: str) -> ModuleType:
        return importlib.import_module(f"reliability.{name}")

    return load


def after_power_loss(script, folder: Path, operations: list[tuple[str, str, str]], kind: str):
    """Return name and content of the files of a folder after these operations and a power loss."""
    power_loss = script("power_loss")
    (folder / "base").mkdir(exist_ok=True)
    disk = power_loss.Disk(Path("/place"), folder / "base", folder / "log")
    for operation, one, two in operations:
        disk.apply(operation, f"/place{one}", f"/place{two}" if two.startswith("/") else two)
    return dict(disk.files(kind))


def test_a_file_that_was_not_synced_is_lost(tmp_path, script):
    """Of a file, a power loss leaves what it had at its last sync, or nothing."""
    operations = [("create", "/a", ""), ("fsync", "/a", "1"), ("create", "/b", "")]
    files = after_power_loss(script, tmp_path, operations, "names kept")
    assert files == {"a": tmp_path / "log.1", "b": None}


def test_a_name_that_was_not_synced_is_lost(tmp_path, script):
    """A new file has a name on the disk only once its folder was synced."""
    operations = [("create", "/a", ""), ("fsync", "/a", "1"), ("fsync", "", "")]
    assert after_power_loss(script, tmp_path, operations[:2], "synced names") == {}
    assert "a" in after_power_loss(script, tmp_path, operations, "synced names")


def test_a_deletion_before_the_exchange_is_synced_damages_the_old_build(tmp_path, script):
    """If the old build is deleted first, a power loss may leave a part of it under its name."""
    for name in ("old/x", "old/y", "new/x"):
        (tmp_path / "base" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "base" / name).write_text(name)
    exchange, delete = ("exchange", "/new", "/old"), ("unlink", "/new/x", "")
    files = after_power_loss(script, tmp_path, [exchange, delete], "deletions kept")
    assert sorted(files) == ["new/", "new/x", "old/", "old/y"]
    synced = [exchange, ("fsync", "", ""), delete]
    files = after_power_loss(script, tmp_path, synced, "deletions kept")
    assert files["old/x"] == tmp_path / "base" / "new" / "x"


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_the_preloaded_library_fails_one_operation(tmp_path, script):
    """The second of three writes fails with the error that was asked for."""
    environment = script("shim").environment(tmp_path / "shim")
    code = PROBE.format(scripts=str(SCRIPTS), folder=str(tmp_path))
    call = [sys.executable, "-c", code]
    answer = subprocess.run(
        call, env=os.environ | environment, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == f"[{errno.ENOSPC}] 3 write {tmp_path}/file"


@pytest.mark.parametrize(
    ("code", "state", "fault"),
    [
        (0, "new", []),
        (4, "old", []),
        (0, "old", ["lost at exit 0"]),
        (4, "OTHER", ["half build"]),
        (1, "old", ["exit 1"]),
    ],
)
def test_a_lost_document_and_half_a_build_are_faults(script, code, state, fault):
    """Exit code 0 needs the new build, and nothing may be visible but a whole build."""
    trial = script("failing_operations").Trial("EIO", code, "", state, "", ())
    assert list(trial.faults()) == fault


def test_a_call_of_storage_is_failed(tmp_path, script):
    """The layer counts the calls of `corpus.storage` and fails the one that is asked for."""
    from corpus import storage

    original = storage.write
    with script("failing_operations").layer_in_storage() as layer:
        layer.first, layer.error = 2, errno.EIO
        storage.write(tmp_path / "a", b"a")
        with pytest.raises(OSError, match="Input/output error"):
            storage.write(tmp_path / "b", b"b")
    assert layer.seen == 2
    assert storage.write is original
    assert not (tmp_path / "b").exists()


def test_a_read_of_two_builds_is_noticed(script):
    """A read that passes is wrong with documents of both builds, or with too few."""
    readers = script("exchanged_builds")
    whole = [f"A{i}" for i in range(readers.DOCUMENTS)]
    assert readers.judge(whole) == ""
    assert readers.judge([*whole[1:], "B1"]) == "documents of both builds"
    assert readers.judge(whole[1:]) == f"{readers.DOCUMENTS - 1} documents"


def test_variants_of_a_build_are_distinct_and_always_the_same(script):
    """The variants are drawn with a fixed seed."""
    matrix = script("byte_identity")
    assert matrix.variants(9) == matrix.variants(12)[:9]
    assert len({json.dumps(variant) for variant in matrix.variants(12)}) == 12


KERNEL = """
@njit
def smallest(x, limit):
    found = limit
    for k in range(len(x)):
        if x[k] < found:
            found = x[k]
        elif x[k] < 0:
            return 0
    while True:
        return found
"""


def marked_lines(script, *calls: list[int]) -> tuple[set[int], object]:
    """Return the lines of a kernel that these calls mark, and the total of the kernel."""
    instrument, seen = script("kernel_marks"), set()
    source, marks = instrument.add_marks(KERNEL, 0)
    scope = {"njit": lambda function: function, "mark_as_run": seen.add}
    exec(source.replace("from corpus.kernel_marks import mark_as_run", ""), scope)
    for numbers in calls:
        assert scope["smallest"](numbers, 9) == min([*numbers, 9])
    lines = {line for number in seen for line in marks[number].lines}
    return lines, instrument.count(marks, seen)


def test_the_marks_of_a_kernel_tell_which_lines_ran(script):
    """A line counts as covered if a call reached it, and only then."""
    assert marked_lines(script)[0] == set()
    assert marked_lines(script, [])[0] == {4, 5, 10, 11}
    assert marked_lines(script, [3])[0] == {4, 5, 6, 7, 10, 11}


def test_a_branch_of_a_kernel_has_two_ways(script):
    """A condition and a loop count twice: taken and not taken; an endless loop has one way."""
    total = marked_lines(script, [])[1]
    assert (total.statements, total.branches) == (8, 6)
    assert total.branches_run == 1  # the loop ended
    total = marked_lines(script, [3, 12])[1]
    assert (total.statements_run, total.branches_run) == (7, 5)  # all but the return of 0


def test_a_change_of_annotations_is_no_mutant(script):
    """A mutant runs other code; annotations are not run, and what does not compile is no code."""
    same_code = script("mutation_score").same_code
    assert same_code("def f(x: int | None) -> int: ...", "def f(x: int + None) -> str: ...")
    assert same_code("x: int = 1", "x: str = 1")
    assert same_code("x = 1", "x = = 1")
    assert not same_code("x: int = 1", "x: int = 2")


def test_the_tests_of_a_module_come_first(script):
    """First those with its name, then those that import it: most changes are noticed there."""
    mutation = script("mutation_score")
    module = mutation.PROJECT / "corpus" / "pipeline" / "sharding.py"
    others = ["tests/builds", "tests/pipeline/test_sharding.py"]
    ordered = mutation.tests_of(module, others)
    assert ordered[0] == "tests/pipeline/test_sharding.py"
    assert ordered.count(ordered[0]) == 1
    importing = ordered.index("tests/pipeline/test_portions.py")
    assert importing < ordered.index("tests/builds/test_reader.py")
    assert "tests/pipeline/test_arrow_files.py" not in ordered


def test_another_seed_draws_other_changes(script):
    """The same seed draws the same changes again."""
    mutation = script("mutation_score")
    pytest.importorskip("cosmic_ray")
    first, again, other = (mutation.draw("ledger", 5, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_a_figure_that_was_not_measured_says_so(script):
    """A row without a measurement is neither reached nor missed."""
    figure = script("figure").not_run("kills", "0", "no time")
    assert figure.reached is None
    assert figure.measured == "not run: no time"


def write_small_build(folder: Path, sha: str, *, record: int = 1, reason: str = "bad", **counts):
    """Write the files of a build that name the hash of its input, and a reject at a position."""
    import pyarrow as pa
    from pyarrow import parquet

    (folder / "ledger").mkdir(parents=True)
    rejects = [{"source": "a", "record": record, "reason": reason}]
    rejects += [{"source": "a", "record": 3 - record, "reason": "empty"}]
    rejects.sort(key=lambda row: row["record"])
    parquet.write_table(pa.Table.from_pylist(rejects), folder / "ledger" / "rejected.parquet")
    (folder / "README.md").write_text(f"Built from {sha[:16]} with identity {sha[::-1]}.\n")
    files = {"README.md": {"sha256": sha}, "ledger/rejected.parquet": {"bytes": 9 + record}}
    manifest = {"identity": sha[::-1], "inputs": [{"sha256": sha}], "files": files, **counts}
    (folder / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("sha", "change", "differ"),
    [
        ("0123456789abcdef" * 4, {"record": 1}, ""),
        ("fedcba9876543210" * 4, {"record": 2}, ""),
        ("fedcba9876543210" * 4, {"reason": "worse"}, "ledger/rejected.parquet"),
        ("fedcba9876543210" * 4, {"kept": 3}, "manifest.json"),
    ],
)
def test_builds_of_reordered_lines_may_differ_only_in_hashes_and_positions(
    tmp_path, script, sha, change, differ
):
    """Hashes of inputs, the identity and positions are masked; reasons and counts are compared."""
    orders = script("reordered_inputs")
    write_small_build(tmp_path / "one", "0123456789abcdef" * 4)
    write_small_build(tmp_path / "other", sha, **change)
    builds = [orders.masked_contents(tmp_path / name) for name in ("one", "other")]
    assert script("builds").difference(*builds) == differ


@pytest.mark.parametrize(("power", "fails"), [(1, False), (2, True)])
def test_quadratic_growth_of_time_is_noticed(script, monkeypatch, power, fails):
    """Four times the input may take four times as long, not sixteen times."""
    growth = script("growth")
    # the time of a test machine is no measure: an action returns its seconds itself
    monkeypatch.setattr(growth, "seconds_in_child", lambda action: (action(), ""))
    found = growth.growth("loop", lambda size: lambda: size**power / 1000, 200, 0.0005)
    assert found.ratio == pytest.approx(4**power)
    assert bool(found.failure) == fails


def test_an_action_that_fails_is_no_quick_one(script):
    """An error of the action is reported, not taken for a time."""

    def make(size: int):
        return lambda: [][size]

    growth = script("growth").growth("loop", make, 300, 0.001)
    assert growth.failure == "loop: IndexError: list index out of range"


@pytest.mark.parametrize("power", [1, 2])
def test_an_expression_that_backtracks_is_noticed(script, monkeypatch, power):
    """An expression that tries every end of a run of letters takes quadratic time."""
    expressions = script("growth_of_expressions")
    monkeypatch.setattr(expressions, "_seconds", lambda *arguments: arguments[3] ** power / 1e4)
    assert expressions._ratio(re.compile("a+b").search, "", "a") == pytest.approx(4**power)


def test_the_parts_that_an_expression_repeats_are_found(script):
    """Each alternative of a repeated part is a text, with what comes before it."""
    parts = script("repeated_parts").repeated_parts
    found = parts(re.compile(r"<b(?: |\w+=\d)*>"))
    assert {("<b", " "), ("<b", "a=0"), ("", "<b")} <= set(found)


def test_an_expression_is_measured_as_its_module_uses_it(script):
    """An expression that is only matched at the start of a text is not searched at every place."""
    expressions = script("growth_of_expressions")
    tree = ast.parse("_A = 1; _B = 2; f(_A); _A.match(x); _B.match(x); _B.fullmatch(x)")
    assert expressions._methods(tree, "_A") == ("finditer",)
    assert expressions._methods(tree, "_B") == ("fullmatch", "match")


def test_a_bounded_expression_has_little_time_at_its_bound(script, monkeypatch):
    """Quadratic time is allowed where it is little, and the bound belongs to an expression."""
    expressions = script("growth_of_expressions")
    slow = expressions.Expression("slow", re.compile("a+b"))
    monkeypatch.setitem(expressions.BOUNDS, "slow", (100, "a test"))
    assert not expressions.growth_of(slow).failure
    monkeypatch.setattr(expressions, "_seconds", lambda *_: 0.03)
    assert "100 characters, the most it gets, took 0.030 s" in expressions.growth_of(slow).failure


def test_every_bound_belongs_to_an_expression(script):
    """An expression that is renamed or removed takes its bound with it."""
    bounds = script("bounded_expressions").BOUNDS
    for name in bounds:
        module, _, variable = name.rpartition(".")
        assert hasattr(importlib.import_module(module), variable), name


def test_a_measurement_that_ends_badly_is_a_failure(monkeypatch, script):
    """A row whose process fails counts as missed, so CI fails: nothing was shown."""
    script("figure")  # puts the scripts on the path
    report = importlib.import_module("reliability_report")
    monkeypatch.setattr(report, "ROWS", {"no such row": False})
    options = SimpleNamespace(quick=True, trials=None)
    (figure,) = report.measure("no such row", options)["figures"]
    assert figure["reached"] is False
    assert figure["measured"] == "not run: the measurement failed (2)"


def test_the_growth_of_every_format_and_stage_is_measured(script):
    """A new format or stage needs hostile inputs whose time is measured."""
    from corpus.sources.formats import FORMATS, format_of_name
    from corpus.stages import STAGES

    files = script("growth_of_readers").REPETITIVE
    stages = {settings["stage"] for settings in script("growth_of_stages").STAGES}
    assert {format_of_name(name) for name in files} >= set(FORMATS)
    assert stages | {"clean", "custom"} >= set(STAGES)
