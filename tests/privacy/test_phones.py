"""Telephone numbers: the quick tables miss nothing, and a run of numbers takes bounded work."""

import random

import pytest

from corpus.privacy import phone_tables, phones
from corpus.privacy.detect import Wanted, find_personal_data

REGIONS = ("US", "CA", "GB", "GG", "DE", "FR", "IT", "SM", "AR", "BR", "MX", "JP", "RU", "KZ", "CI")


@pytest.mark.parametrize("region", REGIONS)
def test_the_quick_patterns_match_every_valid_number(region):
    """What libphonenumber calls valid has a form that a pattern of the region matches."""
    import phonenumbers

    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    code, prefix = str(metadata.country_code), metadata.national_prefix or "0"
    generator = random.Random(7)
    table, n_valid = phone_tables._table(region), 0
    for type in ("fixed_line", "mobile", "toll_free"):
        described = getattr(metadata, type)
        example = described and described.example_number
        for i in range(30 if example else 0):
            digits = list(example)
            digits[generator.randrange(len(digits))] = str(i % 10)
            number = "".join(digits)
            for form in (number, prefix + number, code + number, code + prefix + number):
                if phone_tables._parse_national(form, region) is not None:
                    n_valid += 1
                    forms = list(phone_tables._forms(form, table))
                    assert any(map(table.valid.fullmatch, forms)), form
            for form in (code + number, code + prefix + number):
                if phone_tables._is_valid_international(form):
                    assert phone_tables._may_be_international(form), form
    assert n_valid > 20


@pytest.mark.parametrize("group", ["11", "30", "7", "212", "0"])
def test_the_work_for_a_run_of_numbers_is_bounded(monkeypatch, group):
    """A run that is called a telephone number, and has none, is given up after a few groups."""
    checked = []

    def is_valid_national(digits, region):
        checked.append((digits, region))
        return False

    monkeypatch.setattr(phones, "is_valid_national", is_valid_national)
    find_personal_data("Tel " + " ".join([group] * 64))
    assert len(checked) <= 6 * phones.MAX_SKIPPED * phones.MAX_PHONE_GROUPS


def test_a_word_names_every_number_that_follows():
    """Each number of a list is found, also after groups that begin none, up to a limit."""
    text = "Tel. 212 736 3100 212 736 3101 7 7 7 212 736 3102"
    wanted = Wanted(regions=("US",))
    assert [text[m.begin : m.end] for m in find_personal_data(text, wanted)] == [
        "212 736 3100", "212 736 3101", "212 736 3102"
    ]  # fmt: skip
    assert not find_personal_data("Tel. 7 7 7 7 7 212 736 3102", wanted)
