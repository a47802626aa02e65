"""The kernel finds the candidates that the plain-Python definition finds."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import arrow_buffers
from corpus.privacy.candidates.definition import MAX_PEM, NUMBER, Candidate, find_candidates
from corpus.privacy.candidates.scan import scan

PIECES = [
    "jane.doe@example.org", "@", "a@b.c", "jane [at] example.org", "(AT)", "{at}", "://", "https",
    "u:p@h", "192.168.10.1", "1.2.3.4", "84.12.7.3 ", "7.",
    "+49 (0)30 123-45", "4111 1111 1111 1111", "1234567", "1",
    "GB82 WEST 1234 5698 7654 32", "DE89370400440532013000", "AKIA0123456789ABCDEF", "X1" * 9,
    "::1", "2001:db8::ff", "a:b:c:d:e:f:1:2", "12:30:45", "-----BEGIN A KEY-----",
    "-----BEGIN PRIVATE KEY-----", "-----BEGIN ", "PRIVATE KEY",
    "-----END A KEY-----", "-----END ", "------", "\u200b", "\x00", "\x01", "\x02", "\u00ad",
    "\uff11\uff12", "\u0661\u0662\u0663", "\u2013", "\u00a0", " ", "\n", "\t", "(", ")", ".", "/",
    "+", "é", "中文", "ё", "𝟙", "👩", "\uff20", "\u202e", "'", '"', "<", "word", "#",
]  # fmt: skip


def scanned(texts: list[str]) -> list[set[Candidate]]:
    """Return what the kernel finds in each text, in characters."""
    column = pa.array(texts, pa.large_string())
    data, offsets = arrow_buffers.texts(column)
    found: list[set[Candidate]] = [set() for _ in texts]
    for kind, k, begin, end in scan(column).tolist():
        before = len(data[offsets[k] : begin].tobytes().decode())
        length = len(data[begin:end].tobytes().decode())
        found[k].add(Candidate(kind, before, before + length))
    return found


@settings(max_examples=400, deadline=None)
@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=14).map("".join), max_size=3))
def test_the_kernel_agrees_with_the_definition(texts):
    """On every text, the kernel finds the candidates that the definition finds."""
    assert scanned(texts) == [find_candidates(text) for text in texts]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=3))
def test_the_kernel_agrees_on_any_characters(texts):
    """On any characters, too."""
    assert scanned(texts) == [find_candidates(text) for text in texts]


@pytest.mark.parametrize("piece", PIECES)
def test_each_form_is_found_between_words(piece):
    """Each form between words gives the candidates of the definition, and repeated 600 times."""
    texts = [f"See {piece} there", f"{piece} " * 600, piece * 600]
    assert scanned(texts) == [find_candidates(text) for text in texts]


@pytest.mark.parametrize("n", [MAX_PEM - 28, MAX_PEM - 27, MAX_PEM - 26, MAX_PEM + 1])
@pytest.mark.parametrize("last", ["-----END PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----", "é"])
def test_a_key_is_looked_at_up_to_its_limit(n, last):
    """What ends a key counts only if it begins within the characters that are looked at."""
    text = "-----BEGIN PRIVATE KEY-----" + "a" * n + last
    assert scanned([text]) == [find_candidates(text)]


RUNS = [
    "8.8.4.4 ", "8.8.4.4", "1.2.3.4.5", " ", "-", "(", "+", "/", ".", "12", "1234567",
    "4111 1111 ", "\u200b", "\u0663", "\n",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(RUNS), max_size=12).map("".join),
    st.sampled_from([0, 15, 16, 17, 40]),
    st.lists(st.sampled_from(RUNS), max_size=12).map("".join),
    st.sampled_from([0, 1, 62, 63, 64, 65]),
)
def test_the_kernel_agrees_on_long_runs_of_addresses(before, n_addresses, after, n_figures):
    """Also where a run is near the limits, with and without addresses in it."""
    texts = [
        f"{before}{'8.8.4.4 ' * n_addresses}{after}{'12 ' * n_figures}",
        f"{before}{'12 ' * n_figures}{'8.8.4.4 ' * n_addresses}{after}",
    ]
    assert scanned(texts) == [find_candidates(text) for text in texts]


@pytest.mark.parametrize("number", ["+49 30 901820", "5500 0000 0000 0004", "(030) 901820"])
@pytest.mark.parametrize("n", [17, 200])
def test_numbers_beside_many_addresses_are_candidates(number, n):
    """The groups of addresses do not make a table of the numbers before and behind them."""
    addresses = " ".join(["84.12.7.3"] * n)
    text = f"{number} {addresses} {number} {addresses} {number}"
    numbers = [text[c.begin : c.end] for c in sorted(find_candidates(text)) if c.kind == NUMBER]
    assert len(numbers) == 3
    assert all(number.strip("(+") in each for each in numbers)


@pytest.mark.parametrize(("figures", "n"), [(64, 1), (65, 0)])
def test_a_table_of_figures_beside_addresses_is_one(figures, n):
    """An address among many figures does not make numbers of them."""
    text = " ".join(["84.12.7.3"] * 20 + ["12"] * figures)
    assert sum(candidate.kind == NUMBER for candidate in find_candidates(text)) == n
