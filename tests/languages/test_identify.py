"""Each text is tagged by itself, independently of the texts in its batch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.languages import identify as module
from corpus.languages import langdetect_model
from corpus.languages.codes import LANGUAGES, TAGS, code_of
from corpus.languages.identify import Options, Tags, identify
from corpus.languages.scripts import SCRIPTS

LONG = st.builds(lambda text, times: text * times, st.text(max_size=30), st.integers(1, 200))
TEXTS = st.lists(st.none() | st.text(st.characters(codec="utf-8")) | LONG, max_size=12)


def rows(tags: Tags) -> list[tuple[object, ...]]:
    """Return the tags row by row."""
    return list(zip(*(column.to_pylist() for column in tags), strict=True))


def test_every_article_is_identified(articles: dict[str, str]) -> None:
    """One paragraph is enough to identify each language, with a score above 0.5."""
    for backend in ("ensemble", "langdetect_profiles"):
        tags = identify(pa.array(articles.values()), Options(backend))
        assert tags.language.to_pylist() == list(articles)
        assert min(tags.score.to_pylist()) > 0.5


def test_capitals_do_not_change_the_language(articles: dict[str, str]) -> None:
    """An article in capitals has the same language."""
    tags = identify(pa.array([text.upper() for text in articles.values()]))
    assert tags.language.to_pylist() == list(articles)


@pytest.mark.parametrize(
    ("text", "language", "script"),
    [
        (None, "zxx", "Zyyy"),
        ("", "zxx", "Zyyy"),
        (" \t\r\n\u3000", "zxx", "Zyyy"),
        ("2023-05-22 12:30, +3.5 %", "zxx", "Zyyy"),
        ("٣٤٥ १२३", "zxx", "Zyyy"),
        ("🙂🚀👍🏽", "zxx", "Zyyy"),
        ("\x00\x01\x1b[31\x7f\ufffd\ufeff", "zxx", "Zyyy"),
        ("https://www.example.org/news", "zxx", "Zyyy"),
        ("www.example.org/news", "zxx", "Zyyy"),
        ("HTTPS://müller.example/straße-zur-brücke-gesperrt?ä=ö", "zxx", "Zyyy"),
        ("ftp://www.example.org/%C3%BCber-die-bruecke", "zxx", "Zyyy"),
        ("e", "und", "Latn"),
        ("x" * 1_000_000, "und", "Latn"),
        ("Hello", "und", "Latn"),
        ("See https://www.example.org/de/nachrichten", "und", "Latn"),
        ("ᓄᓇᕗᑦ ᓯᓚᑦᑐᖅᓴᕐᕕᒃ", "und", "Cans"),
        ("𐌰𐌱𐌲", "und", "Zzzz"),
        ("\u0301\u0302\u0303", "zxx", "Zyyy"),
    ],
)
def test_a_text_in_no_language_has_a_tag(text: str | None, language: str, script: str) -> None:
    """Empty, numeric, huge, broken and unknown texts are `zxx` or `und` and raise no error."""
    tags = identify(pa.array([text], pa.large_string()))
    assert (tags.language[0].as_py(), tags.script[0].as_py()) == (language, script)
    assert 0 <= tags.score[0].as_py() <= 1


def test_a_megabyte_is_tagged_by_its_sample(articles: dict[str, str]) -> None:
    """A long text has the language of its slices, even if one of them is in another language."""
    long = articles["de"] * 6000 + articles["en"]
    assert identify(pa.array([long])).language.to_pylist() == ["de"]


def test_bytes_between_the_slices_are_not_read(articles: dict[str, str]) -> None:
    """Only four slices of a hundred megabytes are read, whatever is between them."""
    head = (articles["de"] * 3).encode()
    rest = np.full(100_000_000, 0xFF, np.uint8).tobytes()
    third = len(rest) // 3
    whole = head + rest[:third] + head + rest[:third] + head + rest[:third] + head
    offsets = pa.py_buffer(np.array([0, len(whole)], np.int64))
    column = pa.LargeStringArray.from_buffers(1, offsets, pa.py_buffer(whole))
    assert identify(column).language.to_pylist() == ["de"]


@pytest.mark.parametrize(
    "text",
    [
        "for (int i = 0; i < n; ++i) { total += values[i] * weights[i]; } return total;",
        "def f(x):\n    return [y ** 2 for y in range(x) if y % 2]",
        "Привет world שלום 你好 안녕 สวัสดี",
        "a\x00b\x1b[31mc\u200d\u202ed",
        "\ufffd\ufffdabc\ufffd",
    ],
)
def test_odd_texts_are_tagged_consistently(text: str) -> None:
    """Code, mixed scripts and control characters get the same tag alone and in a batch."""
    alone = rows(identify(pa.array([text])))
    assert alone[0][0] in TAGS
    assert rows(identify(pa.array([text, "und so weiter", text])))[::2] == alone * 2


@pytest.mark.parametrize(
    "damage", [b"\xed\xa0\x80", b"\xff\xfe", b"\xf0\x9f", b"\xc0\x80", b"\x80\x80"]
)
def test_invalid_utf_8_is_tolerated(articles: dict[str, str], damage: bytes) -> None:
    """Our readers never pass invalid UTF-8 on; if it comes, the rest of the text is identified."""
    data = articles["de"].encode() + damage
    offsets = pa.py_buffer(np.array([0, len(data), len(data) + len(damage)], np.int64))
    column = pa.LargeStringArray.from_buffers(2, offsets, pa.py_buffer(data + damage))
    first, second = identify(column).language.to_pylist()
    assert first == "de"
    assert second in TAGS


def test_chinese_orthographies_are_distinguished() -> None:
    """Simplified is `Hans`, traditional is `Hant`, and a text that fits both is `Hani`."""
    texts = [
        "图书馆开门了,孩子们来看书,这个楼很长时间没有开过",
        "圖書館開門了,孩子們來看書,這個樓很長時間沒有開過",
        "大人",
    ]
    tags = identify(pa.array(texts), Options(min_score=0))
    assert tags.script.to_pylist() == ["Hans", "Hant", "Hani"]
    assert set(tags.language.to_pylist()) == {"zh"}


def test_chinese_is_never_korean() -> None:
    """A Chinese text with names in Hangul is Chinese; langdetect alone calls it Korean."""
    text = "韩国总统今天在首尔(서울)会见了日本首相,双方就贸易和安全问题交换了意见。"
    assert identify(pa.array([text])).language.to_pylist() == ["zh"]


@pytest.mark.parametrize("backend", ["ensemble", "langdetect_profiles"])
def test_a_language_without_a_profile_is_not_guessed(backend: str) -> None:
    """Icelandic, which only the ensemble knows, is undetermined by the profiles alone."""
    text = (
        "Nýja bókasafn bæjarins opnaði dyr sínar í gær og hundruð barna komu með foreldrum sínum "
        "til að skoða bækurnar. Bæjarstjórinn sagði að þetta væri mikill dagur fyrir alla sem "
        "hefðu beðið eftir húsinu."
    )
    tags = identify(pa.array([text]), Options(backend))
    assert tags.language.to_pylist() == [{"ensemble": "is", "langdetect_profiles": "und"}[backend]]
    assert tags.likeliest[0].as_py() in LANGUAGES


def test_a_language_can_have_its_own_minimum_score() -> None:
    """`min_scores` overrides `min_score` for the languages in it."""
    text = pa.array(["The council has decided to renew the old bridge over the river next year."])
    for language, expected in (("en", "und"), ("de", "en")):
        options = Options(min_score=0.1, min_scores={language: 1.0})
        assert identify(text, options).language.to_pylist() == [expected]


def test_a_short_text_needs_twice_the_score() -> None:
    """A word or two needs twice `min_score`, but at most 0.9; with 0 it is always identified."""
    texts = pa.array(["Hello", "Guten Tag", "Paris"])
    assert identify(texts, Options(min_score=0.0)).language.null_count == 0
    scores = identify(texts, Options(min_score=0.0)).score.to_pylist()
    for text, score in zip(texts, scores, strict=True):
        alone = pa.array([text.as_py()])
        (language,) = identify(alone, Options(min_score=score * 0.51)).language.to_pylist()
        assert (language == "und") == (score < 0.9)


@settings(deadline=None)
@given(TEXTS, st.floats(0, 1), st.sampled_from(["ensemble", "langdetect_profiles"]))
def test_any_text_has_a_tag(texts: list[str | None], min_score: float, backend: str) -> None:
    """Each text has one row, with valid and consistent tags, scripts and scores."""
    column = pa.array(texts, pa.large_string())
    tags = identify(column, Options(backend, min_score=min_score))
    assert {len(values) for values in tags} == {len(texts)}
    assert tags.score.type == pa.float32()
    for language, script, score, second, likeliest, letters in rows(tags):
        assert second is None or (second in LANGUAGES and second != likeliest)
        assert (letters == 0) == (language == "zxx")
        assert language in TAGS
        assert script in {*SCRIPTS, "Hans", "Hant"}
        assert 0 <= score <= 1
        assert language in {"und", "zxx", likeliest}
        assert (language == "zxx") == (script == "Zyyy")
        assert language in {"und", "zxx"} or score >= np.float32(min_score)


@settings(deadline=None)
@given(TEXTS, st.randoms(use_true_random=False))
def test_a_tag_does_not_depend_on_its_neighbours(texts: list[str | None], random: object) -> None:
    """A text has the same tags in any order, any slice and any type of string column."""
    column = pa.array(texts, pa.large_string())
    tags = rows(identify(column))
    order = list(range(len(texts)))
    random.shuffle(order)
    assert rows(identify(column.take(pa.array(order, pa.int64())))) == [tags[i] for i in order]
    middle = len(texts) // 2
    assert rows(identify(column[middle:])) == tags[middle:]
    assert rows(identify(column.cast(pa.string()))) == tags


def test_the_batch_size_does_not_matter(
    articles: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tags are the same for any number of texts processed at a time."""
    column = pa.array(articles.values())
    whole = rows(identify(column))
    monkeypatch.setattr(module, "MAX_BATCH_CHARACTERS", 7000)
    assert rows(identify(column)) == whole
    assert rows(identify(column[:0])) == []


