"""A stage of the user's own that fails is a mistake of that stage, with line and document."""

from __future__ import annotations

import json

import pytest

from corpus.config.load import load_config
from corpus.errors import CorpusError, StageContractError, StageError
from corpus.pipeline.build import build
from corpus.pipeline.engine import Local, Serial
from corpus.stages.own_mistakes import REMEDY

HEAD = """
import sys
from typing import Literal
import pyarrow as pa
import pyarrow.compute as pc
from corpus.observations import Observation
from corpus.stages import CorpusStage, DocumentStage
from corpus.stages.base import DECISION

class Unpicklable(Exception):
    def __init__(self, a, b):
        super().__init__(a)
        self.function = lambda: a

    def __str__(self):
        raise ValueError("no text")

def not_utf8(documents):
    offsets = pa.array(range(documents.num_rows + 1), pa.int64()).buffers()[1]
    buffers = [None, offsets, pa.py_buffer(b"\\xff" * documents.num_rows)]
    texts = pa.Array.from_buffers(pa.large_string(), documents.num_rows, buffers)
    return documents.set_column(documents.schema.get_field_index("text"), "text", texts)

def has_seven(documents):
    return any("seven" in text for text in documents.column("text").to_pylist())
"""

DOCUMENT_STAGE = """
class Own(DocumentStage):
    stage: Literal["own"] = "own"

    def apply(self, documents):
        {body}
"""

CORPUS_STAGE = """
class Length(Observation):
    def columns(self, documents):
        {observe}

class Own(CorpusStage):
    stage: Literal["own"] = "own"

    def observes(self):
        {observes}

    def decide(self, corpus):
        n = len(corpus.alive)
        none = pa.RecordBatch.from_arrays([pa.nulls(n, f.type) for f in DECISION], schema=DECISION)
        {decide}

    def metrics(self, decisions):
        {metrics}

    def apply(self, documents, decisions):
        {apply}
        return super().apply(documents, decisions)
"""

PARTS = {
    "observe": "return {'length': pc.utf8_length(documents.column('text'))}",
    "observes": "return (Length(),)",
    "decide": "return none",
    "metrics": "return {}",
    "apply": "pass",
}


def build_with(folder, code, *, engine=None, records=20, stages="[{use: 'mine:Own'}]"):
    """Build a few records with a stage of one's own, without any error budget."""
    (folder / "mine.py").write_text(HEAD + code)
    texts = ["The ferry left.", *(f"The ferry left at {i}." for i in range(1, records))]
    if records > 7:
        texts[7] = "The ferry left at seven."
    rows = [json.dumps({"id": f"d{i}", "text": text}) for i, text in enumerate(texts)]
    (folder / "in.jsonl").write_text("\n".join(rows))
    (folder / "c.yaml").write_text(
        f"name: c\nsources: [{{path: in.jsonl}}]\nstages: {stages}\noutput: {{path: out}}\n"
    )
    return build(load_config(folder / "c.yaml"), engine=engine or Serial())


ON_SEVEN = "record 8 of in.jsonl (id 'd7')"

APPLY_MISTAKES = [
    ("if has_seven(documents): raise KeyError('x')", f"raised KeyError: 'x', on {ON_SEVEN}"),
    ("if has_seven(documents): raise Unpicklable(1, 2)", f"raised Unpicklable, on {ON_SEVEN}"),
    ("if has_seven(documents): sys.exit(3)", f"raised SystemExit: 3, on {ON_SEVEN}"),
    ("if has_seven(documents): import no_such", f"No module named 'no_such', on {ON_SEVEN}"),
    ("if has_seven(documents): open('/no/such')", f"'/no/such', on {ON_SEVEN}"),
    ("return self.apply(documents)", "raised RecursionError"),
    ("if has_seven(documents): raise BaseException('odd')", f"BaseException: odd, on {ON_SEVEN}"),
    ("return not_utf8(documents)", "UTF8"),
    ("if documents.num_rows > 10: 1 / 0\\n        return documents", "20 documents together"),
    ("return None", "returned a NoneType, not the RecordBatch"),
    ("return pa.Table.from_batches([documents])", "returned a Table, not the RecordBatch"),
    ("return documents.drop_columns(['text'])", "returned no column 'text'"),
    (
        "return documents.slice(0, documents.num_rows - has_seven(documents))",
        "19 instead of 20 rows; to leave a document out, mark it with corpus.documents.remove, on",
    ),
]


@pytest.mark.parametrize(("body", "fault"), APPLY_MISTAKES)
def test_a_document_stage_that_fails_is_named_with_line_and_document(tmp_path, body, fault):
    """Whatever it raises or returns: exit 2, stage, file, line and document, and no reject."""
    code = DOCUMENT_STAGE.format(body=body.replace("\\n", "\n")) + "        return documents\n"
    with pytest.raises(StageError) as caught:
        build_with(tmp_path, code)

    message = str(caught.value)
    assert caught.value.exit_code == 2
    assert message.startswith("mine.py:")
    assert "stage 'own'" in message
    assert fault in message
    assert message.endswith(REMEDY)
    assert "\n" not in message
    assert "Traceback" in caught.value.__notes__[0]
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".out/*rejected*"))


