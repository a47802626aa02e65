# ruff: noqa: RUF001  these characters are meant
"""Frequent characters: the punctuation of all languages, ideographs, kana and Hangul.

They distinguish text from other bytes, and the right encoding of a text from a wrong one.
"""

PUNCTUATION = frozenset("“”„‟‚‘’‹›«»–—…·•€§°©®™²³½¼¾£¿¡ºª№\xa0\xad´`¨×†")
"""Punctuation and signs beyond ASCII that European texts have."""

PUNCTUATION_IN_WORDS = frozenset("’\xad·")
SIGNS = frozenset("©®™°§¬¦¶±¹²³¼½¾")
"""Signs that no word begins with."""

HANZI_SIMPLIFIED = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里"
    "用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实"
    "日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政"
    "美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员"
)
HANZI_TRADITIONAL = (
    "這個們來為國說時會對過發後裡種經學現當沒動還進樣開從實軍無與"
    "長機業將兩間問並應戰頭體見產話給門東聲員"
)
HANZI = HANZI_SIMPLIFIED + HANZI_TRADITIONAL
HANGUL = (
    "이다는을의에가고은한하지를기로들도사그어있나시자리해정대과서일인아으라전것만수원제부장보주안오성상구스"
    "면여었했니습된중우년게적내말동무세미위조국학생연진화신와유용문경요비선관바소모트물마드개였할러공방회계"
    "까등거집때치반실야데분행식외점날금후천월속발명았왔건"
)
FREQUENT_EAST_ASIAN = {
    "ja": frozenset(
        "、。「」のはをにがでとたしていまるなっも日本人年大一国会中出生事学月者時分上行前後今何見"
    ),
    "zh": frozenset("，。、：；？！“”《》「」" + HANZI),
    "ko": frozenset(HANGUL),
}
"""Frequent characters of Japanese, Chinese and Korean."""
