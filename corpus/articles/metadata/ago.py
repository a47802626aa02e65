"""How long ago a line says that something was: "3 hours ago", "vor 2 Tagen", "3日前".

Whole days, because nobody says at what hour a page was saved: hours and minutes ago are today.
"""

# ruff: noqa: E501, RUF001  (letters of many alphabets; one line for each group of units)

from __future__ import annotations

import re
from datetime import timedelta

LONGEST = 60
"""Characters of a line that is about its age."""
MOST_DAYS = 400

_UNITS = {
    0: r"s|m|h|sec\w*|min\w*|hours?|hrs?|stunden?|std\.?|sekunden?|heures?|horas?|or[ae]|uur|uren|timer?|timmar|timme"
    r"|saat|dakika|godzin\w*|hodin\w*|час\w*|минут\w*|годин\w*|хвилин\w*|jam|menit|giờ|phút|小时|小時|分钟|分鐘|時間|分|시간|분"
    r"|ساع\w*|دقيق\w*|دقیق\w*|tunti\w*",
    1: r"d|days?|tag(?:en|e)?|jours?|días?|giorn[io]|dias?|dag(?:en|er|ar)?|gün|dni|dzień|dn[yíů]\w*|den|д(?:ень|ня|ней)|дн\w+"
    r"|hari|ngày|天|日|일|يوم\w*|أيام|روز|päivä\w*",
    7: r"w|weeks?|wochen?|semaines?|semanas?|settiman[ae]|we[e]?k(?:en)?|uker?|veck\w+|uger?|hafta|tydzień|tygodni\w*|týd\w+"
    r"|недел\w+|тижн\w+|minggu|tuần|周|週間?|주|أسبوع|أسابيع|هفته",
}
_WORDS_BEFORE = "vor|hace|il y a|há|för|før|for|před|منذ|قبل"
_WORDS_AGO = (
    "ago|fa|geleden|siden|sedan|önce|temu|назад|тому|yang lalu|lalu|trước|前|전|پیش|sitten|atrás"
)
_AGO = tuple(
    (days, re.compile(phrase, re.IGNORECASE))
    for days, unit in _UNITS.items()
    for phrase in (
        rf"(?:{_WORDS_BEFORE})\s+(\d{{1,3}}|ein\w*|une?|una?|um|en|ett)\s+(?:{unit})\b",
        rf"(?<!\w)(\d{{1,3}}|an?|one)\s?(?:{unit})\s*(?:{_WORDS_AGO})(?!\w)",
    )
)
_MAY_SAY = re.compile(rf"(?:{_WORDS_BEFORE})\s|(?:{_WORDS_AGO})(?!\w)", re.IGNORECASE)
"""What every phrase has: most lines are told by that."""
_TODAY = re.compile(
    r"\W*(?:(?:published|posted|online seit|stand|publié|oggi|publicado)\W+)?(?:today|heute|hoy|aujourd['’]hui|oggi|hoje|vandaag|idag"
    r"|i dag|bugün|dziś|dzisiaj|dnes|сегодня|сьогодні|hari ini|hôm nay|今天|今日|오늘|اليوم)\b",
    re.IGNORECASE,
)
_YESTERDAY = re.compile(
    r"\W*(?:yesterday|gestern|ayer|hier|ieri|ontem|gisteren|igår|i går|dün|wczoraj|včera|вчера|вчора|kemarin|hôm qua"
    r"|昨天|昨日|어제|أمس)\b(?=\W*(?:$|\d|,|um|at|à|alle|om|kl))",
    re.IGNORECASE,
)


def before(line: str) -> timedelta | None:
    """Return how long ago a line says that it was, in whole days, or None."""
    if not 3 <= len(line) <= LONGEST:
        return None
    if _TODAY.match(line):
        return timedelta(0)
    if _YESTERDAY.match(line):
        return timedelta(1)
    if not _MAY_SAY.search(line):
        return None
    for days, pattern in _AGO:
        match = pattern.search(line)
        if match:
            count = int(match[1]) if match[1].isdecimal() else 1
            return timedelta(days * count) if days * count <= MOST_DAYS else None
    return None
