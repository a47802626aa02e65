"""A short article in each of many languages, written for these tests."""

from __future__ import annotations

import pytest

ARTICLES = {
    "af": (
        "Die stad se nuwe biblioteek het gister sy deure oopgemaak, en honderde kinders het "
        "saam met hul ouers gekom om die boeke te sien. Die burgemeester het gesê dit is 'n "
        "groot dag vir almal."
    ),
    "ar": (
        "افتتحت المدينة أمس مكتبتها الجديدة بحضور مئات الأطفال مع آبائهم، وقال رئيس البلدية إن "
        "هذا يوم كبير لجميع السكان الذين انتظروا هذا المبنى سنوات طويلة."
    ),
    "bg": (
        "Новата библиотека на града отвори врати вчера и стотици деца дойдоха с родителите си, "
        "за да видят книгите. Кметът каза, че това е голям ден за всички, които са чакали тази "
        "сграда."
    ),
    "bn": ("শহরের নতুন গ্রন্থাগার গতকাল খুলেছে এবং শত শত শিশু তাদের বাবা মায়ের সঙ্গে বই দেখতে এসেছিল।"),
    "ca": (
        "La nova biblioteca de la ciutat va obrir ahir les portes i centenars de nens hi van "
        "anar amb els seus pares per veure els llibres. L'alcalde va dir que és un gran dia "
        "per a tothom."
    ),
    "cs": (
        "Nová městská knihovna včera otevřela své dveře a stovky dětí přišly se svými rodiči, "
        "aby si prohlédly knihy. Starosta řekl, že je to velký den pro všechny, kteří na "
        "budovu čekali."
    ),
    "da": (
        "Byens nye bibliotek åbnede i går, og hundredvis af børn kom sammen med deres forældre "
        "for at se bøgerne. Borgmesteren sagde, at det er en stor dag for alle, som har ventet "
        "på huset."
    ),
    "de": (
        "Die neue Bibliothek der Stadt hat gestern ihre Türen geöffnet, und Hunderte von "
        "Kindern kamen mit ihren Eltern, um die Bücher zu sehen. Es sei ein großer Tag, sagte "
        "die Bürgermeisterin."
    ),
    "el": (
        "Η νέα βιβλιοθήκη της πόλης άνοιξε χθες τις πόρτες της και εκατοντάδες παιδιά ήρθαν με "
        "τους γονείς τους για να δουν τα βιβλία."
    ),
    "en": (
        "The town's new library opened its doors yesterday, and hundreds of children came with "
        "their parents to see the books. The mayor said it was a great day for all who had "
        "waited for it."
    ),
    "es": (
        "La nueva biblioteca de la ciudad abrió ayer sus puertas y cientos de niños llegaron "
        "con sus padres para ver los libros. El alcalde dijo que era un gran día para todos "
        "los vecinos."
    ),
    "et": (
        "Linna uus raamatukogu avas eile oma uksed ja sajad lapsed tulid koos vanematega "
        "raamatuid vaatama. Linnapea ütles, et see on suur päev kõigile, kes seda maja oodanud "
        "on."
    ),
    "fa": (
        "کتابخانه جدید شهر دیروز درهای خود را باز کرد و صدها کودک همراه با پدر و مادرشان برای "
        "دیدن کتاب‌ها آمدند. شهردار گفت که این روز بزرگی برای همه است."
    ),
    "fi": (
        "Kaupungin uusi kirjasto avasi eilen ovensa, ja sadat lapset tulivat vanhempiensa "
        "kanssa katsomaan kirjoja. Kaupunginjohtaja sanoi, että tämä on suuri päivä kaikille."
    ),
    "fr": (
        "La nouvelle bibliothèque de la ville a ouvert ses portes hier, et des centaines "
        "d'enfants sont venus avec leurs parents pour voir les livres. C'est un grand jour "
        "pour tous, a dit le maire."
    ),
    "he": (
        "הספרייה החדשה של העיר פתחה אתמול את שעריה, ומאות ילדים הגיעו עם הוריהם כדי לראות את "
        "הספרים."
    ),
    "hi": ("शहर का नया पुस्तकालय कल खुल गया और सैकड़ों बच्चे अपने माता पिता के साथ किताबें देखने आए।"),
    "hr": (
        "Nova gradska knjižnica jučer je otvorila svoja vrata, a stotine djece došle su s "
        "roditeljima vidjeti knjige. Gradonačelnik je rekao da je to velik dan za sve koji su "
        "čekali tu zgradu."
    ),
    "hu": (
        "A város új könyvtára tegnap megnyitotta kapuit, és több száz gyerek jött el a "
        "szüleivel, hogy megnézze a könyveket. A polgármester azt mondta, hogy ez nagy nap "
        "mindenkinek."
    ),
    "hy": (
        "Քաղաքի նոր գրադարանը երեկ բացեց իր դռները, և հարյուրավոր երեխաներ եկան իրենց ծնողների հետ։"
    ),
    "id": (
        "Perpustakaan baru kota itu dibuka kemarin, dan ratusan anak datang bersama orang tua "
        "mereka untuk melihat buku-buku. Wali kota mengatakan bahwa ini hari besar bagi semua "
        "orang."
    ),
    "it": (
        "La nuova biblioteca della città ha aperto ieri le sue porte e centinaia di bambini "
        "sono venuti con i genitori per vedere i libri. Il sindaco ha detto che è un grande "
        "giorno per tutti."
    ),
    "ja": (
        "市の新しい図書館が昨日開館し、何百人もの子どもたちが両親と一緒に本を見に来ました。市長は、"
        "みんなにとって大切な日だと話しました。"
    ),
    "ka": "ქალაქის ახალმა ბიბლიოთეკამ გუშინ კარი გააღო და ასობით ბავშვი მოვიდა მშობლებთან ერთად.",
    "ko": "시의 새 도서관이 어제 문을 열었고 수백 명의 아이들이 책을 보러 부모와 함께 왔습니다.",
    "lt": (
        "Nauja miesto biblioteka vakar atvėrė duris, ir šimtai vaikų atėjo su tėvais pažiūrėti "
        "knygų. Meras sakė, kad tai didelė diena visiems, kurie laukė šio pastato."
    ),
    "lv": (
        "Pilsētas jaunā bibliotēka vakar atvēra durvis, un simtiem bērnu nāca kopā ar vecākiem "
        "apskatīt grāmatas. Mērs teica, ka šī ir liela diena visiem."
    ),
    "mk": (
        "Новата градска библиотека вчера ги отвори вратите и стотици деца дојдоа со своите "
        "родители за да ги видат книгите. Градоначалникот рече дека тоа е голем ден за сите."
    ),
    "nb": (
        "Byens nye bibliotek åpnet i går, og hundrevis av barn kom sammen med foreldrene sine "
        "for å se bøkene. Ordføreren sa at dette er en stor dag for alle som har ventet på "
        "bygget."
    ),
    "nl": (
        "De nieuwe bibliotheek van de stad heeft gisteren haar deuren geopend, en honderden "
        "kinderen kwamen met hun ouders om de boeken te bekijken. Een grote dag, zei de "
        "burgemeester."
    ),
    "pl": (
        "Nowa biblioteka miejska otworzyła wczoraj swoje drzwi, a setki dzieci przyszły z "
        "rodzicami, żeby zobaczyć książki. Burmistrz powiedział, że to wielki dzień dla "
        "wszystkich."
    ),
    "pt": (
        "A nova biblioteca da cidade abriu ontem as suas portas, e centenas de crianças vieram "
        "com os pais para ver os livros. O presidente da câmara disse que é um grande dia para "
        "todos."
    ),
    "ro": (
        "Noua bibliotecă a orașului și-a deschis ieri porțile, iar sute de copii au venit cu "
        "părinții lor ca să vadă cărțile. Primarul a spus că este o zi mare pentru toți."
    ),
    "ru": (
        "Новая городская библиотека вчера открыла свои двери, и сотни детей пришли с "
        "родителями, чтобы посмотреть книги. Мэр сказал, что это большой день для всех, кто "
        "ждал этого здания."
    ),
    "sk": (
        "Nová mestská knižnica včera otvorila svoje dvere a stovky detí prišli so svojimi "
        "rodičmi, aby si pozreli knihy. Primátor povedal, že je to veľký deň pre všetkých."
    ),
    "sl": (
        "Nova mestna knjižnica je včeraj odprla svoja vrata in na stotine otrok je prišlo s "
        "starši, da bi videli knjige. Župan je rekel, da je to velik dan za vse."
    ),
    "sq": (
        "Biblioteka e re e qytetit hapi dje dyert e saj dhe qindra fëmijë erdhën me prindërit "
        "e tyre për të parë librat. Kryetari tha se kjo është një ditë e madhe për të gjithë."
    ),
    "sv": (
        "Stadens nya bibliotek öppnade i går sina dörrar, och hundratals barn kom med sina "
        "föräldrar för att se böckerna. Borgmästaren sade att det är en stor dag för alla."
    ),
    "sw": (
        "Maktaba mpya ya mji ilifungua milango yake jana, na mamia ya watoto walikuja pamoja "
        "na wazazi wao kuona vitabu. Meya alisema kwamba hii ni siku kubwa kwa watu wote."
    ),
    "th": "ห้องสมุดใหม่ของเมืองเปิดประตูเมื่อวานนี้ และเด็กหลายร้อยคนมากับพ่อแม่เพื่อดูหนังสือ",
    "tl": (
        "Binuksan kahapon ang bagong aklatan ng lungsod, at daan-daang mga bata ang dumating "
        "kasama ng kanilang mga magulang upang makita ang mga aklat. Malaking araw ito para sa "
        "lahat."
    ),
    "tr": (
        "Şehrin yeni kütüphanesi dün kapılarını açtı ve yüzlerce çocuk kitapları görmek için "
        "anne ve babalarıyla birlikte geldi. Belediye başkanı bunun herkes için büyük bir gün "
        "olduğunu söyledi."
    ),
    "uk": (
        "Нова міська бібліотека вчора відчинила свої двері, і сотні дітей прийшли з батьками, "
        "щоб подивитися книжки. Мер сказав, що це великий день для всіх, хто чекав на цю "
        "будівлю."
    ),
    "ur": (
        "شہر کی نئی لائبریری کل کھل گئی اور سینکڑوں بچے اپنے والدین کے ساتھ کتابیں دیکھنے آئے۔ "
        "میئر نے کہا کہ یہ سب کے لیے بڑا دن ہے۔"
    ),
    "vi": (
        "Thư viện mới của thành phố đã mở cửa hôm qua, và hàng trăm trẻ em đã đến cùng cha mẹ "
        "để xem sách. Thị trưởng nói rằng đây là một ngày trọng đại đối với mọi người."
    ),
    "zh": (
        "市里的新图书馆昨天开门了，几百个孩子和父母一起来看书。"
        "市长说，对于所有等待这座大楼的人来说，这是一个重要的日子。"
    ),
}


@pytest.fixture(scope="session")
def articles() -> dict[str, str]:
    """Return a short article in each language, by code."""
    return ARTICLES
