"""The types of `audit.json`: one TypedDict for each section.

At run time, a report is the plain dict that is written to `audit/audit.json`. `schema.json`
describes every key; a test checks that the schema and these types agree.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

from corpus.mixture.report import MixedGroup
from corpus.tokens.tokenizer import TokenizerFile

Status: TypeAlias = Literal["pass", "warn", "fail"]

Tokens: TypeAlias = int
"""A number of tokens: counted with the report's `tokenizer`, or estimated from bytes."""


class Check(TypedDict):
    """One check of the corpus, with its result and the reason for it."""

    id: str
    status: Status
    question: str
    reason: str


class Totals(TypedDict):
    """What is summed for every group of documents: the corpus, a split, a language, a source."""

    documents: int
    characters: int
    bytes: int
    words: int
    doubtful: int


class Split(Totals):
    """The counts and histograms of one split."""

    tokens: Tokens
    lengths: list[int]
    words_each: list[int]
    tokens_each: list[int]
    scores: list[int]
    unscored: int
    confidences: list[int]
    months: dict[str, int]
    undated: int
    implausible: int


Splits: TypeAlias = dict[str, Split]


class Column(TypedDict):
    """A column, and the number of documents without a value in it."""

    name: str
    missing: int


class Lengths(TypedDict):
    """The bins of all histograms of lengths."""

    edges: list[int]
    bytes_a_token: int


class Scores(TypedDict):
    """The bins of the histogram of language scores."""

    edges: list[float]
    doubtful: float


class NamedTotals(Totals):
    """The totals of one language, source, publisher or host."""

    name: str
    splits: dict[str, int]


class OtherNames(Totals):
    """The totals of all names that have no row of their own."""

    names: int


class UnknownName(Totals):
    """The totals of the documents without a name."""

    splits: dict[str, int]


class Concentration(TypedDict):
    """How unevenly documents are spread over names."""

    largest: float
    ten: float
    effective: float


class NameTable(TypedDict):
    """Documents by name: the most frequent names, all others, and documents without a name."""

    names: int
    exact: bool
    rows: list[NamedTotals]
    others: OtherNames
    unknown: UnknownName
    concentration: Concentration | None


Languages: TypeAlias = NameTable
Sources: TypeAlias = NameTable
Publishers: TypeAlias = NameTable
Hosts: TypeAlias = NameTable
ContentKinds: TypeAlias = NameTable


class LanguageOfSource(Totals):
    """The totals of the documents of one source in one language."""

    language: str | None
    source: str | None
    splits: dict[str, int]


class Document(TypedDict):
    """A document in short: its metadata and the beginning of its text."""

    id: str | None
    title: str | None
    publisher: str | None
    url: str | None
    source: str | None
    language: str | None
    date: str | None
    excerpt: str | None
    split: str | None
    characters: int


Documents: TypeAlias = list[Document]


class ScoredDocument(Document):
    """A document with its language score."""

    score: float | None


class Extraction(TypedDict):
    """How confident `clean` is in its extractions, and the documents with the lowest confidence."""

    edges: list[float]
    confidences: list[int]
    unscored: int
    doubtful_below: float
    doubtful: int
    lowest: list[ScoredDocument]


class Outlier(Document):
    """An unusual document: what is unusual, and what share of the text that is."""

    why: str
    share: float


class RepeatedValues(TypedDict):
    """How many documents have the same URL, or the same text, as another document."""

    exact: bool
    values: int
    documents: int
    repeated: int
    largest: int
    across_splits: int
    documents_across_splits: int


class SharedValues(TypedDict):
    """Repeated URLs and texts; texts are only compared by `corpus audit`."""

    url: RepeatedValues
    text: RepeatedValues | None


class SampleSize(TypedDict):
    """How many documents and bytes were read, and whether that is the whole corpus."""

    documents: int
    bytes: int
    whole: bool


class RepeatedLine(TypedDict):
    """A line that occurs in several documents."""

    line: str
    documents: int
    times: int
    sources: int


class RepeatedLines(TypedDict):
    """Lines that occur in several documents."""

    lines: int
    least: int
    repeated: int
    characters: int
    documents: int
    rows: list[RepeatedLine]


class Zipf(TypedDict):
    """Word frequency by rank."""

    slope: float | None
    ranks: list[list[int]]


class WordNgram(TypedDict):
    """A word n-gram with its frequency."""

    text: str
    times: int
    documents: int


class DistinctiveWord(TypedDict):
    """A word that is more frequent in one group of documents than in all others."""

    text: str
    times: int
    of: int


class DistinctiveWords(TypedDict):
    """The distinctive words of each split and of each language."""

    splits: dict[str, list[DistinctiveWord]]
    languages: dict[str, list[DistinctiveWord]]


class Vocabulary(TypedDict):
    """Words: their number, their frequencies, and the most frequent n-grams."""

    words: int
    distinct: int
    once: int
    zipf: Zipf
    growth: list[list[int]]
    grams: dict[str, list[WordNgram]]


class Words(Vocabulary):
    """The vocabulary, with the words that set groups of documents apart."""

    telling: DistinctiveWords


CharacterClasses = TypedDict(
    "CharacterClasses",
    {
        "letters": int,
        "marks on letters": int,
        "digits": int,
        "punctuation": int,
        "symbols": int,
        "spaces": int,
        "controls": int,
    },
)


class OddCharacter(TypedDict):
    """A character that does not belong in a text, such as a control character."""

    code: str
    name: str
    times: int
    documents: int


class Characters(TypedDict):
    """Characters by class, and those that point to a broken encoding."""

    classes: CharacterClasses
    odd: list[OddCharacter]
    documents: int
    distinct: int
    mojibake: int


