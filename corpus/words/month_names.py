"""Names of the months in many languages, for dates on pages and in the columns of sources."""

# ruff: noqa: E501, RUF001  (words and letters of many languages; one line for each month)

from __future__ import annotations

MONTH_NAMES = {
    1: "ene enero gen gener gennaio ianuarie jaan jaanuar jan janeiro januar januari januarie january januwari január januára janv janvier janvāris janyuwari janúar jän jänner leden ledna oca ocak sausio sausis siječanj siječnja sty styczeń stycznia tammi tammikuu tammikuuta ιαν ιανουάριος ιανουαρίου січ січень січня янв январь января яну януари јан јануар يناير ژانویه",
    2: "feb febbraio feber febr febrer febrero februar februari februarie february februwari február februára februāris febrúar fev fevereiro févr février fév helmi helmikuu helmikuuta lut lutego luty vasario vasaris veebruar veljača veljače únor února şub şubat φεβ φεβρουάριος φεβρουαρίου лют лютий лютого феб фебруар фев февр февраль февраля февруари فبراير فوریه شباط",
    3: "bře březen března kovas kovo maalis maaliskuu maaliskuuta maart machi mar marca march marec maret mars mart martie marts marzec marzo março març mashi matshi mrt márc március mär märts märz ožujak ožujka μάρ μάρτιος μαρ μαρτίου бер березень березня мар март марта مارس آذار",
    4: "abr abril apr april aprile aprili aprilie aprill apríl apríla aprīlis avr avril balandis balandžio duben dubna ephreli epreli huhti huhtikuu huhtikuuta kwi kwiecień kwietnia nis nisan travanj travnja ápr április απρ απρίλιος απριλίου апр апрель апреля април квіт квітень квітня آوریل أبريل نيسان",
    5: "gegužė gegužės květen května mag maggio mai maig maijs maio maj maja may mayo mayıs mayis maí mei meyi máj mája május svibanj svibnja touko toukokuu toukokuuta μάι μάιος μαΐ μαΐου май мая мај трав травень травня مايو أيار",
    6: "birželio birželis cze czerwca czerwiec giu giugno haz haziran iunie juin jun june junho juni junie junij junio juny juuni jún júna június júní jūnijs kesä kesäkuu kesäkuuta lipanj lipnja červen června čvn ιουν ιουνίου ιούν ιούνιος июн июнь июня черв червень червня юни јун يونيو ژوئن حزيران",
    7: "heinä heinäkuu heinäkuuta iulie juil juill juillet jul julai julayi julho juli julie julij julio juliol july juuli júl júla július júlí jūlijs liepa liepos lip lipca lipiec lug luglio srpanj srpnja tem temmuz července červenec čvc ιουλ ιουλίου ιούλ ιούλιος июл июль июля липень липня юли јул يوليو ژوئیه تموز",
    8: "agasti ago agost agosti agosto agu agustus aout août aug august augusta augusti augusts augustus augusztus avg avgust ağu ağustos elokuu elokuuta kolovoz kolovoza ogos rugpjūtis rugpjūčio sierpień sierpnia srpen srpna ágú ágúst αυγ αυγούστου αύγ αύγουστος авг август августа серп серпень серпня أغسطس اوت",
    9: "eyl eylül rugsėjis rugsėjo rujan rujna sep sept septemba september septembra septembre septembrie septembris septhemba septiembre set setembre setembro settembre syys syyskuu syyskuuta szept szeptember wrz wrzesień września zář září σεπ σεπτέμβριος σεπτεμβρίου вер вересень вересня сен сент сентябрь сентября сеп септембар септември سبتمبر سپتامبر أيلول",
    10: "eki ekim lokakuu lokakuuta oct october octobre octombrie octubre okt okthoba okthobha oktoba oktober oktobris oktoober október októbra ott ottobre out outubro paź październik października spalio spalis říj říjen října οκτ οκτωβρίου οκτώβριος жовт жовтень жовтня окт октобар октомври октябрь октября أكتوبر اکتبر",
    11: "kas kasım kasim lapkritis lapkričio lis listopad listopada listopadu marras marraskuu marraskuuta noiembrie nov novemba november novembra novembre novembris novembro noviembre nóv nóvember studeni studenoga νοέ νοέμβριος νοε νοεμβρίου лист листопад листопада нов новембар ное ноември ноя нояб ноябрь ноября نوامبر نوفمبر",
    12: "aralık aralik ara dec december decembra decembrie decembris des desemba desember desembre dets detsember dez dezember dezembro dic dicembre diciembre dis disemba disember déc décembre gru grudnia grudzień gruodis gruodžio joulukuu joulukuuta prosinac prosinca prosince prosinec δεκ δεκέμβριος δεκεμβρίου груд грудень грудня дек декабрь декабря декември дец децембар دسامبر ديسمبر",
}
"""Names of the months in the languages of news pages, in lower case, from Unicode's CLDR (release 47).

A name that means different months in two languages is left out, except for the Polish and Czech
November, which is the Croatian October. So are short forms that are common words in another
language ("pro", "led"): between two numbers they would turn products into dates.
"""
MONTHS = {name: month for month, names in MONTH_NAMES.items() for name in names.split()}
"""The number of the month for each name."""
