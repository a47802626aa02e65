"""Patterns of sentences that notices and offers on the web consist of, for `block_small_pages`.

A pattern has places with a choice: `{one|another}`, or `{one|}` for something optional. So a few
patterns give many sentences, with most of the words that vendors use.
"""

# ruff: noqa: E501, RUF001  (sentences in one line; characters of other scripts)

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from block_boilerplate import Maker

_CHOICE = re.compile(r"\{([^{}]*)\}")

PATTERNS: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "consent": (
            "{We|This website|Our site} and {our|selected|up to} {89|233|612|1,430|third-party} {partners|vendors|providers|advertisers} {store|save|read|process} {information|data|identifiers} on {a|your} {device|phone or computer|browser}, {like|for example|including} {cookies|local storage|advertising IDs|IP addresses}.",
            "{Personal data|Your data|Information about you|Technical data} {such as|like|including} {IP addresses|browsing data|standard information sent by your device|unique IDs} may be {processed|used|shared|combined} for {personalised|targeted|tailored} {ads|advertisements|content|offers}, {ad and content measurement|statistics|audience insights|market research} and {product development|development of services|fraud prevention}.",
            "{With|Given|Based on} your {consent|permission|agreement|approval}, {exact|approximate|precise} {location|geolocation|position} data and {identification through|scanning of|access to} {device|browser|screen} {characteristics|properties|settings} {can|may|will} be used.",
            "You {can|may} {change your mind|withdraw your consent|revoke this choice|adjust your preferences|object} {at any time|later|whenever you want} {in the settings|by clicking the button below|at the bottom of the page|in our privacy policy|through this icon}.",
            "{This|Our} {site|website|page|portal|shop} uses {cookies|tracking technologies|small text files|pixels and cookies} to {improve your experience|analyse traffic|remember you|keep you signed in|show you relevant ads}{, and so do our partners|}.",
            "{If you|When you|By} {continue|continue browsing|click OK|close this message|stay on this page}{ you|, you} {agree to|accept|consent to} {our use of cookies|the storing of cookies|our terms and our privacy notice|data processing}.",
            "{Strictly necessary|Functional|Performance|Marketing|Social media} cookies {are needed for the site to work|help us count visits|remember your choices|are set by third parties|cannot be switched off}.",
            "{Click|Choose|Press|Select} {“Accept”|“Agree”|“Allow all”|the button} to {consent|agree|allow this}, or {“Reject”|“Manage options”|“Settings”|“More information”} to {refuse|choose in detail|learn more|decline}.",
            "{Your|We value your|We respect your|We care about your} {privacy|privacy matters to us|choices|data protection rights}{ and want you to know how we use your data|. Decide what we may collect|}.",
            "{Read|See|For details see|Find out more in} our {cookie policy|privacy policy|privacy statement|data protection notice|list of partners}.",
        ),
        "paywall": (
            "{To|Want to|In order to} {read|read on|continue reading|keep reading|see|view} {this article|the whole story|the full report|more}, {please |you need to |}{subscribe|log in|register|become a member|buy access|sign in|take out a subscription}{ today| now| to our digital edition| here|}.",
            "{Subscribe|Sign up|Join|Register} {now|today|here} for {only|just|as little as} {one dollar|two euros|$4|€1.50|£3|a few pence} {a week|a month|for the first month|per month|for three months}{ and read everything|, then the normal price applies|, cancel at any time|}.",
            "{This|The rest of this|The remaining} {article|story|content|page|post} is {only|exclusively|reserved} for {subscribers|members|registered readers|premium customers|supporters}.",
            "You have {reached|used up|exhausted} {your|the} {limit|number|quota} of {free|complimentary} {articles|stories|views}{ this month| this week|}.",
            "{Already|Are you} a {subscriber|member|customer}? {Log in|Sign in|Enter your password}{ here| to continue| with your e-mail address|}.",
            "{Get|Enjoy|Unlock|Try} {unlimited|full|complete|premium} access to {all articles|our archive|everything we publish|the website and the app}{ for a month| for free| without advertising|}.",
            "{Choose|Pick|Select|Start} {your|a} {plan|subscription|trial|package|membership}{ and cancel whenever you like| now|, it takes one minute|}.",
            "{Continue|Carry on} {reading|with this story} with {a|our} {trial|subscription|day pass|free account|plus account}.",
        ),
        "subscribe": (
            "{Sign up|Register|Subscribe} {for|to} {our|the} {daily|weekly|free|morning|evening|monthly} {newsletter|briefing|e-mail|bulletin|digest}{ about food| on politics| with the best of the week|}.",
            "{Get|Receive|Have|Read} {the best of|our top stories from|news from|updates from|the latest from} {the paper|our newsroom|your town|the region|our desk} {in your inbox|by e-mail|on your phone|delivered to you} {every morning|each week|every Friday|at the weekend|daily}{, free of charge|, for nothing|}.",
            "{Enter|Leave|Type in|Give us} your {e-mail|email address|address|phone number} {and|so that} we {will send|send|can send} you {the newsletter|one story a day|our picks|a message when it matters}.",
            "{Follow|Like|Find|Join} us on {Facebook|Instagram|Telegram|X|YouTube|social media|WhatsApp}{ for more stories| and join the conversation| for updates|}.",
            "{Download|Install|Get|Try} {our|the} {free |}app {for|and get|with} {push alerts|breaking news|notifications|offline reading}.",
            "{Don't miss|Never miss} {a story|an issue|an episode|our next report|the news}{ again|}: {turn on notifications|subscribe to our channel|get our alerts|sign up below}.",
            "{Support|Help|Donate to|Stand up for} {independent|local|free|our} {journalism|reporting|newsroom}{ with a small gift| with five dollars a month|. Every contribution counts|}.",
            "{Did you like|Did you enjoy|Was this helpful? Share} this {article|story|post}{? Tell your friends|? Share it| with others|}.",
        ),
    },
    "de": {
        "consent": (
            "{Wir|Diese Website|Unser Angebot} und {unsere|bis zu} {155|640|mehrere} {Partner|Drittanbieter|Dienstleister} {speichern|verarbeiten|lesen} {Informationen|Daten|Kennungen} auf {Ihrem Gerät|einem Endgerät|Ihrem Rechner}{, zum Beispiel Cookies|, etwa IP-Adressen|}.",
            "{Mit|Nach} Ihrer {Einwilligung|Zustimmung|Erlaubnis} {nutzen|verwenden|verarbeiten} wir {Standortdaten|Cookies|Ihre Daten|ähnliche Technologien} für {personalisierte Werbung|Messungen|die Verbesserung unserer Angebote|Marktforschung}.",
            "Sie können Ihre {Einwilligung|Auswahl|Entscheidung} {jederzeit|später} {widerrufen|ändern|anpassen}{, auch am Ende der Seite|}.",
        ),
        "paywall": (
            "{Um|Sie möchten} {diesen Artikel|den ganzen Text|alles} {zu lesen|lesen}{, brauchen Sie ein Abo|, melden Sie sich an|: jetzt Zugang kaufen}.",
            "{Jetzt|Hier} {abonnieren|testen|anmelden} und {einen Monat|vier Wochen|sofort} {gratis|für einen Euro|unbegrenzt} {lesen|weiterlesen}.",
            "{Dieser|Der vollständige} {Artikel|Inhalt} ist {nur|ausschließlich} für {Abonnenten|Mitglieder|angemeldete Leser} {verfügbar|sichtbar}.",
        ),
        "subscribe": (
            "{Bestellen|Abonnieren} Sie unseren {kostenlosen|täglichen|wöchentlichen} Newsletter{ zu Kultur und Freizeit| aus der Region|}.",
            "{Das Beste|Die wichtigsten Nachrichten|Neues} aus {der Redaktion|Ihrer Stadt} {jeden Morgen|jeden Abend|einmal pro Woche} {per E-Mail|in Ihr Postfach|aufs Handy}.",
        ),
    },
    "fr": {
        "consent": (
            "{Nous|Ce site} et nos {212|nombreux|} partenaires {stockons|utilisons|traitons} des {informations|données|cookies} sur {votre appareil|un terminal} {pour|afin de} {mesurer l'audience|personnaliser les publicités|améliorer nos services}.",
            "Vous pouvez {retirer votre consentement|modifier vos choix|tout refuser} {à tout moment|plus tard}{ en bas de page|}.",
        ),
        "paywall": (
            "Pour {lire la suite|continuer votre lecture|accéder à l'article}, {abonnez-vous|connectez-vous|créez un compte}{ dès un euro par mois| maintenant|}.",
            "{Cet article|La suite|Ce contenu} est réservé{e|} à nos {abonnés|membres|lecteurs inscrits}.",
        ),
        "subscribe": (
            "{Recevez|Retrouvez} {chaque matin|chaque semaine|gratuitement} {notre lettre|l'essentiel de l'actualité|nos meilleurs articles} {par courriel|dans votre boîte mail}.",
            "{Inscrivez-vous|Abonnez-vous} à notre {newsletter|infolettre}{ gratuite|}.",
        ),
    },
    "es": {
        "consent": (
            "{Nosotros|Este sitio} y nuestros {310|} socios {almacenamos|usamos|tratamos} {información|datos|cookies} en {su dispositivo|el navegador} para {mostrar anuncios personalizados|medir la audiencia|mejorar el servicio}.",
            "Puede {retirar su consentimiento|cambiar su elección|rechazarlas} {en cualquier momento|más tarde}.",
        ),
        "paywall": (
            "Para {seguir leyendo|leer el artículo completo}, {suscríbase|inicie sesión|regístrese}{ por un euro al mes| ahora|}.",
            "{Este artículo|El resto del texto} es {solo|exclusivo} para {suscriptores|socios}.",
        ),
        "subscribe": (
            "{Reciba|Tenga} {cada mañana|cada semana} {nuestro boletín|lo mejor del diario} {en su correo|gratis}.",
        ),
    },
    "ur": {
        "paywall": (
            "{پورا مضمون|یہ خبر|باقی حصہ} پڑھنے کے لیے {سبسکرائب کریں|لاگ ان کریں|رکنیت لیں|اکاؤنٹ بنائیں}{، پہلا مہینہ مفت|، صرف ایک ڈالر میں|}۔",
        ),
        "subscribe": (
            "{ہماری|تازہ} {خبریں|تحریریں|کہانیاں} {ہر صبح|ہر ہفتے|روزانہ} {ای میل پر|اپنے فون پر|اپنے ان باکس میں} {حاصل کریں|پائیں}، {اپنا پتہ لکھیں|مفت سائن اپ کریں|بس ہمیں بتائیں}۔",
            "{ہمارا|مفت} {نیوز لیٹر|اخبار نامہ} {حاصل کرنے کے لیے|پڑھنے کے لیے} {اپنا ای میل درج کریں|رجسٹر کریں}۔",
        ),
    },
    "ar": {
        "paywall": (
            "{لمتابعة|لإكمال} {القراءة|المقال|التقرير} {اشترك الآن|سجل الدخول|أنشئ حسابا}{ بسعر دولار واحد|، الشهر الأول مجانا|}.",
        ),
        "subscribe": (
            "{تصلك|احصل على} {أهم الأخبار|نشرتنا|أفضل مقالاتنا} {كل صباح|كل أسبوع|يوم الجمعة} {على بريدك|إلى هاتفك}{ مجانا|، اكتب عنوانك هنا|}.",
        ),
    },
    "he": {
        "paywall": (
            "{להמשך|כדי להמשיך} {קריאה|לקרוא|את הכתבה} {הירשמו|התחברו|רכשו מינוי}{ בשקל לחודש הראשון| עכשיו|}.",
        ),
        "subscribe": (
            "{קבלו|הצטרפו אל} {את הידיעון|הניוזלטר|הכתבות הטובות} {כל בוקר|בכל שבוע|ביום שישי} {למייל|לתיבה שלכם}{ בחינם|, השאירו כתובת|}.",
        ),
    },
    "zh": {
        "paywall": (
            "{如需|想要}{继续阅读|阅读全文|查看更多}，请{订阅|登录|注册会员|购买}{，首月只要一元|，随时可取消|}。",
        ),
        "subscribe": (
            "{每天早上|每周|每周五}{把|将}{精选文章|最新消息|我们的通讯}{发到您的邮箱|送到您的手机}{，免费|，请留下地址|}。",
        ),
    },
    "ja": {
        "paywall": (
            "{続きを|全文を|この記事を}{読むには|ご覧になるには}{会員登録|ログイン|購読の申し込み}が必要です{。最初の月は無料です|}。",
        ),
        "subscribe": (
            "{毎朝|毎週|金曜日に}{おすすめの記事|最新のニュース|編集部の便り}を{メールで|スマートフォンに}お届けします{。無料でご登録ください|}。",
        ),
    },
    "ko": {
        "paywall": (
            "{계속|전체 기사를|나머지를} {읽으려면|보시려면} {구독하세요|로그인하세요|회원으로 가입하세요}{. 첫 달은 무료입니다|}.",
        ),
        "subscribe": (
            "{매일 아침|매주|금요일마다} {좋은 기사|새 소식|뉴스레터}를 {메일로|휴대전화로} {보내 드립니다|받아 보세요}{. 주소를 남겨 주세요|}.",
        ),
    },
    "ru": {
        "paywall": (
            "Чтобы {читать дальше|прочитать статью целиком}, {оформите подписку|войдите|зарегистрируйтесь}{ за один рубль| сейчас|}.",
        ),
        "subscribe": (
            "{Получайте|Читайте} {главные новости|лучшие статьи|нашу рассылку} {каждое утро|раз в неделю|по пятницам} {на почту|в телефоне}{ бесплатно|, оставьте адрес|}.",
        ),
    },
    "tr": {
        "paywall": (
            "{Haberin devamını|Yazının tamamını} okumak için {abone olun|giriş yapın|üye olun}{, ilk ay bir lira| hemen|}.",
        ),
        "subscribe": (
            "{En iyi yazılarımız|Günün haberleri|Bültenimiz} {her sabah|her hafta|cuma günleri} {e-postanıza|telefonunuza} gelsin{, adresinizi yazın|, ücretsiz|}.",
        ),
    },
}


def sentence(maker: Maker, language: str, kind: str) -> str:
    """Return a sentence of a kind in a language, or an empty string if there is no pattern."""
    patterns = PATTERNS.get(language, {}).get(kind, ())
    if not patterns:
        return ""
    return _CHOICE.sub(lambda choice: str(maker.one(choice[1].split("|"))), maker.one(patterns))
