"""Sentences in many languages, and the encodings that texts in them were written in."""

from __future__ import annotations

SENTENCES = {
    "English": [
        "The café’s owner paid £5 for the “naïve” painting — and kept it.",
        "Half a mile – ½, to be exact – is a long way to carry a canoe.",
        "She said it was the ferryman’s idea, and that he is sorry.",
    ],
    "Italian": [
        "Il vecchio mulino è stato riaperto perché la città lo voleva così.",
        "Più tardi il sindaco spiegò che il ponte non sarà pronto.",
        "I bambini aspettavano la barca che li portò sull’isola; ma non c’è più.",
    ],
    "Swedish": [
        "Den gamla bron över ån är stängd till våren, säger kommunen.",
        "Barnen åkte skridskor på sjön medan båten låg kvar i hamnen.",
        "Färjan går inte förrän isen har smält, och det tar två veckor.",
    ],
    "German": [
        "Die Brücke über den Fluß bleibt bis März für größere Wagen gesperrt.",
        "Der Bürgermeister erklärte, die Bäcker müßten früher öffnen.",
        "Am Ende fährt täglich nur noch ein Schiff über den See.",
    ],
    "French": [
        "Le vieux moulin a été rénové grâce à une collecte organisée près de la forêt.",
        "Les élèves ont découvert où les abeilles passaient l'été.",
        "Le maire a déclaré qu'aucune décision n'était encore arrêtée.",
    ],
    "Spanish": [
        "El año pasado la estación cerró y los niños caminaron más de una hora.",
        "¿Quién podría imaginar que el tren volvería después de la sequía?",
        "La alcaldesa explicó que la reparación costará sólo un millón.",
    ],
    "Portuguese": [
        "As estações de comboio não terão ligação à região até ao verão.",
        "O município informou que três pontes serão reconstruídas em março.",
        "Os pescadores já não vão à lagoa porque a água está quente.",
    ],
    "Polish": [
        "Książki wróciły do małej biblioteki, którą zamknięto w październiku.",
        "Burmistrz powiedział, że most będzie gotowy dopiero za sześć miesięcy.",
        "Mieszkańcy czekają na łódź, która przewiezie ich na drugą stronę.",
    ],
    "Czech": [
        "Starosta řekl, že nový most přes řeku otevřou až na začátku příštího roku.",
        "Děti se těší, že v zimě půjdou bruslit na zamrzlý rybník.",
        "Šest včelařů žádá obec, aby louku nechala ležet ladem.",
    ],
    "Hungarian": [
        "A polgármester szerint az új híd csak jövőre készül el a tűzoltóság mögött.",
        "A gyerekek délután a befagyott tóhoz mentek, mert szünet volt.",
        "Az öreg malom őre hűvös időben is főzött a vendégeknek.",
    ],
    "Croatian": [
        "Gradonačelnik kaže da će novi most biti otvoren tek sljedeće godine.",
        "Djeca su čekala brod koji vozi učenike preko zaleđenog jezera.",
        "Šumar je našao žabu u dvorištu škole i odnio je kući.",
    ],
    "Turkish": [
        "Belediye başkanı köprünün gelecek yıl açılacağını söyledi.",
        "Çocuklar öğleden sonra donmuş göle yürüyüşe çıktı.",
        "Eski değirmenin bekçisi kışın da misafirlere çorba pişirdi.",
    ],
    "Russian": [
        "Сегодня утром мост был закрыт, и пешеходы шли через старую плотину у мельницы.",
        "Мэр сообщил, что новая школа откроется только следующей осенью.",
        "Дети ждали лодку, которая должна была перевезти их на другой берег.",
    ],
    "Ukrainian": [
        "Сьогодні вранці міст був зачинений, і пішоходи йшли через стару греблю.",
        "Міський голова повідомив, що їхня школа відкриється лише наступної осені.",
        "Діти чекали на човен, який мав перевезти їх на інший берег.",
    ],
    "Bulgarian": [
        "Тази сутрин мостът беше затворен и хората минаваха по стария бент.",
        "Кметът съобщи, че новото училище ще отвори едва през следващата есен.",
        "Децата чакаха лодката, която трябваше да ги закара на другия бряг.",
    ],
    "Greek": [
        "Ο δήμαρχος είπε ότι η νέα γέφυρα θα ανοίξει μόλις τον επόμενο χρόνο.",
        "Τα παιδιά περίμεναν το καράβι που θα τα πήγαινε στο απέναντι νησί.",
        "Ο παλιός μύλος άνοιξε ξανά, και οι κάτοικοι έφεραν ψωμί.",
    ],
    "Hebrew": [
        "המעבורת האחרונה יצאה מהנמל בשעה תשע, כי הרוח לא נרגעה כל היום.",
        "ראש העיר אמר שהגשר החדש לא יהיה מוכן לפני האביב.",
        "הילדים חיכו על הרציף עד שהסירה חזרה אל החוף.",
    ],
    "Japanese": [
        "今朝、橋は通行止めになり、歩行者は水車小屋のそばの古い堤防を渡った。",
        "市長は、新しい学校が開くのは来年の秋になると述べた。",
        "子どもたちは、向こう岸へ渡る船をずっと待っていました。",
    ],
    "Simplified Chinese": [
        "今天早上，这座桥被关闭了，行人只好从磨坊旁边的旧水坝上走过去。",
        "市长说，新的学校要到明年秋天才会开学。",
        "孩子们一直在等那条把他们送到对岸的船。",
    ],
    "Traditional Chinese": [
        "今天早上，這座橋被關閉了，行人只好從磨坊旁邊的舊水壩上走過去。",
        "市長說，新的學校要到明年秋天才會開學。",
        "孩子們一直在等那條把他們送到對岸的船。",
    ],
    "Korean": [
        "오늘 아침 다리가 통제되어 보행자들은 방앗간 옆의 오래된 둑을 건넜다.",
        "시장은 새 학교가 내년 가을에야 문을 연다고 말했다.",
        "아이들은 건너편으로 데려다 줄 배를 오랫동안 기다렸다.",
    ],
}
WESTERN, CENTRAL = ("cp1252",), ("cp1250", "iso8859-2")
CYRILLIC = ("cp1251", "iso8859-5")
LEGACY_ENCODINGS = {
    "English": WESTERN,
    "Italian": WESTERN,
    "Swedish": WESTERN,
    "German": WESTERN,
    "French": WESTERN,
    "Spanish": WESTERN,
    "Portuguese": WESTERN,
    "Polish": CENTRAL,
    "Czech": CENTRAL,
    "Hungarian": CENTRAL,
    "Croatian": CENTRAL,
    "Turkish": ("cp1254",),
    "Russian": (*CYRILLIC, "koi8-r", "cp866"),
    "Ukrainian": ("cp1251", "koi8-u"),
    "Bulgarian": CYRILLIC,
    "Greek": ("cp1253", "iso8859-7"),
    "Hebrew": ("cp1255", "iso8859-8"),
    "Japanese": ("shift_jis", "euc_jp", "iso2022_jp"),
    "Simplified Chinese": ("gb18030",),
    "Traditional Chinese": ("big5",),
    "Korean": ("euc_kr",),
}
"""The encodings of each language, besides those of Unicode."""

WIDE_ENCODINGS = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")


def text_of(language: str, n_sentences: int) -> str:
    """Return a text of some sentences, without a line end."""
    sentences = SENTENCES[language]
    space = "" if language.startswith(("Jap", "Simp", "Trad")) else " "
    return space.join(sentences[i % len(sentences)] for i in range(n_sentences))
