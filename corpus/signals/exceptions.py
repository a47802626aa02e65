"""Words that the English tokenizer of spaCy cuts, or leaves whole, by name and not by rule.

    EXCEPTIONS["can't"]  -> (2, 3)      two tokens, "ca" and "n't"
    EXCEPTIONS["Mr."]    -> (3,)        one token, with its full stop

The table holds facts about spaCy 3.8, which datatrove counts words with.
"""

from __future__ import annotations

from collections.abc import Iterator

_PRONOUNS = ("i", "you", "he", "she", "it", "we", "they")
_QUESTIONS = ("who", "what", "when", "where", "why", "how", "there", "that", "this")
_PLURALS = ("these", "those")
_NEGATED_PERFECT = "ca could do does did had may might must need ought sha should wo would"
_NEGATED = f"{_NEGATED_PERFECT} ai are is was were have has dare"
_PERFECT = ("could", "might", "must", "should", "would")
_SINGLE = "ill its hell shell shed were well whore"
"""Words that look like a contraction without its apostrophe, and are none."""

_WHOLE = (
    "doin doin' goin goin' nothin nothin' nuthin nuthin' ol ol' somethin somethin' lovin lovin' "
    "havin havin'"
)
"""Words without their last letter; with a capital they are exceptions, too."""
_AS_WRITTEN = (
    "em 'em ll 'll nuff 'nuff 'S 's ‘S ‘s and/or w/o 're 'Cause 'cause 'cos 'Cos 'coz 'Coz "
    "'cuz 'Cuz 'bout ma'am Ma'am o'clock O'clock 'd a.m. Adm. Bros. co. Co. Corp. D.C. Dr. "
    "e.g. E.g. E.G. Gen. Gov. i.e. I.e. I.E. Inc. Jr. Ltd. Md. Messrs. Mo. Mont. Mr. Mrs. Ms. "
    "p.m. Ph.D. Prof. Rep. Rev. Sen. St. vs. v.s. Mt. Ak. Ala. Apr. Ariz. Ark. Aug. Calif. "
    "Colo. Conn. Dec. Del. Feb. Fla. Ga. Ia. Id. Ill. Ind. Jan. Jul. Jun. Kan. Kans. Ky. La. "
    "Mar. Mass. Mich. Minn. Miss. N.C. N.D. N.H. N.J. N.M. N.Y. Neb. Nebr. Nev. Nov. Oct. "
    "Okla. Ore. Pa. S.C. Sep. Sept. Tenn. Va. Wash. Wis. ' \\\") <space> '' C++ \\t \\n — ä. "
    "ö. ü."
)
_EMOTICONS = (
    "(*_*) (-8 (-: (-; (-_-) (._.) (: (; (= (>_<) (^_^) (o: )-: ): -_- -__- ._. 0.0 0.o 0_0 "
    "0_o 8) 8-) 8-D 8D :'( :') :'-( :'-) :( :(( :((( :() :) :)) :))) :* :-( :-(( :-((( :-) "
    ":-)) :-))) :-* :-/ :-0 :-3 :-> :-D :-O :-P :-X :-] :-o :-p :-x :-| :-} :/ :0 :1 :3 :> :D "
    ":O :P :X :] :o :o) :p :x :| :} ;) ;-) ;-D ;D ;_; <.< </3 <3 <33 <333 =( =) =/ =3 =D =[ "
    "=] =| >.< >.> >:( >:o ><(((*> @_@ O.O O.o O_O O_o V.V V_V XD XDD [-: [: [= ]= ^_^ ^__^ "
    "^___^ o.0 o.O o.o o_0 o_O o_o v.v v_v xD xDD"
)
_CUT = {
    "y'all": (2, 3), "yall": (1, 3), "how'd'y": (3, 2, 2), "not've": (3, 3), "notve": (3, 2),
    "cannot": (3, 3), "gonna": (3, 2), "gotta": (3, 2), "let's": (3, 2), "c'mon": (3, 2),
}  # fmt: skip


def _endings() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each word in lower case with the endings that are cut off it."""
    yield "i", ("'m",)
    yield "i", ("'m", "a")
    for word in (*_PRONOUNS, *_QUESTIONS, *_PLURALS):
        yield word, ("'ll",)
        yield word, ("'ll", "'ve")
        yield word, ("'d",)
        yield word, ("'d", "'ve")
    for word in ("i", "you", "we", "they", *_QUESTIONS[:7], *_PLURALS):
        yield word, ("'ve",)
    for word in ("you", "we", "they", *_QUESTIONS[:7], *_PLURALS):
        yield word, ("'re",)
    for word in ("he", "she", "it", *_QUESTIONS):
        yield word, ("'s",)
    for word in _NEGATED.split():
        yield word, ("n't",)
    for word in _NEGATED_PERFECT.split():
        yield word, ("n't", "'ve")
    for word in _PERFECT:
        yield word, ("'ve",)


def _table() -> dict[str, tuple[int, ...]]:
    """Return the length of each token of each exception."""
    table: dict[str, tuple[int, ...]] = {}
    for word, endings in _endings():
        for form in (word, word.title()):
            table[form + "".join(endings)] = (len(form), *map(len, endings))
            plain = [ending.replace("'", "") for ending in endings]
            table[form + "".join(plain)] = (len(form), *map(len, plain))
            if word in _QUESTIONS + _PLURALS and endings == ("'ve",):
                table[f"{form}ve"] = (len(form), 2)
    for hour in range(1, 13):
        for period in ("a.m.", "am", "p.m.", "pm"):
            table[f"{hour}{period}"] = (len(str(hour)), len(period))
    for whole, cut in _CUT.items():
        table[whole] = cut
        if whole not in ("y'all", "yall"):
            table[whole[0].upper() + whole[1:]] = cut
    for word in _WHOLE.split():
        table[word] = table[word[0].upper() + word[1:]] = (len(word),)
    for word in (*_AS_WRITTEN.split(), *_EMOTICONS.split()):
        table[word] = (len(word),)
    for letter in "abcdefghijklmnopqrstuvwxyz":
        table[f"{letter}."] = (2,)
    for word in _SINGLE.split():
        table.pop(word, None)
        table.pop(word.title(), None)
    return _with_other_apostrophes(table)


def _with_other_apostrophes(table: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """Return the table with every word that has an apostrophe also written with ’."""
    other = {word.replace("'", "’"): cut for word, cut in table.items() if "'" in word}
    return table | other


EXCEPTIONS = _table()
