"""Write corpus/signals/characters.npz from the Unicode tables of the running Python.

    python scripts/make_signal_characters.py

The table is committed, so signals are the same with every Python. Each class of characters is one
bit; `corpus.signals.characters` names the bits and says who defines them.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np

from corpus.signals import characters as c
from corpus.words.definition import words

TABLE = Path(__file__).parents[1] / "corpus" / "signals" / "characters.npz"

PUNCTUATION_TO_STRIP = ",:;!?¿؟¡()[]{}<>_#*&。？！，、；：～·।،۔؛٪…"
"""What the English tokenizer of spaCy takes off either end of a word."""

QUOTES = "'\"”“`‘´’‚,„»«「」『』（）〔〕【】《》〈〉〈〉⟦⟧"
CURRENCY = "$£€¥฿₽﷼₴₠₡₢₣₤₥₦₧₨₩₪₫₭₮₯₰₱₲₳₵₶₷₸₹₺₻₼₾₿"
HYPHENS = "-–—~"

SYMBOLS = (
    "!/—”:％１〈&(、━\\【#%「」，】；+^]~“《„';’{|∶´[=-`*．（–？！：$～«〉,><》)?）。…@_.\"}►»"
)
"""datatrove's punctuation, to which it adds control characters and ends of sentences."""

SENTENCE_ENDS = (
    "!.?։؝؞؟۔܀܁܂߹࠷࠹࠽࠾।॥၊။።፧፨᙮᜵᜶។៕៖៙៚᠃᠉᥄᥅᪨᪩᪪᪫᭚᭛᭞᭟᭽᭾᰻᰼᱾᱿‼‽⁇⁈⁉⸮⸼⹓⹔。꓿꘎꘏꛳꛷꡶꡷꣎꣏꤯꧈꧉꩝꩞꩟꫰꫱꯫"
    "﹒﹖﹗！．？｡𐩖𐩗𐽕𐽖𐽗𐽘𐽙𐾆𐾇𐾈𐾉𑁇𑁈𑂾𑂿𑃀𑃁𑅁𑅂𑅃𑇅𑇆𑇍𑇞𑇟𑈸𑈹𑈻𑈼𑊩𑑋𑑌𑗂𑗃𑗉𑗊𑗋𑗌𑗍𑗎𑗏𑗐𑗑𑗒𑗓𑗔𑗕𑗖𑗗𑙁𑙂𑜼𑜽𑜾𑥄𑥆𑩂𑩃𑪛𑪜𑱁𑱂"
    "𑻷𑻸𑽃𑽄𖩮𖩯𖫵𖬷𖬸𖭄𖺘𛲟𝪈"
)
"""Characters that end a sentence, in any script: Unicode's Sentence_Terminal and some more."""

SPACY_SENTENCE_ENDS_WITHOUT = "؝؞࠷࠹࠽࠾។៕៖៙៚᭽᭾⹓⹔𐽕𐽖𐽗𐽘𐽙𐾆𐾇𐾈𐾉𑥄𑥆𑻷𑻸𑽃𑽄𖺘"


def bits(code: int) -> int:
    """Return the classes of a code point."""
    char = chr(code)
    category = unicodedata.category(char)
    letter = char.isalpha()
    uncased = letter and char.lower() == char.upper()
    classes = {
        c.SPACE: char.isspace(),
        c.LINE_BREAK: len(f"a{char}b".splitlines()) == 2,
        c.LETTER: letter,
        c.LETTER_OR_DIGIT: char.isalnum(),
        c.UPPER: letter and (char.isupper() or uncased),
        c.LOWER: letter and (char.islower() or uncased),
        c.DIGIT: "0" <= char <= "9",
        c.SYMBOL: char in SYMBOLS
        or char in SENTENCE_ENDS
        or (code < 32 and code not in (9, 10))
        or 127 <= code < 160,
        c.SENTENCE_END: char in SENTENCE_ENDS,
        c.SPACY_SENTENCE_END: char in SENTENCE_ENDS and char not in SPACY_SENTENCE_ENDS_WITHOUT,
        c.PUNCTUATION: category[0] == "P",
        c.AFFIX: char in PUNCTUATION_TO_STRIP + QUOTES + "—–" or category == "So",
        c.PREFIX: char in "§%=" + CURRENCY,
        c.BEFORE_FULL_STOP: char in "%²-+|(?:)" + PUNCTUATION_TO_STRIP + QUOTES
        or "0" <= char <= "9",
        c.QUOTE: char in QUOTES,
        c.HYPHEN: char in HYPHENS,
        c.ICON: category == "So" or char == "…",
        c.CURRENCY: char in CURRENCY,
        c.BRACE: char == "{",
        c.BRACKET: char == "[",
        c.LONE: words(char + char) == [char, char],
    }
    return sum(bit for bit, holds in classes.items() if holds)


def main() -> None:
    """Write the table as runs of code points with equal classes."""
    table = np.array([bits(code) for code in range(0x110000)], np.uint32)
    starts = np.flatnonzero(np.append(True, table[1:] != table[:-1]))
    np.savez_compressed(
        TABLE,
        first=starts.astype(np.uint32),
        bits=table[starts],
        unicode=np.array(unicodedata.unidata_version),
    )
    print(
        f"{len(starts)} runs, {TABLE.stat().st_size} bytes, Unicode {unicodedata.unidata_version}"
    )


if __name__ == "__main__":
    main()