@pytest.mark.parametrize("characters", [0, 10_001])
def test_a_sample_size_out_of_range_is_refused(characters: int) -> None:
    """A sample that is too long for the sums is an error, not a wrong language."""
    with pytest.raises(ValueError, match="is not from 1 to 10000"):
        identify(pa.array(["a"]), Options(characters=characters))


def test_real_articles(shared_data: Path) -> None:
    """Accuracy and the share of undetermined texts reach their targets on real articles."""
    with pa.input_stream(shared_data / "language" / "dev.jsonl.zst") as stream:
        texts = [json.loads(line) for line in stream.read().splitlines()]
    texts = [row for row in texts if row["kind"] == "article"]
    gold = [code_of(row["lang"]) for row in texts]
    tags = identify(pa.array([row["text"] for row in texts], pa.large_string()))
    pairs = list(zip(gold, tags.language.to_pylist(), strict=True))
    known = {LANGUAGES[number] for number in langdetect_model.load().languages}
    either = [pair for pair in pairs if pair[0] in LANGUAGES]
    tagged = [pair for pair in either if pair[1] != "und"]
    others = [tag for language, tag in pairs if language not in LANGUAGES]
    assert sum(a == b for a, b in pairs if a in known) / sum(a in known for a in gold) >= 0.998
    assert sum(a == b for a, b in either) / len(either) >= 0.985
    assert sum(a != b for a, b in tagged) / len(tagged) <= 0.006
    assert others.count("und") / len(others) >= 0.9
    assert ("zh", "ko") not in pairs


