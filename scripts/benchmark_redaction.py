"""Measure the precision, recall and speed of redaction.

    pip install faker
    python scripts/benchmark_redaction.py NEWS.jsonl.zst --presidio templates.txt

Values are made by Faker in many locales, by phonenumbers (a valid number of each region) and by the
check digits of the national numbers; they are put into sentences written here, and into the
templates of presidio-research (`presidio_evaluator/data_generator/raw_data/templates.txt`), whose
other places are filled with names and addresses. Every match in the news counts as false, although
news has real telephone numbers.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import phonenumbers
import pyarrow as pa
from faker import Faker

from corpus.privacy.detect import Wanted
from corpus.privacy.national_ids import COUNTRIES
from corpus.privacy.redact import find_in_column

LOCALES = {
    "en_US": "US", "en_GB": "GB", "de_DE": "DE", "fr_FR": "FR", "es_ES": "ES", "it_IT": "IT",
    "nl_NL": "NL", "pl_PL": "PL", "pt_BR": "BR", "sv_SE": "SE", "fi_FI": "FI", "tr_TR": "TR",
    "ja_JP": "JP", "ru_RU": "RU",
}  # fmt: skip
SENTENCES = {
    "email": ["Please write to {} by Friday.", "Contact: {}", "({}) is hers.", "{}, he said."],
    "ip": ["The request came from {} at noon.", "Host {} did not answer.", "Blocked: {}."],
    "card": ["The card {} was charged twice.", "Paid with {} yesterday.", "Card no. {}, valid."],
    "iban": ["Transfer it to {} today.", "IBAN: {}", "The account {} is closed."],
    "phone": ["Call us at {} for details.", "Tel. {}", "Reach us under {}.", "{} is busy."],
    "national_id": ["Her number is {}.", "ID {} was issued in May.", "({})"],
}  # fmt: skip
NAMED = {
    "US": "SSN", "DE": "Steuer-ID", "PL": "PESEL", "NL": "BSN", "DK": "CPR", "NO": "fødselsnummer",
    "TR": "T.C. kimlik no", "GB": "NHS number",
}  # fmt: skip
PRESIDIO = {
    "email": "email", "phone_number": "phone", "credit_card_number": "card", "iban": "iban",
    "ip_address": "ip", "ssn": "national_id",
}  # fmt: skip


class Example(NamedTuple):
    """A text with at most one value of interest."""

    text: str
    type: str
    begin: int
    end: int
    country: str


def in_sentence(sentence: str, value: str, type: str, country: str = "") -> Example:
    """Return an example with the value in the sentence."""
    begin = sentence.index("{}")
    return Example(sentence.replace("{}", value), type, begin, begin + len(value), country)


def made_examples(each: int, seed: int) -> Iterator[Example]:
    """Yield examples of every type from every locale."""
    chosen = random.Random(seed)  # noqa: S311  not for secrets
    for locale, country in LOCALES.items():
        fake = Faker(locale)
        fake.seed_instance(seed)
        makers = {
            "email": fake.email,
            "ip": lambda fake=fake: fake.ipv6() if chosen.random() < 0.3 else fake.ipv4_public(),
            "card": fake.credit_card_number,
            "iban": fake.iban,
            "phone": fake.phone_number,
            "national_id": fake.ssn,
        }
        for type, make in makers.items():
            for _ in range(each):
                sentence = chosen.choice(SENTENCES[type])
                if type == "national_id" and country in NAMED and chosen.random() < 0.5:
                    sentence = NAMED[country] + ": {}."
                yield in_sentence(sentence, str(make()), type, country)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        number = phonenumbers.example_number(region)
        if number:
            text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
            yield in_sentence(chosen.choice(SENTENCES["phone"]), text, "phone", "international")


def presidio_examples(path: Path, each: int, seed: int) -> Iterator[Example]:
    """Yield the templates of presidio-research, each filled several times."""
    fake = Faker("en_US")
    fake.seed_instance(seed)
    for template in path.read_text().splitlines() * each:
        wanted = [name for name in re.findall(r"{{(\w+)}}", template) if name in PRESIDIO]
        text, place = "", None
        for part in re.split(r"({{\w+}})", template):
            name = part.strip("{}")
            if not part.startswith("{{"):
                text += part
                continue
            make = getattr(fake, {"ip_address": "ipv4_public"}.get(name, name), fake.name)
            value = str(make()) if name != "url" else "https://site.example/page"
            if name in wanted:
                place = (PRESIDIO[name], len(text), len(text) + len(value))
            text += value
        if len(wanted) == 1 and place:
            yield Example(text, *place, "presidio")
        elif not wanted:
            yield Example(text, "", 0, 0, "presidio")


def score(examples: list[Example], false_in_news: Counter[str]) -> None:
    """Print precision, recall and F2 by type, and recall by country."""
    regions = tuple(sorted(set(LOCALES.values())))
    wanted = Wanted(regions=regions, countries=COUNTRIES)
    found = find_in_column(pa.array([e.text for e in examples], pa.large_string()), wanted)
    hits: Counter[tuple[str, str]] = Counter()
    total: Counter[tuple[str, str]] = Counter()
    false: Counter[str] = Counter()
    masked: Counter[str] = Counter()
    for i, example in enumerate(examples):
        total[example.type, example.country] += bool(example.type)
        for match in found.get(i, []):
            is_here = match.begin < example.end and match.end > example.begin
            if is_here and match.type == example.type:
                hits[example.type, example.country] += 1
            elif not is_here:
                false[match.type] += 1
            masked[example.type] += is_here
    print("type          values  recall  any type  false here  false in news  precision    F2")
    for type in SENTENCES:
        n = sum(count for (t, _), count in total.items() if t == type)
        hit = sum(count for (t, _), count in hits.items() if t == type)
        wrong = false[type] + false_in_news[type]
        recall, precision = hit / max(n, 1), hit / max(hit + wrong, 1)
        f2 = 5 * precision * recall / max(4 * precision + recall, 1e-9)
        print(
            f"{type:<12}{n:>8}{recall:>8.3f}{masked[type] / max(n, 1):>10.3f}{false[type]:>12}"
            f"{false_in_news[type]:>15}{precision:>11.3f}{f2:>6.3f}"
        )
    for type in ("phone", "national_id"):
        rows = sorted(country for t, country in total if t == type)
        print(type, *(f"{c} {hits[type, c] / total[type, c]:.2f}" for c in rows))


def read_news(path: str, every: int) -> list[str]:
    """Return every so many texts of a JSON Lines file compressed with zstd."""
    with pa.input_stream(path, compression="zstd") as stream:
        lines = stream.read().decode().split("\n")
    return [json.loads(line)["text"] for line in lines[::every] if line.strip()]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("news")
    parser.add_argument("--presidio", type=Path)
    parser.add_argument("--each", type=int, default=50, help="values of each type and locale")
    parser.add_argument("--every", type=int, default=3, help="share of the news: one in so many")
    parser.add_argument("--seed", type=int, default=1)
    arguments: Any = parser.parse_args()
    news = pa.array(read_news(arguments.news, arguments.every), pa.large_string())
    find_in_column(news.slice(0, 2000), Wanted())  # loads the tables
    seconds = time.process_time()
    found = find_in_column(news, Wanted())
    seconds = time.process_time() - seconds
    size = news.nbytes / 1e6
    print(f"news: {len(news):,} articles, {size:.1f} MB, {size / seconds:.0f} MB/s on one core")
    false = Counter(match.type for matches in found.values() for match in matches)
    score(list(made_examples(arguments.each, arguments.seed)), false)
    if arguments.presidio:
        print("presidio-research's templates")
        score(list(presidio_examples(arguments.presidio, 20, arguments.seed)), Counter())


if __name__ == "__main__":
    main()