class PersonalData(TypedDict):
    """Matches of one pattern of personal data, such as e-mail addresses."""

    kind: str
    documents: int
    times: int
    masked: list[str]


class Redaction(TypedDict):
    """How often the stage `redact` found a type in the documents of one language."""

    type: str
    language: str | None
    documents: int
    matches: int


class SampleStatistics(SampleSize):
    """What is measured on a sample of the texts."""

    lines: RepeatedLines
    read: SampleSize
    words: Words
    characters: Characters
    personal: list[PersonalData]
    outliers: list[Outlier]


class Unread(TypedDict):
    """Records that could not be read, and files that were skipped."""

    records: int
    share: float
    first: list[str]
    skipped: list[str]


class DocumentExcerpt(TypedDict):
    """A document in a comparison: its id, title and split, and the beginning of its text."""

    id: str | None
    title: str | None
    split: str | None
    excerpt: str | None


class NearDuplicate(DocumentExcerpt):
    """A near duplicate, with its Jaccard similarity to the kept document."""

    score: float | None


class NearDuplicateCluster(DocumentExcerpt):
    """A kept document and some of its near duplicates."""

    documents: int
    members: list[NearDuplicate]


class Leak(NearDuplicate):
    """A document that is too similar to a document in a held-out split."""

    beside: DocumentExcerpt


class NearDuplicates(TypedDict):
    """Near duplicates and leaks that `corpus audit` finds by comparing the texts itself."""

    documents: int
    whole: bool
    threshold: float
    duplicates: int
    highest_left: float
    clusters: int
    largest: list[NearDuplicateCluster]
    leak_threshold: float
    leaks: int | None
    leaking: list[Leak]


class TopicCluster(TypedDict):
    """A cluster of documents on a similar topic."""

    documents: int
    words: list[str]
    example: str


class Topics(TypedDict):
    """A map of topics: clusters, and a point `[cluster, x, y]` for each document."""

    documents: int
    clusters: list[TopicCluster]
    points: list[list[float]]


class RemovalExample(TypedDict):
    """A removed document; matches of patterns of personal data are masked."""

    id: str | None
    source: str | None
    stage: str | None
    reason: str | None
    evidence: str | None
    score: float | None
    excerpt: str | None
    beside: NotRequired[str | None]


class ChangedText(TypedDict):
    """A document whose text a stage changed."""

    stage: str | None
    id: str | None
    source: str | None
    characters: list[int]
    before: str | None
    after: str | None
    gone: list[str]


class RemovedDuplicate(TypedDict):
    """A document that was removed as a duplicate or leak."""

    id: str | None
    reason: str | None
    score: float | None
    excerpt: str | None


class RemovedCluster(TypedDict):
    """A kept document and some of the documents that were removed as similar to it."""

    id: str | None
    documents: int
    members: list[RemovedDuplicate]
    excerpt: str | None


class ClosestRemoval(RemovedDuplicate):
    """A removal just above the threshold, with the text that it was compared to."""

    evidence: str | None
    beside: str | None


class NearMiss(TypedDict):
    """A pair just below the threshold: both documents are kept."""

    id: str
    other: str
    score: float
    excerpt: str | None
    beside: str | None


class NearMisses(TypedDict):
    """Pairs that were compared and kept."""

    pairs: int
    nearest: list[NearMiss]


class ClusterSizes(TypedDict):
    """A histogram of cluster sizes."""

    edges: list[int]
    clusters: list[int]


class SimilarityRemovals(TypedDict):
    """What a stage that compares documents removed: `deduplicate` or `split`."""

    documents: int
    reasons: dict[str, int]
    clusters: int
    largest_cluster: int
    sizes: ClusterSizes
    scores: list[int]
    largest: list[RemovedCluster]
    closest: list[ClosestRemoval]
    near_misses: NearMisses | None
    threshold: float | None
    leakage_threshold: float | None
    metrics: dict[str, Any]


class Removals(TypedDict):
    """What a build removed and changed, with examples."""

    examples: list[RemovalExample]
    changed: list[ChangedText]
    duplicates: SimilarityRemovals | None
    leaks: SimilarityRemovals | None


class Counts(Totals):
    """Everything that is counted from the documents alone."""

    format: int
    tokens: Tokens
    splits: Splits
    columns: list[Column]
    lengths: Lengths
    scores: Scores
    languages: Languages
    sources: Sources
    publishers: Publishers
    hosts: Hosts
    content_kinds: ContentKinds
    extraction: Extraction
    sample: Documents
    longest: Documents
    shortest: Documents
    unsure: list[ScoredDocument]
    languages_of_sources: list[LanguageOfSource]
    same: SharedValues
    close: SampleStatistics


class Contamination(TypedDict):
    """How many items of a benchmark were searched for, and how many documents contain one."""

    benchmark: str
    version: str
    items: int
    indexed: int
    answers: int
    skipped: dict[str, int]
    skipped_files: NotRequired[dict[str, int]]
    documents: NotRequired[int]


class Mixture(TypedDict):
    """How often each group of training documents is used."""

    by: str
    unit: str
    max_epochs: float
    groups: list[MixedGroup]


class UncheckedReport(Counts):
    """A report to which the results of the checks are still to be added."""

    tokenizer: TokenizerFile | None
    unread: Unread | None
    files: dict[str, int] | None
    near: NearDuplicates | None
    topics: Topics | None
    removals: Removals | None
    contamination: list[Contamination] | None
    mixture: Mixture | None
    skipped: dict[str, int] | None
    skipped_files: dict[str, int] | None
    redactions: list[Redaction] | None


class Report(UncheckedReport):
    """The whole of audit.json."""

    status: Status
    checks: list[Check]