def test_the_first_tag_imports_no_needless_package() -> None:
    """Once the tables are cached, tagging imports neither pandas, scipy.linalg nor langdetect."""
    identify(pa.array(["word", "x"]))
    code = (
        "import sys; from corpus.arrow_buffers import string_column;"
        "from corpus.languages.identify import identify;"
        "print(identify(string_column(['word', 'x'])).language.to_pylist(),"
        "[name for name in ('pandas', 'scipy.linalg', 'langdetect') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert run.stdout.split(" [")[1] == "]\n"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (
            (
                "მუჭო რექ? ჯგირო, სქანი ჯოღორი სო რე? ჩქიმი ცირა მურს. თენა დიდი ოჭარალი რე დო "
                "მუთუნი ვამიჩქუ, მარა ათე ნოღაშა მიდართუ დო თექ კოჩი ქოძირუ."
            ),
            "ka",
        ),
        ("経済産業省発表資料", "zh"),
    ],
)
def test_a_language_supported_only_by_its_script_has_a_low_score(text: str, language: str) -> None:
    """Mingrelian in Georgian letters and Japanese without kana score at most 0.5."""
    tags = identify(pa.array([text]), Options(min_score=0.0))
    assert tags.language.to_pylist() == [language]
    assert tags.score[0].as_py() <= 0.5


