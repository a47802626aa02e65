"""National identification numbers with check digits, as the package `python-stdnum` checks them.

Each number has the form in which it is written. A form that other numbers have, too, such as nine
digits in a row, counts only after a word that names it.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from corpus.privacy.numbers import stands_alone
from corpus.privacy.windows import Finding, Window


class NationalId(NamedTuple):
    """A kind of number of a country."""

    country: str
    module: str
    """The module of `stdnum` that checks it."""

    form: str
    """A form that speaks for itself; empty if there is none."""

    named_form: str = ""
    """A form that counts only after one of `names`."""

    names: str = ""
    """A regular expression of the words that name it."""


_DATE = r"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_DATE_DMY = r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d\d"
_TAX = r"tax|steuer|fiscal|fiscale|fiscaal|skatt|vergi|identi\w*|\bid\b|\bidnr|\btin\b"

NATIONAL_IDS = (
    NationalId(
        "US", "us.ssn", r"\d{3}-\d\d-\d{4}", r"\d{3}[ -]?\d\d[ -]?\d{4}", r"\bssn\b|social security"
    ),
    NationalId("US", "us.itin", r"9\d\d-\d\d-\d{4}", r"9\d{8}", r"\bitin\b|taxpayer"),
    NationalId("GB", "gb.nhs", "", r"\d{3}[ -]?\d{3}[ -]?\d{4}", r"\bnhs\b|health service"),
    NationalId("DE", "de.idnr", "", r"\d\d ?\d{3} ?\d{3} ?\d{3}", _TAX),
    NationalId(
        "FR", "fr.nir", r"[12] ?\d\d ?(?:0[1-9]|1[0-2]|[2-9]\d) ?\d[\dAB] ?\d{3} ?\d{3} ?\d\d"
    ),
    NationalId("ES", "es.dni", r"\d{8}-?[A-Z]|\d\d\.\d{3}\.\d{3}-?[A-Z]"),
    NationalId("ES", "es.nie", r"[XYZ]-?\d{7}-?[A-Z]"),
    NationalId("IT", "it.codicefiscale", r"[A-Z]{6}\d\d[A-Z]\d\d[A-Z]\d{3}[A-Z]"),
    NationalId("PL", "pl.pesel", "", r"\d{11}", r"pesel|identyf"),
    NationalId("BR", "br.cpf", r"\d{3}\.\d{3}\.\d{3}-\d\d", r"\d{9}-?\d\d", r"\bcpf\b"),
    NationalId("NL", "nl.bsn", "", r"\d{9}|\d{4}[ .]\d\d[ .]\d{3}", r"\bbsn\b|burgerservice|sofi"),
    NationalId(
        "BE", "be.nn", r"\d\d\.\d\d\.\d\d-\d{3}\.\d\d", r"\d{11}", r"registre|rijksregister|\bnn\b"
    ),
    NationalId(
        "SE",
        "se.personnummer",
        rf"{_DATE}[-+]\d{{4}}|(?:19|20){_DATE}-?\d{{4}}",
        _DATE + r"\d{4}",
        "personn",
    ),
    NationalId("FI", "fi.hetu", _DATE_DMY + r"[-+A-FU-Y]\d{3}[0-9A-Y]"),
    NationalId("DK", "dk.cpr", "", _DATE_DMY + r"-?\d{4}", r"\bcpr\b|personnummer"),
    NationalId("NO", "no.fodselsnummer", "", _DATE_DMY + r" ?\d{5}", r"f.dselsn|personn|fnr"),
    NationalId("CH", "ch.ssn", r"756\.\d{4}\.\d{4}\.\d\d", r"756\d{10}", "ahv|avs|sozialvers"),
    NationalId("IN", "in_.aadhaar", "", r"[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}", r"aadha+r|uid|आधार"),
    NationalId("CN", "cn.ric", r"\d{6}(?:19|20)\d\d(?:0[1-9]|1[0-2])[0-3]\d\d{3}[\dX]"),
    NationalId("KR", "kr.rrn", _DATE + r"-[1-4]\d{6}", _DATE + r"[1-4]\d{6}", r"주민|resident"),
    NationalId("TR", "tr.tckimlik", "", r"[1-9]\d{10}", r"kimlik|\btc\b|t\.c\."),
    NationalId("MX", "mx.curp", r"[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d"),
    NationalId("ZA", "za.idnr", rf"{_DATE} ?\d{{4}} ?[012]\d\d"),
    NationalId(
        "CA", "ca.sin", "", r"\d{3}[ -]?\d{3}[ -]?\d{3}", r"\bsin\b|social insurance|\bnas\b"
    ),
    NationalId("AU", "au.tfn", "", r"\d{3} ?\d{3} ?\d{2,3}", r"\btfn\b|tax file"),
    NationalId("PT", "pt.cc", r"\d{8} ?\d ?[A-Z0-9]{2}\d"),
    NationalId("RO", "ro.cnp", "[1-8]" + _DATE + r"\d{6}"),
    NationalId("CZ", "cz.rc", r"\d\d[0-8]\d[0-3]\d/\d{3,4}"),
    NationalId("IL", "il.idnr", "", r"\d{8}-?\d", r"ת\.?ז|זהות|teudat|identity"),
    NationalId("IE", "ie.pps", r"\d{7}[A-W][A-IW]?"),
    NationalId("BG", "bg.egn", "", r"\d{10}", r"егн|\begn\b"),
    NationalId("EE", "ee.ik", "", "[1-8]" + _DATE + r"\d{4}", r"isikukood|personal code"),
    NationalId("LT", "lt.asmens", "", "[1-6]" + _DATE + r"\d{4}", r"asmens|personal code"),
    NationalId("HR", "hr.oib", "", r"\d{11}", r"\boib\b"),
    NationalId("GR", "gr.amka", "", _DATE_DMY + r"\d{5}", r"αμκα|amka"),
    NationalId("UA", "ua.rntrc", "", r"\d{10}", r"рнокпп|ідентифікац|іпн"),
    NationalId(
        "CL", "cl.rut", r"\d{1,2}\.\d{3}\.\d{3}-[\dK]", r"\d{7,8}-?[\dK]", r"\brut\b|\brun\b"
    ),
    NationalId("AT", "at.vnr", "", r"\d{4} ?" + _DATE_DMY, r"sozialvers|svnr|versicherungsn"),
)
"""The numbers that are recognised, by country."""

COUNTRIES = tuple(dict.fromkeys(sorted(each.country for each in NATIONAL_IDS)))


@cache
def _compiled(form: str) -> re.Pattern[str]:
    return re.compile(f"(?:{form})")


@cache
def _by_country(countries: tuple[str, ...]) -> tuple[NationalId, ...]:
    return tuple(each for each in NATIONAL_IDS if each.country in countries)


@cache
def _any_form(countries: tuple[str, ...]) -> re.Pattern[str]:
    """Return the expression of every form that speaks for itself."""
    return re.compile("|".join(each.form for each in _by_country(countries) if each.form) or "$^")


@cache
def _any_named_form(countries: tuple[str, ...]) -> re.Pattern[str]:
    """Return the expression of every form that counts only after a word that names it."""
    forms = (each.named_form for each in _by_country(countries) if each.named_form)
    return re.compile("|".join(forms) or "$^")


@cache
def _any_name(countries: tuple[str, ...]) -> re.Pattern[str]:
    """Return the expression of every word that names a number."""
    return re.compile("|".join(each.names for each in _by_country(countries) if each.names) or "$^")


def find_national_ids(window: Window, countries: tuple[str, ...]) -> Iterator[Finding]:
    """Yield the national numbers of a candidate."""
    plain = window.plain
    first, last = max(0, window.begin - 4), min(len(plain), window.end + 4)
    could_be_named = _any_named_form(countries).search(plain, first, last)
    is_named = could_be_named and _any_name(countries).search(window.before)
    if not is_named and not _any_form(countries).search(plain, first, last):
        return
    for kind in _by_country(countries):
        forms = [kind.form] if kind.form else []
        if is_named and kind.named_form and re.search(kind.names, window.before):
            forms.append(kind.named_form)
        for form in forms:
            for found in _compiled(form).finditer(plain, first, last):
                if stands_alone(window, *found.span()) and _is_valid(kind.module, found[0]):
                    yield Finding("national_id", *found.span())


@lru_cache(maxsize=1 << 16)
def _is_valid(module: str, number: str) -> bool:
    return bool(importlib.import_module(f"stdnum.{module}").is_valid(number))