CORPUS_STAGE_MISTAKES = [
    ({"observe": "return {'length': [1 / 0 for _ in documents.column('text')]}"}, "division by"),
    ({"observe": "return {'length': pa.array([1])}"}, "not all the same length"),
    ({"observes": "raise ValueError('odd')"}, "raised ValueError: odd"),
    ({"observes": "return None"}, "raised TypeError"),
    ({"decide": "raise ValueError('odd')"}, "raised ValueError: odd"),
    ({"decide": "return None"}, "decided a NoneType, not a RecordBatch"),
    ({"decide": "return none.slice(1)"}, "decided on 19 documents, and there are 20"),
    ({"decide": "return none.drop_columns(['score'])"}, "decided no column 'score'"),
    (
        {"decide": "return none.set_column(2, 'score', pa.array(['x'] * n))"},
        "decided 'score' as string, not double",
    ),
    (
        {"decide": "return none.set_column(0, 'reason', pa.array(['r'] * n))"},
        "removed documents for 'r', which is not among its `reasons`",
    ),
    ({"metrics": "raise ValueError('odd')"}, "raised ValueError: odd"),
    ({"apply": "if has_seven(documents): raise ValueError('odd')"}, f"odd, on {ON_SEVEN}"),
]


@pytest.mark.parametrize(("changed", "fault"), CORPUS_STAGE_MISTAKES)
def test_a_corpus_stage_that_fails_is_named(tmp_path, changed, fault):
    """A mistake while observing, deciding or applying is named like one of a document stage."""
    with pytest.raises(StageError) as caught:
        build_with(tmp_path, CORPUS_STAGE.format(**(PARTS | changed)))

    assert str(caught.value).startswith("mine.py:")
    assert "stage 'own'" in str(caught.value)
    assert fault in str(caught.value)
    assert not (tmp_path / "out").exists()


OTHER_METHODS = {
    "reads": "def reads(self): raise ValueError('odd')",
    "required_modules": "def required_modules(self, contents): raise ValueError('odd')",
    "validator": "@model_validator(mode='after')\n    def check(self): raise KeyError('odd')",
}


@pytest.mark.parametrize("method", OTHER_METHODS)
def test_every_method_of_a_stage_may_fail(tmp_path, method):
    """A mistake in a validator, or in a method that runs before the build, is named, too."""
    code = DOCUMENT_STAGE.format(body="return documents") + f"    {OTHER_METHODS[method]}\n"
    with pytest.raises(CorpusError, match=r"mine\.py:\d+: .*(Value|Key)Error: '?odd") as caught:
        build_with(tmp_path, "from pydantic import model_validator\n" + code)
    assert caught.value.exit_code == 2


def test_the_line_is_where_the_stage_failed(tmp_path):
    """The line is that of the last call in the stage's own file."""
    code = DOCUMENT_STAGE.format(body="return pc.utf8_length(documents.column('no'))")
    with pytest.raises(StageError) as caught:
        build_with(tmp_path, code)

    line = int(str(caught.value).split(":")[1])
    assert (tmp_path / "mine.py").read_text().splitlines()[line - 1].strip().startswith("return pc")


def test_a_mistake_reaches_the_user_from_a_worker(tmp_path):
    """An exception that cannot be pickled, and `sys.exit`, are also named from a worker."""
    for statement in ("raise Unpicklable(1, 2)", "sys.exit(0)"):
        code = DOCUMENT_STAGE.format(
            body=f"if has_seven(documents): {statement}\n        return documents"
        )
        with Local(1) as engine, pytest.raises(StageError, match="record 8 of in"):
            build_with(tmp_path, code, engine=engine)


def test_a_corrected_stage_builds_every_record(tmp_path):
    """Nothing of a failed build is left in the cache: no record is missing afterwards."""
    code = DOCUMENT_STAGE.format(body="if has_seven(documents): 1 / 0\n        return documents")
    with pytest.raises(StageError):
        build_with(tmp_path, code)
    built = build_with(tmp_path, code.replace("1 / 0", "pass"))

    assert built.manifest["counts"]["kept"] == 20
    assert built.manifest["counts"]["rejected"] == 0


def test_narrowing_is_bounded(tmp_path):
    """To find the document costs at most as much as applying the stage to the batch twice more."""
    code = DOCUMENT_STAGE.format(
        body="with open(__file__ + '.log', 'a') as log: log.write('x' * documents.num_rows)\n"
        "        if has_seven(documents): raise ValueError\n        return documents"
    )
    with pytest.raises(StageError, match="record 8"):
        build_with(tmp_path, code, records=1000)
    assert len((tmp_path / "mine.py.log").read_text()) <= 3 * 1000


@pytest.mark.parametrize("statement", ["import no_such_module", "1 / 0", "import sys; sys.exit(0)"])
def test_a_module_that_cannot_be_imported_is_a_mistake_of_the_config(tmp_path, statement):
    """A module that raises, exits or imports what is missing is named before anything is read."""
    with pytest.raises(CorpusError, match="mine") as caught:
        build_with(tmp_path, f"{statement}\n" + DOCUMENT_STAGE.format(body="return documents"))
    assert caught.value.exit_code == 2


def test_an_interruption_is_not_a_mistake_of_the_stage(tmp_path):
    """Ctrl-C while a stage runs ends the build as always."""
    with pytest.raises(KeyboardInterrupt):
        build_with(tmp_path, DOCUMENT_STAGE.format(body="raise KeyboardInterrupt"))


def test_a_stage_of_this_package_that_fails_is_a_bug(tmp_path, monkeypatch):
    """It is isolated as before: the record is rejected, and the stage is not called the user's."""
    from corpus.stages.clean import Clean

    def broken(self, documents):
        return None

    monkeypatch.setattr(Clean, "apply", broken)
    with pytest.raises(StageContractError, match="stage 'clean' returned a NoneType") as caught:
        build_with(tmp_path, "", records=3, stages="[clean]")
    assert caught.value.exit_code == 1