@pytest.mark.parametrize(
    ("letters", "language"),
    [
        ("અઆઇઈઉઊએઐઓઔકખગઘચછજઝટઠડઢણતથદધનપફબભમયરલવશષસહ", "gu"),
        ("กขคฆงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ", "th"),
    ],
)
def test_random_letters_have_a_low_score(letters: str, language: str) -> None:
    """Random letters of an identifying script score at most 0.5, although two models agree."""
    draw = Random(5)
    texts = [
        " ".join("".join(draw.choices(letters, k=draw.randint(2, 9))) for _ in range(50))
        for _ in range(40)
    ]
    tags = identify(pa.array(texts), Options(min_score=0.0))
    assert set(tags.language.to_pylist()) == {language}
    assert max(tags.score.to_pylist()) <= 0.5


def test_yiddish_without_points_is_not_tagged_hebrew(articles: dict[str, str]) -> None:
    """Our own model knows Yiddish and is used for all Hebrew; Hebrew still scores above 0.9."""
    yiddish = (
        "די נייע ביבליאטעק פון דער שטאט האט נעכטן געעפנט אירע טירן, און הונדערטער קינדער זענען "
        "געקומען מיט זייערע עלטערן צו זען די ביכער. דער בירגערמייסטער האט געזאגט אז עס איז א "
        "גרויסער טאג."
    )
    tags = identify(pa.array([yiddish, articles["he"]]))
    assert tags.language.to_pylist() == ["und", "he"]
    assert tags.score[1].as_py() > 0.9


def test_serbian_is_identified_in_both_scripts(articles: dict[str, str]) -> None:
    """Serbian in Latin letters is not called Croatian or Bosnian, nor Croatian Serbian."""
    latin = (
        "Nova gradska biblioteka je juče otvorila svoja vrata, i stotine dece su došle sa "
        "roditeljima da vide knjige. Gradonačelnik je rekao da je ovo veliki dan za sve koji su "
        "čekali tu zgradu, i da će deca ovde uvek imati mesto gde mogu da čitaju i uče."
    )
    cyrillic = (
        "Нова градска библиотека је јуче отворила своја врата, и стотине деце су дошле са "
        "родитељима да виде књиге. Градоначелник је рекао да је ово велики дан за све."
    )
    tags = identify(pa.array([latin, cyrillic, articles["hr"]]))
    assert tags.language.to_pylist() == ["sr", "sr", "hr"]
    assert tags.script.to_pylist() == ["Latn", "Cyrl", "Latn"]
