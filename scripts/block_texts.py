"""Boilerplate in twenty languages, for the synthetic pages of `block_making`.

Each language has one text per line, with its kind before it. Real pages have such texts in the
language of their article, or in that of the vendor.
"""

# ruff: noqa: E501, RUF001  (sentences in one line; characters of other scripts)

from __future__ import annotations

KINDS = {
    "C": "consent", "P": "paywall", "S": "subscribe", "R": "related", "K": "comments",
    "B": "button", "M": "menu", "F": "footer", "Y": "byline", "H": "heading",
}  # fmt: skip
"""`heading` is the heading of a consent notice, a paywall or an offer."""

_TEXTS = {
    "en": """
C To give you the best experience, this page saves a few text files in your browser.
C Choose whether we may use optional cookies for statistics, social media and personalised offers.
C Without these files some features, such as videos and maps, may not be available.
C Your browser is asked to keep identifiers that help us count visitors and limit how often you see an ad.
C You are free to say no. Essential storage keeps you logged in and your basket filled.
C Our legal notice explains how long data is stored and who is responsible for its processing.
C We share information about your use of our site with our social media, advertising and analytics partners.
C Under the GDPR and the CCPA you may opt out of the sale of your personal information.
C Tracking helps us to fund free content. Turn it on or continue with the paid version without ads.
C Pick your preferences below; you can revisit them from the privacy centre whenever you like.
P You have one free view left. Register now and keep going.
P Thank you for reading. To see the rest, please become a subscriber.
P Choose the plan that suits you: monthly, yearly or for the whole family.
P Enjoying this? Members get every report, the archive and the puzzles.
P Subscribers support our work. Join them for the cost of a coffee.
P Special offer: the first three months for half the price, then 12 dollars a month.
P Continue with Google, with Apple, or by e-mail.
P This content is locked. Upgrade your plan to view it.
P Purchase a day pass to open the complete edition.
P Try it at no charge for thirty days; we will remind you before it ends.
S Tips, recipes and stories, delivered fresh to your mailbox twice a month.
S Subscribe to alerts for this topic, and be first to know.
S Type your address below and hit send. We never pass it on.
S Like what you see? Follow our page and share it with friends.
S Have a story for us? Write to the newsroom or call the tip line.
S Listen to our podcast on every platform, with a new episode each Monday.
S Support local reporting with a donation, however small.
S Take our short survey and win a voucher.
S The essential guide to the week, chosen by hand, straight to your phone.
S Mornings are better with our briefing. Sign up and see.
R Read next
R Other stories
R Popular now
R Recommended for you
R Elsewhere on the site
R Editors' picks
R In case you missed it
K What readers say
K Responses
K Your thoughts
K Sort by newest
M Shop
M Archive
M Weather
M Health
M Jobs
M Lifestyle
F Imprint
F Advertise with us
F Published by Example Media Ltd.
H Accept cookies?
H Your choice
H One more thing
H Get the app
H Members only
C Store and/or access information on a device. Use precise geolocation data.
C Personalised advertising and content, advertising and content measurement, audience research and services development.
C Our partners actively scan device characteristics for identification, and process data such as IP addresses and unique identifiers.
C You can withdraw consent or object to processing based on legitimate interest through the link in the footer.
P Create a login to finish this article. It takes less than a minute.
P Get one year of unlimited reading for the price of six months.
S Join our channel for breaking updates. It is free.
C We use cookies to make this site work, to remember your settings and to understand how it is used.
C Together with our advertising partners we collect data about your visit to show adverts that suit you.
C Some cookies are essential, others help us to improve our services and to finance our journalism.
C Read more about the purposes and the companies we work with in our cookie policy.
C If you decline, your information won't be tracked when you visit this website.
C Select which categories of cookies you allow. Necessary cookies are always active.
C Data may be transferred to countries with a lower level of protection, such as the United States.
C This site is protected by our privacy statement; your decision is saved for twelve months.
C By clicking Accept you allow the use of analytics and marketing cookies.
C These technologies let our 812 vendors read device characteristics and create profiles.
P This story is only available to members. Start your trial today.
P You've used all your free articles for this month. Log in or choose a plan to go on.
P Full access from 1.99 a week. No commitment, stop whenever you like.
P Independent reporting costs money. Become a supporter and read without limits.
P Unlock this article and thousands more with a digital subscription.
P Already a member? Sign in here. Otherwise create your account in two minutes.
P The remaining 80% of this piece is for paying readers.
P This post is for paid subscribers.
S Our editors pick five stories worth your time and send them every Friday.
S Get the latest headlines in your inbox before breakfast.
S Enter your email to join 40,000 readers. No spam, ever.
S Did you enjoy this piece? Leave your address and we will let you know about the next one.
S Follow us on WhatsApp and never miss an update. Download the app for alerts.
S We publish once a week. Would you like it by post?
R Read more
R See also
R Related articles
R You might also like
R More from this section
R Trending now
R Don't miss
K Comments
K 12 responses
K Leave a comment
K Readers' views
K Join the discussion
B Accept
B Allow all
B Reject
B Settings
B Subscribe
B Sign up
B Log in
B No, thanks
B Start free trial
M Home
M News
M Sport
M Politics
M Culture
M Business
M Video
M Opinion
M Contact
M About
F All rights reserved.
F Privacy policy
F Terms of use
F Contact us
Y By
Y Written by
Y Story and photos:
H Your privacy matters
H Cookie settings
H Manage your data
H Support our newsroom
H Want to read on?
H The weekly letter
H Before you go
""",
    "de": """
C Ihr Browser speichert kleine Textdateien, damit Einstellungen erhalten bleiben und wir Besuche zählen können.
C Wählen Sie, ob wir optionale Dienste für Statistik, Videos und Karten laden dürfen.
P Sie möchten weiterlesen? Registrieren Sie sich kostenlos oder bestellen Sie ein Probeabo.
P Noch ein Text frei. Danach brauchen Sie einen Zugang.
S Geschichten aus der Region, ausgewählt von der Redaktion, jede Woche neu.
S Unterstützen Sie unsere Arbeit mit einer Spende.
R Weitere Artikel
R Passend dazu
R Empfehlungen der Redaktion
K Leserkommentare
K Ihre Meinung
C Informationen auf einem Gerät speichern und/oder abrufen. Genaue Standortdaten verwenden.
C Personalisierte Anzeigen und Inhalte, Messung von Werbeleistung und Zielgruppenforschung sowie Entwicklung von Angeboten.
P Weiterlesen mit dem Monatspass: erst testen, dann entscheiden.
C Wir setzen Cookies ein, um unsere Website zu betreiben und Ihre Nutzung auszuwerten.
C Dabei werden Daten auch an Partner in den USA übermittelt, die sie für Werbung verwenden.
C Welche Dienste Sie erlauben, bestimmen Sie selbst; notwendige Cookies sind immer aktiv.
C Mehr dazu steht in unserer Datenschutzerklärung, dort können Sie die Auswahl auch ändern.
C Besuchen Sie uns wie gewohnt mit Werbung und Tracking, oder nutzen Sie unser Abo fast ohne Werbung.
P Dieser Beitrag ist nur für Abonnenten lesbar. Melden Sie sich an oder wählen Sie ein Abo.
P Vier Wochen kostenlos lesen, danach 9,90 Euro im Monat, jederzeit kündbar.
P Sie haben bereits ein Konto? Dann loggen Sie sich hier ein.
P Mit einem Digitalabo lesen Sie alle Texte ohne Einschränkung.
S Jeden Abend das Wichtigste des Tages im Postfach: unser Newsletter.
S Tragen Sie Ihre Adresse ein und verpassen Sie keine Ausgabe mehr.
S Folgen Sie uns auch auf Instagram, oder laden Sie unsere App.
R Mehr zum Thema
R Lesen Sie auch
R Auch interessant
R Meistgelesen
K Kommentare
K Diskutieren Sie mit
K Leserbriefe zu diesem Artikel
B Einverstanden
B Ablehnen
B Anmelden
B Zum Angebot
M Start
M Nachrichten
M Wirtschaft
M Kultur
M Wetter
F Impressum
F Alle Rechte vorbehalten
Y Von
Y Aus der Redaktion:
H Wir respektieren Ihre Daten
H Exklusiv für Abonnenten
H Cookie-Einstellungen
H Der Wochenbrief
""",
    "fr": """
C Votre navigateur enregistre de petits fichiers qui servent à compter les visites.
C Choisissez les services que vous autorisez : statistiques, vidéos, réseaux sociaux.
P Profitez d'un mois d'essai pour lire la suite, résiliable à tout moment.
S Recevez nos idées et nos récits deux fois par mois.
S Soutenez un journalisme indépendant par un don.
R À découvrir
R Autres articles
K Laisser un commentaire
C Stocker et/ou accéder à des informations sur un appareil. Utiliser des données de géolocalisation précises.
C Publicités et contenu personnalisés, mesure de performance, études d'audience et développement de services.
P Créez un compte gratuit pour accéder à la suite.
C Ce site dépose des cookies pour assurer son fonctionnement et mesurer sa fréquentation.
C Avec votre accord, nos partenaires lisent des informations sur votre appareil afin d'afficher des annonces ciblées.
C Vous êtes libre de refuser, et de revenir sur votre décision en bas de chaque page.
C Pour en savoir plus, consultez notre politique de confidentialité.
P La lecture de cet article est réservée à nos membres. Abonnez-vous dès un euro.
P Il vous reste les trois quarts du texte à découvrir. Déjà inscrit ? Connectez-vous.
P Sans engagement, accès illimité à tous nos contenus.
S Notre sélection de la semaine, chaque samedi dans votre messagerie.
S Inscrivez-vous gratuitement à notre lettre et suivez l'actualité de votre région.
R À lire aussi
R Sur le même sujet
R Lire aussi
R Les plus lus
K Réactions
K Vos commentaires
B Tout accepter
B Continuer sans accepter
B Je m'abonne
M Accueil
M Politique
M Culture
F Mentions légales
F Tous droits réservés
Y Par
H Le respect de votre vie privée
H Gestion des cookies
H Contenu réservé
""",
    "es": """
C Su navegador guarda pequeños archivos que nos ayudan a contar las visitas.
P Pruebe un mes gratis y siga leyendo; cancele cuando quiera.
S Historias escogidas por la redacción, cada domingo en su buzón.
R Más información
R Otras noticias
K Deje su comentario
C Almacenar la información en un dispositivo y/o acceder a ella. Utilizar datos de localización geográfica precisa.
C Publicidad y contenido personalizados, medición, investigación de audiencia y desarrollo de servicios.
C Utilizamos cookies propias y de terceros para analizar la navegación y ofrecer publicidad.
C Puede configurar o rechazar su uso, o pulsar Aceptar para continuar.
C Más información sobre el tratamiento de los datos en nuestra política de privacidad.
P Este contenido es exclusivo para suscriptores. Elija su plan desde un euro al mes.
P Inicie sesión o regístrese gratis para terminar la lectura.
S Apúntese a nuestro boletín y reciba las noticias cada mañana.
S Síganos en Telegram para estar siempre al día.
R Lea también
R Te puede interesar
R Noticias relacionadas
R Lo más leído
K Comentarios
K Opine usted
B Aceptar
B Rechazar
B Suscribirme
M Portada
M Economía
M Deportes
F Aviso legal
Y Por
H Su privacidad es importante
H Solo para suscriptores
""",
    "it": """
C Archiviare informazioni su dispositivo e/o accedervi. Utilizzare dati di geolocalizzazione precisi.
C Pubblicità e contenuti personalizzati, misurazione delle prestazioni, ricerche sul pubblico e sviluppo di servizi.
C Questo sito utilizza cookie tecnici e, previo consenso, cookie di profilazione di terze parti.
C Chiudendo il banner si continua a navigare senza tracciamento.
P Questo contenuto è riservato agli abbonati. Scegli l'offerta che fa per te.
P Hai già un account? Accedi per leggere tutto l'articolo.
S Iscriviti alla nostra newsletter: le notizie della settimana ogni domenica.
R Leggi anche
R Articoli correlati
K Commenti
B Accetta
B Rifiuta
B Abbonati
M Cronaca
M Esteri
F Tutti i diritti riservati
Y di
H La tua privacy
H Gestisci i cookie
""",
    "pt": """
C Armazenar e/ou aceder a informações num dispositivo. Anúncios e conteúdos personalizados.
C Usamos cookies para personalizar anúncios e melhorar a sua experiência no portal.
C Ao continuar navegando, você concorda com a nossa política de privacidade.
P Conteúdo exclusivo para assinantes. Assine agora por apenas dois reais.
P Já é assinante? Faça o seu login para ler a matéria completa.
S Receba as principais notícias do dia no seu e-mail, de graça.
S Entre no nosso canal do WhatsApp e acompanhe tudo em tempo real.
R Leia também
R Veja mais
K Comentários
B Aceitar
B Assine já
M Início
M Esportes
F Todos os direitos reservados
Y Por
H Sua privacidade
""",
    "nl": """
C Informatie op een apparaat opslaan en/of openen. Gepersonaliseerde advertenties en inhoud.
C Wij plaatsen cookies om het bezoek te meten en om advertenties te tonen die bij u passen.
C U kunt uw toestemming altijd weer intrekken via de instellingen onderaan de pagina.
P Dit artikel is alleen voor abonnees. Probeer nu vier weken voor één euro.
S Ontvang elke ochtend het belangrijkste nieuws in uw mailbox.
R Lees ook
R Meer over dit onderwerp
K Reacties
B Akkoord
B Weigeren
B Word abonnee
M Voorpagina
F Alle rechten voorbehouden
Y Door
H Cookies en privacy
""",
    "pl": """
C Przechowywanie informacji na urządzeniu lub dostęp do nich. Spersonalizowane reklamy i treści.
C Nasi partnerzy i my przechowujemy pliki cookie, aby dopasować reklamy i mierzyć ich skuteczność.
C Zgodę można w każdej chwili wycofać w ustawieniach prywatności.
P Dalsza część artykułu jest dostępna tylko dla prenumeratorów.
P Wykup dostęp od 4,90 zł i czytaj bez ograniczeń.
S Zapisz się na newsletter i otrzymuj najważniejsze wiadomości dnia.
R Czytaj także
R Zobacz również
K Komentarze
B Akceptuję
B Zaloguj się
M Wiadomości
F Wszelkie prawa zastrzeżone
Y Autor:
H Dbamy o Twoją prywatność
""",
    "sv": """
C Vi använder kakor för att webbplatsen ska fungera och för att visa relevanta annonser.
C Du kan när som helst ändra ditt val under integritetsinställningar.
P Den här artikeln är låst. Läs vidare från en krona den första månaden.
S Få veckans bästa läsning direkt i inkorgen.
R Läs också
R Läs mer
K Kommentarer
B Godkänn
B Logga in
M Nyheter
F Ansvarig utgivare
Y Av
H Om kakor
""",
    "cs": """
C Používáme soubory cookie k analýze návštěvnosti a k přizpůsobení reklamy.
P Celý článek je určen pouze předplatitelům. Vyzkoušejte první měsíc za korunu.
S Přihlaste se k odběru a každé ráno dostanete přehled zpráv.
R Čtěte také
K Diskuse
B Souhlasím
M Zprávy
F Všechna práva vyhrazena
Y Autor:
H Nastavení soukromí
""",
    "ru": """
C Файлы cookie помогают считать посетителей и показывать подходящие объявления.
P Попробуйте подписку: первый месяц за один рубль, отменить можно в любой момент.
P Войдите, чтобы увидеть материал целиком.
S Присылаем лучшие истории недели. Укажите свой адрес.
S Поддержите нас пожертвованием.
R Ещё новости
R Рекомендуем
C Продолжая пользоваться сайтом, вы даёте согласие на использование cookie и систем аналитики.
C Данные о посещениях собираются для статистики; запретить это можно в настройках браузера.
C Мы и наши партнёры храним данные на вашем устройстве.
P Продолжение доступно после входа. Зарегистрируйтесь, это бесплатно.
P Поддержите редакцию: оформите подписку на месяц или на год.
P Остальная часть статьи открыта для подписчиков.
S Введите электронную почту, и мы пришлём подборку лучших статей.
S Еженедельное письмо редакции: коротко о важном.
K Обсуждение
K Оставить комментарий
H Подписка на новости
C Мы используем файлы cookie, чтобы сайт работал удобнее, а реклама была полезной.
C Оставаясь на сайте, вы соглашаетесь с обработкой персональных данных.
P Полный текст доступен только подписчикам. Оформите подписку и читайте без ограничений.
S Подпишитесь на нашу рассылку и получайте главные новости утром.
S Следите за нами в Телеграме, чтобы ничего не пропустить.
R Читайте также
R Материалы по теме
K Комментарии
B Принять
B Подписаться
M Главная
M Общество
F Все права защищены
Y Автор:
H Настройки cookie
""",
    "tr": """
C Tarayıcınız, ziyaretleri saymamıza yarayan küçük dosyalar saklar; istemiyorsanız reddedin.
P Bir aylık deneme ücretsiz; okumaya devam etmek için hesap oluşturun.
S Editörlerin seçtiği yazılar her hafta kutunuza gelsin.
R Önerilen haberler
C Devam ederek çerezlerin kullanılmasını kabul etmiş sayılırsınız; ayarlardan değiştirebilirsiniz.
C İş ortaklarımızla birlikte cihazınızdaki bilgilere erişiyor ve bu verileri reklam için işliyoruz.
P Yazının tamamını okumak için oturum açın ya da ilk ayı ücretsiz deneyin.
P Aboneler için sınırsız erişim, dilediğiniz zaman iptal edin.
S E-posta adresinizi bırakın, haftanın yazılarını size gönderelim.
S Uygulamamızı indirin, bildirimleri açın.
H Bültene abone olun
C Sitemizde deneyiminizi iyileştirmek ve reklamları kişiselleştirmek için çerez kullanıyoruz.
C Ayrıntılı bilgi için aydınlatma metnini ve çerez politikamızı inceleyebilirsiniz.
P Bu içerik yalnızca abonelerimize özeldir. Devamını okumak için üye olun.
S Günün öne çıkan haberleri her sabah e-posta kutunuzda.
S WhatsApp kanalımıza katılın, gelişmelerden ilk siz haberdar olun.
R İlgili haberler
R Bunları da okuyun
R Çok okunanlar
K Yorumlar
K Yorum yap
B Kabul et
B Reddet
B Abone ol
M Gündem
M Ekonomi
M Spor
F Tüm hakları saklıdır
Y Yazan:
H Çerez tercihleri
""",
    "ar": """
C يخزن متصفحك ملفات نصية صغيرة تساعدنا على إحصاء الزوار وحفظ تفضيلاتك.
P جرب الخدمة مجانا لمدة شهر ثم قرر، ويمكنك الإلغاء في أي وقت.
S قصص مختارة من المحررين كل أسبوع، أدخل عنوانك أدناه.
R قد يهمك
C باستمرارك في تصفح الموقع فإنك توافق على سياسة الخصوصية وشروط الاستخدام.
C نقوم نحن وشركاؤنا بتخزين معلومات على جهازك لتحليل الزيارات وعرض الإعلانات.
C تساعدنا هذه الملفات على قياس أداء الموقع، وبإمكانك رفضها.
P للاطلاع على النص الكامل يرجى تسجيل الدخول أو إنشاء حساب جديد.
P احصل على وصول غير محدود لجميع المقالات مقابل اشتراك شهري.
S سجل بريدك الإلكتروني ليصلك موجز الأسبوع.
S حمل تطبيقنا لتلقي التنبيهات العاجلة.
H النشرة البريدية
C نستخدم ملفات تعريف الارتباط لتحسين تجربتك ولعرض إعلانات تناسب اهتماماتك.
C يمكنك تعديل موافقتك في أي وقت من صفحة الإعدادات.
P هذا المقال متاح للمشتركين فقط. اشترك الآن لمواصلة القراءة.
S اشترك في نشرتنا البريدية لتصلك أهم الأخبار كل صباح.
S تابعونا على قناتنا في واتساب لمعرفة آخر المستجدات.
R اقرأ أيضا
R مواضيع ذات صلة
R الأكثر قراءة
K التعليقات
K أضف تعليقا
B موافق
B رفض
B اشترك
M الرئيسية
M أخبار
M رياضة
F جميع الحقوق محفوظة
Y كتب:
H إعدادات الخصوصية
""",
    "fa": """
C با ادامه استفاده از سایت، با ذخیره کوکی‌ها و سیاست حریم خصوصی ما موافقت می‌کنید.
P برای دسترسی به متن کامل، اشتراک ماهانه تهیه کنید.
S ایمیل خود را وارد کنید تا گزیده هفته برایتان فرستاده شود.
C این وب‌سایت برای بهبود خدمات و تحلیل بازدیدها از کوکی استفاده می‌کند.
P ادامه این مطلب ویژه مشترکان است. برای خواندن کامل آن وارد شوید.
S در خبرنامه ما عضو شوید تا مهم‌ترین خبرها را هر روز دریافت کنید.
S ما را در تلگرام دنبال کنید.
R بیشتر بخوانید
R اخبار مرتبط
R پربازدیدترین‌ها
K نظرات
K دیدگاه شما
B قبول می‌کنم
B عضویت
M خانه
M سیاست
M ورزش
F تمامی حقوق محفوظ است
Y نویسنده:
H حریم خصوصی
""",
    "ur": """
C آپ کا براؤزر چھوٹی فائلیں رکھتا ہے جن سے ہم وزٹر گنتے ہیں اور ترجیحات یاد رکھتے ہیں۔
P ایک مہینہ مفت آزمائیں اور پڑھنا جاری رکھیں، جب چاہیں منسوخ کریں۔
S ایڈیٹر کی منتخب تحریریں ہر ہفتے پائیں، اپنا پتہ درج کریں۔
R تازہ ترین
C ویب سائٹ کا استعمال جاری رکھ کر آپ ہماری پرائیویسی پالیسی اور کوکیز سے اتفاق کرتے ہیں۔
C ہم اور ہمارے شراکت دار آپ کی ڈیوائس پر معلومات محفوظ کرتے ہیں، آپ کسی بھی وقت انکار کر سکتے ہیں۔
P باقی تحریر دیکھنے کے لیے اکاؤنٹ بنائیں یا سائن ان کریں۔
P لامحدود رسائی کے لیے ماہانہ سبسکرپشن خریدیں۔
S ہمارا نیوز لیٹر حاصل کریں اور کوئی خبر نہ چھوڑیں۔
S ہماری ایپ ڈاؤن لوڈ کریں، واٹس ایپ چینل فالو کریں۔
H نیوز لیٹر
C ہم اپنی ویب سائٹ کو بہتر بنانے اور اشتہارات دکھانے کے لیے کوکیز استعمال کرتے ہیں۔
P یہ مضمون صرف ہمارے اراکین کے لیے ہے۔ پورا پڑھنے کے لیے رکنیت حاصل کریں۔
S روزانہ کی اہم خبریں اپنے ای میل پر حاصل کرنے کے لیے سائن اپ کریں۔
R یہ بھی پڑھیں
R مزید خبریں
R متعلقہ خبریں
K تبصرے
K اپنی رائے دیں
B قبول کریں
B سبسکرائب
M صفحہ اول
M پاکستان
M کھیل
F جملہ حقوق محفوظ ہیں
Y تحریر:
H رازداری
""",
    "he": """
C אתר זה משתמש בעוגיות כדי לשפר את חוויית הגלישה ולהציג פרסומות מותאמות.
C המשך הגלישה באתר מהווה הסכמה למדיניות הפרטיות.
C אנחנו והשותפים שלנו מאחסנים מידע במכשיר שלך, ואפשר לבטל את ההסכמה בכל עת.
P הכתבה המלאה זמינה למנויים בלבד. הצטרפו עכשיו בחמישה שקלים לחודש.
P כבר מנויים? התחברו כאן. גישה ללא הגבלה לכל הכתבות.
S הצטרפו לניוזלטר שלנו וקבלו את החדשות החשובות מדי בוקר.
S השאירו כתובת דואר אלקטרוני ונשלח לכם עדכונים.
R קראו גם
R כתבות קשורות
R הנקראות ביותר
K תגובות
K הוסף תגובה
B מאשר
B הרשמה
B התחברות
M ראשי
M חדשות
M ספורט
F כל הזכויות שמורות
Y מאת
H הגדרות פרטיות
""",
    "zh": """
C 我们及合作伙伴会在您的设备上存储信息，用于个性化广告和受众分析。
C 您可以随时在设置中撤回同意。
P 成为会员，畅读全站文章，随时可以取消。
P 阅读全文需要登录，新用户可免费试用七天。
S 输入邮箱地址，每周接收编辑推荐。
S 下载客户端，第一时间获取推送。
H 订阅我们
C 本网站使用Cookie来改善您的浏览体验，并分析网站流量。
C 继续浏览即表示您同意我们的隐私政策和使用条款。
P 本文为会员专享内容，登录或订阅后即可阅读全文。
P 剩余内容需付费查看，首月仅需一元。
S 扫描二维码关注我们的公众号，每天获取最新资讯。
S 订阅我们的电子报，重要新闻不错过。
R 相关阅读
R 延伸阅读
R 猜你喜欢
R 热门文章
K 评论
K 网友评论
B 同意
B 立即订阅
B 登录
M 首页
M 新闻
M 体育
F 版权所有，未经许可不得转载
Y 记者
Y 作者：
H 隐私设置
""",
    "ja": """
C 当社と提携先は、広告や統計のために端末の情報を利用します。同意はいつでも撤回できます。
C このサイトを引き続き利用することで、クッキーの使用に同意したものとみなされます。
P ログインすると続きをご覧いただけます。
P 月額プランに申し込むと、すべての記事が読み放題になります。
S メールアドレスを登録すると、週刊のニュースレターが届きます。
S アプリをダウンロードして速報を受け取る。
H メールマガジン
C 当サイトでは、利便性の向上とアクセス解析のためにクッキーを使用しています。
C 設定はいつでも変更できます。詳しくはプライバシーポリシーをご覧ください。
P この記事は有料会員限定です。続きを読むには会員登録が必要です。
P 残り1200文字。初月無料のプランでお読みいただけます。
S 毎朝、注目のニュースをメールでお届けします。
S 公式アカウントをフォローして最新情報を受け取ろう。
R 関連記事
R あわせて読みたい
R おすすめ記事
R アクセスランキング
K コメント
K みんなの意見
B 同意する
B 登録する
B ログイン
M トップ
M 社会
M 経済
F 無断転載を禁じます
Y 文・
Y 執筆:
H クッキーの設定
""",
    "ko": """
C 계속 이용하시면 쿠키 사용과 개인정보 처리방침에 동의하는 것으로 간주됩니다.
C 당사와 협력사는 기기에 정보를 저장하여 광고와 통계에 이용합니다.
P 유료 회원이 되시면 모든 기사를 제한 없이 보실 수 있습니다.
P 나머지 내용은 로그인 후 확인하세요.
S 이메일을 입력하면 주간 소식지를 보내 드립니다.
S 앱을 내려받고 알림을 받아보세요.
H 뉴스레터 신청
C 이 사이트는 서비스 개선과 맞춤 광고를 위해 쿠키를 사용합니다.
P 이 기사는 구독자만 볼 수 있습니다. 로그인하거나 구독을 시작하세요.
S 뉴스레터를 구독하고 매일 아침 주요 소식을 받아보세요.
R 관련기사
R 많이 본 뉴스
R 함께 보면 좋은 기사
K 댓글
K 의견 쓰기
B 동의
B 구독하기
M 홈
M 정치
M 사회
F 무단 전재 및 재배포 금지
Y 글
Y 기자
H 쿠키 설정
""",
    "id": """
C Dengan melanjutkan, Anda menyetujui penggunaan cookie dan kebijakan privasi kami.
P Masuk atau buat akun untuk melanjutkan membaca.
C Situs ini memakai cookie untuk menganalisis lalu lintas dan menampilkan iklan yang sesuai.
P Artikel ini khusus untuk pelanggan. Berlangganan untuk membaca selengkapnya.
S Dapatkan berita pilihan setiap hari lewat surel Anda.
S Ikuti saluran WhatsApp kami agar tidak ketinggalan kabar.
R Baca juga
R Berita terkait
R Terpopuler
K Komentar
B Setuju
B Daftar
M Beranda
M Olahraga
F Hak cipta dilindungi undang-undang
Y Penulis:
H Pengaturan privasi
""",
}


def _by_kind(text: str) -> dict[str, tuple[str, ...]]:
    """Return the texts of one language by their kind."""
    lines = [line.partition(" ") for line in text.strip().split("\n")]
    return {
        name: tuple(line for kind, _, line in lines if kind == letter)
        for letter, name in KINDS.items()
    }


TEXTS = {language: _by_kind(text) for language, text in _TEXTS.items()}
"""The texts of each language, by kind."""
