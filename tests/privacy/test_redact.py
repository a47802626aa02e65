"""Redaction: what is found, what replaces it, and that doing it twice changes nothing."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.privacy.detect import Wanted, find_personal_data
from corpus.privacy.kinds import TYPES
from corpus.privacy.redact import Rule, find_in_column, redact_texts
from corpus.privacy.replace import replacement

VALUES = {
    "email": ["ada.lind@post.example.org", "o'neil+x@mail.co.uk", "jürgen@müller.de",
              "ada [at] post [dot] example.org", "ada(at)example.org", "почта@пример.рф"],
    "phone": ["+49 30 901820", "+44 (0)20 7946 0958", "(212) 736-3100", "212-736-3100",
              "030 / 901 820", "+33 1 42 68 53 00", "01 42 68 53 00"],
    "ip": ["192.168.10.1", "84.12.7.3", "2001:db8::ff00:42:8329", "fe80::1ff:fe23:4567:890a"],
    "iban": ["GB82 WEST 1234 5698 7654 32", "DE89370400440532013000", "NL91ABNA0417164300"],
    "card": ["4111 1111 1111 1111", "5500-0000-0000-0004", "378282246310005", "3782 822463 10005"],
    "national_id": ["RSSMRA85T10A562S", "12345678Z", "85.07.30-033.28", "131052-308T",
                    "123.456.789-09", "756.9217.0769.85"],
    "url_credentials": ["ada:s3cret", "ada"],
    "api_key": ["AKIAIOSFODNN7EXAMPLE", "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
                "sk-proj-abcdEFGH1234567890abcdEFGH",
                "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"],
}  # fmt: skip
FRAMES = ["Write to {} today.", "({})", "It is {}, she said.", "{}", "„{}“", "line\n{}\nline"]


def in_frame(type: str, value: str, frame: str) -> str:
    """Return a text with the value; a user name needs its URL."""
    return frame.format(f"https://{value}@host.example/x" if type == "url_credentials" else value)


@pytest.mark.parametrize(
    ("type", "value"), [(type, value) for type in VALUES for value in VALUES[type]]
)
def test_each_type_is_found_in_any_frame(type, value):
    """A value is found with its type and its exact span, whatever stands around it."""
    for frame in FRAMES:
        text = in_frame(type, value, frame)
        matches = [match for match in find_personal_data(text) if match.type == type]
        found = [text[match.begin : match.end] for match in matches]
        assert value in found or (type == "phone" and value.strip("(") in found), (text, found)


@pytest.mark.parametrize(
    "text",
    [
        "ISBN 978-3-16-148410-0", "doi 10.1000/182.1234567", "2019-2023", "2023-10-15 12:30:45",
        "15.10.2023 and 31/12/1999", "1 234 567 890", "12.345.678", "version 10.2.3.4", "v1.2.3.4",
        "Chrome/119.0.0.0 Safari", "52.520008, 13.404954", "@ada@social.example", "logo@2x.png",
        "Rows: 12 34 56 78 90 11 22 33 44 55 66 77", "std::cout << x; ::1", "127.0.0.1",
        "order no. 4111-1111-1111-1112", "build 20231015", "https://x.example/2023/10/15/1234567",
        "score 21-14, 28-21, 35-28", "section 1.2.3.4", "a@b", "@", "5551234", "1,234,567.89",
        "https://medium.example/@ada/story-1234567890ab", "-----BEGIN CERTIFICATE-----",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "EUR 12345678901",
    ],
)  # fmt: skip
def test_what_only_looks_like_personal_data_is_kept(text):
    """Numbers of books, versions, dates, coordinates, tables, amounts and handles are not found."""
    assert find_personal_data(text) == []


def replace_in(text: str, method: str) -> str:
    """Return the text after redaction."""
    rules = {type: Rule(method) for type in TYPES}
    redacted = redact_texts(pa.array([text], pa.large_string()), Wanted(), rules)
    return redacted[0].text if redacted else text


KEY_LINE = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
FIRST, LAST = "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{FIRST}\n{KEY_LINE}\n{LAST}\nrest", "<API_KEY>\nrest"),
        (f"-----BEGIN NOTE-----\n{'word ' * 15_000}\n{FIRST}\n{KEY_LINE}\n{LAST}\nrest",
         f"-----BEGIN NOTE-----\n{'word ' * 15_000}\n<API_KEY>\nrest"),
        (f"{FIRST}\n{KEY_LINE}\n{FIRST}\n{KEY_LINE}\n{LAST}.", "<API_KEY>\n<API_KEY>."),
        (f"{FIRST}\n{KEY_LINE}\n{KEY_LINE}\nMIIE5==\nThanks.", "<API_KEY>\nThanks."),
        (f"{FIRST}\n{KEY_LINE}\nThanks for it.", "<API_KEY>\nThanks for it."),
        (f"{FIRST}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,7F\n\n{KEY_LINE}\n{KEY_LINE}",
         "<API_KEY>"),
        (f'key = "{FIRST}\\n{KEY_LINE}\\n{KEY_LINE[:50]}"; go on', 'key = "<API_KEY>"; go on'),
        (f"> {FIRST}\n> {KEY_LINE}\n> {KEY_LINE}\n\nNo.", "> <API_KEY>\n\nNo."),
        (f"{FIRST} {KEY_LINE} {KEY_LINE} and so on", "<API_KEY> and so on"),
        (f"{FIRST}\n" + f"{KEY_LINE}\n" * 500 + f"{LAST}", "<API_KEY>"),
        (f"A file with {FIRST} is a key.", f"A file with {FIRST} is a key."),
        (f"It begins with {FIRST} and has {'many words ' * 9}until {LAST}.",
         f"It begins with {FIRST} and has {'many words ' * 9}until {LAST}."),
        (f"{FIRST}\nMC4CAQAwBQYDK2VwBCIE\n{LAST}", "<API_KEY>"),
    ],
)  # fmt: skip
def test_a_private_key_is_replaced_whole(text, expected):
    """From its own first line to its end; if that is missing, to the end of its base64 lines."""
    assert replace_in(text, "placeholder") == expected


def test_every_ip_address_of_a_long_line_is_replaced():
    """A line may have any number of addresses; other numbers in so long a line are figures."""
    addresses = [f"{a}.168.{a}.{a + 7}" for a in range(130, 230)]
    assert replace_in(" ".join(addresses), "placeholder") == " ".join(["<IP>"] * 100)
    table = "12 345 67 " * 30 + "84.12.7.3 - 84.12.7.4 " + "12 345 67 " * 30
    assert replace_in(table, "placeholder").count("<IP>") == 2
    assert replace_in("1.2.3.4.5.6.7 " * 20, "placeholder") == "1.2.3.4.5.6.7 " * 20


@pytest.mark.parametrize("method", ["placeholder", "mask", "surrogate", "keep"])
@pytest.mark.parametrize("value", ["5500 0000 0000 0004", "+49 30 901820", "Tel. (030) 901820"])
def test_other_values_on_a_line_of_addresses_are_replaced(method, value):
    """Whatever replaces the addresses, they do not make a table of the values around them."""
    addresses = " ".join(f"84.12.{i}.{i + 1}" for i in range(40))
    text = pa.array([f"{addresses} {value} {addresses} {value}"], pa.large_string())
    redacted = redact_texts(text, Wanted(), {"ip": Rule(method)})[0]
    digits = value.split(" ", 1)[-1]
    assert digits not in redacted.text
    assert sum(match.type != "ip" for match in redacted.matches) == 2
    again = redact_texts(
        pa.array([redacted.text], pa.large_string()), Wanted(), {"ip": Rule(method)}
    )
    assert not again or again[0].text == redacted.text


PIECES = [
    *(in_frame(type, value, "{}") for type, values in VALUES.items() for value in values),
    "call", "phone:", "ISBN ", "card", " ", " ", "\n", ".", ",", "-", "(", ")", "1", "22", "345",
    "1234567", "\u200b", "é", "中", "<EMAIL>", "<PHONE>", "[phone]", "@", "x", "SSN", "+", "/", ":",
    FIRST, LAST, KEY_LINE, "-----BEGIN NOTE-----",
]  # fmt: skip
mixtures = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@pytest.mark.parametrize("method", ["placeholder", "mask", "surrogate", "keep"])
@settings(max_examples=250, deadline=None)
@given(text=mixtures)
def test_redacting_twice_is_redacting_once(method, text):
    """On every text and with every method, a second redaction changes nothing."""
    once = replace_in(text, method)
    assert replace_in(once, method) == once


@settings(max_examples=250, deadline=None)
@given(texts=st.lists(mixtures, max_size=3))
def test_the_column_agrees_with_the_definition(texts):
    """A column has the matches that the definition finds in each of its texts."""
    found = find_in_column(pa.array(texts, pa.large_string()), Wanted())
    assert [found.get(i, []) for i in range(len(texts))] == list(map(find_personal_data, texts))


@settings(max_examples=250, deadline=None)
@given(text=mixtures)
def test_the_spans_rebuild_the_text(text):
    """Replacing the reported spans of the text before gives the text after."""
    redacted = redact_texts(pa.array([text], pa.large_string()), Wanted(), {})
    rebuilt, end = "", 0
    for type, begin, stop in redacted[0].matches if redacted else []:
        rebuilt += text[end:begin] + replacement(type, text[begin:stop], "placeholder")
        end = stop
    assert rebuilt + text[end:] == (redacted[0].text if redacted else text)
