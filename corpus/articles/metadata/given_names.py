"""Common given names in many languages; a short line that starts with one may be a byline.

The list is general knowledge about names, not drawn from pages. It is far from complete, and many
names are also words ("Mark", "Rose"), so a given name is a cue among others.
"""

# ruff: noqa: RUF001  (letters of many alphabets)

from __future__ import annotations

GIVEN_NAMES = {
    "English": """
        aaron abby abigail adam adrian aidan alan albert alex alexa alexander alexandra alexis
        alfred alice
        alison allison amanda amber amelia amy andrea andrew andy angela anita ann anna anne annie
        anthony
        april archie arthur ashley audrey austin ava barbara barry beatrice becky ben benjamin
        bernard beth
        bethany betty beverly bill billy blake bob bonnie brad bradley brandon brenda brendan
        brent brett
        brian bridget brittany brooke bruce bryan caitlin caleb calvin cameron candace carl carla
        carol
        caroline carolyn carrie casey catherine cathy cecilia chad charles charlie charlotte
        chelsea cheryl
        chloe chris christian christina christine christopher christy cindy claire clara clare
        clark claudia
        clayton clifford clive cody colin colleen connie connor corey courtney craig crystal
        curtis cynthia
        daisy dale dan dana daniel danielle danny darren dave david dawn dean debbie deborah debra
        denise
        dennis derek devin diana diane dominic don donald donna doris dorothy doug douglas duncan
        dustin dylan
        earl ed eddie edward edwin eileen elaine eleanor elena eli elizabeth ella ellen ellie
        elliot elliott
        emily emma eric erica erik erika erin ernest ethan eugene eva evan eve evelyn faith fiona
        frances
        francis frank fred frederick gabriel gail gareth gary gavin gemma geoff geoffrey george
        georgia gerald
        gerard gina glen glenn gloria gordon grace graham greg gregory hailey haley hannah harold
        harriet
        harry harvey hayley hazel heather helen henry holly howard hugh hugo hunter ian imogen
        irene iris isaac
        isabel isabella isla ivan jack jackie jackson jacob jacqueline jake james jamie jane janet
        janice jared
        jasmine jason jay jean jeff jeffrey jen jenna jennifer jenny jeremy jerome jerry jesse
        jessica jessie
        jill jillian jim jimmy jo joan joanna joanne jodie joe joel john johnny jon jonathan
        jordan joseph
        josh joshua joy joyce juan judith judy julia julian julie june justin kaitlyn karen karl
        kate
        katherine kathleen kathryn kathy katie katrina kay kayla keith kelly kelsey ken kendall
        kenneth kerry
        kevin kim kimberly kirsten kirsty kristen kristin kristina kurt kyle lance larry laura
        lauren laurie
        lawrence leah lee leo leon leonard leslie lewis liam lily linda lindsay lindsey lisa liz
        lloyd logan
        lois lori lorraine louis louise lucas lucy luke lydia lynn mackenzie maddie madeleine
        madeline madison
        malcolm mandy marcus margaret maria marian marie marilyn marion marissa marjorie mark
        marlene martha
        martin marvin mary mason matt matthew maureen max maxwell megan melanie melinda melissa
        mia michael
        michele michelle miguel mike mildred miles miranda mitchell molly monica morgan nadia
        naomi natalie
        natasha nathan nathaniel neil nicholas nick nicola nicole nigel nina noah nora norman
        oliver olivia
        oscar owen paige pam pamela patricia patrick patty paul paula pauline peggy penny perry
        pete peter
        phil philip phillip phoebe phyllis polly rachel ralph randy ray raymond rebecca reginald
        renee
        rhys richard rick ricky riley rita rob robert roberta robin rodney roger roland ron ronald
        rory rosa
        rose rosemary ross roy ruby russell ruth ryan sabrina sally sam samantha samuel sandra
        sandy sara sarah
        savannah scott sean seth shane shannon sharon shaun shawn sheila shelley shirley sidney
        simon sophia
        sophie spencer stacey stacy stan stanley stella stephanie stephen steve steven stewart
        stuart sue susan
        susanna suzanne sylvia tamara tammy tanya tara taylor ted terence teresa terri terry
        theodore theresa
        thomas tiffany tim timothy tina todd tom tommy toni tony tracey tracy travis trevor
        tristan troy tyler
        valerie vanessa vera vernon veronica vicki vicky victor victoria vincent violet virginia
        vivian wade
        walter warren wayne wendy wesley whitney willa william willie wyatt yvonne zach zachary zoe
        """,
    "German and Dutch": """
        achim alexandra alfons andreas angelika anja anke annegret annette antje armin arne astrid
        axel bernd
        bernhard bert birgit björn britta carsten christa christiane christoph claus cornelia
        dagmar detlef
        dieter dietmar dirk dominik dorothea doris eckhard elke elisabeth erich ernst eva fabian
        felix
        ferdinand florian franz franziska friedrich gabriele georg gerd gerhard gisela gregor
        gudrun guido
        günter günther hannes hans harald hartmut heike heiko heiner heinrich heinz helga helmut
        henning
        hermann holger horst inga ingo ingrid irmgard isabell jan jana jens joachim jochen johann
        johanna
        johannes jonas jörg josef judith julian jürgen jutta kai karin karl karsten katharina
        katja katrin
        kerstin klaus konrad lars lena lukas lutz manfred manuela marcel marco mareike mareike
        marie marina
        markus marlies martina mathias matthias maximilian michaela miriam monika moritz nadine
        nico nicole
        nils norbert olaf oliver otto petra philipp rainer ralf regina reinhard reinhold renate
        rolf roman rudolf
        rüdiger sabine sandra sascha sebastian severin silke silvia simone sonja stefan stefanie
        steffen susanne
        sven swantje tanja thilo thomas thorsten tilman tobias torsten udo uli ulla ulrich ulrike
        ursula ute uwe
        volker werner wiebke wilhelm wolf wolfgang
        aad anneke bart bas bram cees daan dirk erwin femke floor frank gerrit gijs hanneke hendrik
        hidde ilse inge jaap jasper jelle jeroen jesse joost joris koen kees lotte maarten maaike
        marieke marijn
        marloes matthijs menno michiel mieke niels peter pieter renske roel ruben ruud saskia
        sander sanne sjoerd
        stijn thijs tijs teun tessa wim willem wouter
        """,
    "French": """
        adrien agathe agnès alain alexandre alice amélie anaïs antoine antoinette arnaud aurélie
        aurélien
        baptiste bastien béatrice benoît bernadette bertrand brigitte bruno camille cécile cédric
        céline chantal
        christelle christophe claire claude clémence clément colette corinne cyril damien delphine
        didier
        dominique édouard élise élodie emmanuel emmanuelle estelle étienne fabien fabienne fabrice
        fanny florence
        francine françois françoise frédéric gaël geneviève ghislaine gilles grégory guillaume guy
        gérard hélène
        henri hervé isabelle jacques jean jérémy jérôme joël jocelyne julien juliette justine
        laetitia laurence
        laurent léa léo lionel loïc luc lucie ludovic marc marcel margaux marguerite marianne
        marine marion
        mathieu mathilde maxime mélanie michel mireille monique morgane nadège nathalie nicolas
        noémie odile
        olivier ophélie pascal pascale patrice philippe pierre quentin raphaël régis rémi rené
        romain sabine
        sébastien serge séverine solène sophie stéphane stéphanie sylvain sylvie théo thibault
        thierry tristan
        valentin valérie véronique virginie vincent xavier yann yannick yves
        """,
    "Spanish, Portuguese and Italian": """
        adriana agustín alba alberto alejandra alejandro alfonso alfredo alicia álvaro amparo ana
        andrés ángel
        ángela antonio arturo beatriz belén bernardo blanca camila carlos carmen carolina cecilia
        césar clara
        cristina daniela diego dolores eduardo elena emilio enrique ernesto esperanza esteban
        esther eva federico
        felipe fernanda fernando francisco gabriela gerardo germán gonzalo guadalupe guillermo
        gustavo héctor
        ignacio inés irene isabel iván jaime javier jesús joaquín jorge josé josefina juan juana
        julieta julio
        laura leonardo leticia lorena lorenzo lucía luis luisa luz manuel manuela marcela marcelo
        marcos
        margarita maría mariana mariano marta martín mateo mercedes miguel miriam mónica natalia
        nuria óscar
        pablo paloma patricia paula pedro pilar rafael ramón raquel raúl ricardo roberto rocío
        rodrigo rosa
        rosario rubén salvador santiago sara sergio silvia sofía susana tomás valentina verónica
        vicente víctor
        ximena yolanda
        afonso aline amália andré antónio beatriz bianca bruna bruno caio catarina cláudia cláudio
        cristiano
        danilo débora diogo eliane fábio fátima filipa filipe flávia flávio gilberto guilherme
        helena henrique
        hugo inês isabela joana joão joaquim jorge juliana lara larissa letícia luana luciana
        luciano lucas
        luís luiz luíza marcela marcia márcia márcio margarida mariana matheus maurício miguel
        murilo nelson
        nuno paulo pedro priscila rafaela raquel renata renato ricardo rita rodrigo rogério rui
        sandra sérgio
        simone sónia susana tânia tatiana teresa thiago tiago vanessa vítor
        alberto alessandra alessandro alessio andrea angelo anna annalisa antonella antonio
        arianna augusto
        barbara benedetta carlo caterina chiara claudio cosimo cristian daniele dario davide
        debora diego
        domenico donatella edoardo elena eleonora elisa emanuele enrico ernesto ettore eugenio
        fabio fabrizio
        federica federico filippo flavia francesca francesco gabriele gennaro giacomo gian
        gianfranco gianluca
        gianni giorgia giorgio giovanna giovanni giulia giuliana giuliano giulio giuseppe
        graziella guido ilaria
        laura leonardo lorenzo luca lucia luciano luigi manuela marcello marco maria mario martina
        massimiliano
        massimo matteo mattia maurizio michela michele mirko monica nicola nicoletta paola paolo
        patrizia piero
        pietro raffaele riccardo roberta roberto rosa salvatore sandro sara sergio silvia simona
        simone stefania
        stefano tommaso umberto valentina valeria valerio vincenzo viviana
        """,
    "Nordic": """
        agneta aksel anders andreas anette anita anna anne annika are arne arvid asbjørn åsa asger
        aslaug astrid
        bengt bent birgitta birte bjarne björn bjørn bo camilla carl christer christina dag einar
        eirik elin
        elisabet ellen emil erik erika espen eva finn fredrik frida frode geir gudrun gunnar
        gustav håkan håkon
        halvor hanna hanne hans harald heidi helena helge helle henning henrik hilde hjalmar inga
        inge inger
        ingrid ingvild jakob jan janne jens jesper joakim johan johanna johannes johnny jon jonas
        jørgen jørn
        kai karin karl kari karoline kasper katarina kent kenneth kim kirsten kjell kjetil knut
        kristian
        kristin kristoffer kurt lars lasse leif lena lene line linn linnea lise lisbeth lotta mads
        magnus maja
        malin maria marianne marit martin mathias mette mia mikael mikkel mona monica morten mats
        nanna niels
        nils ola olav ole olof oskar øystein øyvind palle pär per pernille peter petter pia ragnar
        randi rasmus
        roger rolf rune sanna sigrid silje simen siri siv sofia sofie solveig søren steen stein
        sten stian stig
        sturla susanne svein sven terje thea tom tomas tone tor tore torbjørn torill tove trine
        trond ulf ulla
        ulrik unni vegard veronica vibeke vidar viktor yngve
        aino antti arto eero eeva elina ella erkki hannu harri heikki helena ilkka ilona janne
        jari jarmo johanna
        jorma jouni juha juhani jukka jussi kaisa kalle kari katja katri kimmo kirsi lauri leena
        liisa markku
        marja markus matti mika mikko minna niina olli outi päivi paavo pasi pekka pertti petri
        pirjo risto
        riikka saara sami sanna sari satu seppo tapani tapio tarja teemu tero tiina timo tuomas
        tuula ville
        árni birgir einar guðmundur guðrún gunnar halldór helga jóhann jóhanna jón kristín
        kristján magnús
        ólafur ragnar sigríður sigurður stefán steinunn þór þórður
        """,
    "Central and Eastern European": """
        adam agata agnieszka aleksandra andrzej anna anton barbara bartłomiej bartosz beata bogdan
        bożena
        damian danuta dariusz dawid dominik dorota elżbieta ewa filip grażyna grzegorz halina
        hanna henryk
        irena iwona jacek jadwiga jakub jan janusz jarosław jerzy joanna jolanta józef julia
        justyna kamil
        karol karolina katarzyna konrad krystyna krzysztof łukasz maciej magdalena małgorzata
        marcin marek maria
        mariusz mateusz michał mikołaj monika natalia paulina paweł piotr przemysław radosław
        rafał robert
        ryszard sebastian sławomir stanisław szymon tadeusz teresa tomasz urszula wiesław witold
        wojciech
        zbigniew zofia zuzanna
        aleš alena alžběta aneta antonín barbora blanka bohumil božena dagmar dana daniel david
        denisa dominika
        eliška eva filip hana helena ivana iveta ivo jakub jan jana jarmila jaromír jaroslav
        jindřich jiří
        jitka josef kamila karel karolína kateřina klára kristýna ladislav lenka leoš libor lucie
        luboš lukáš
        magdaléna marek marie markéta martin martina matěj michal michaela milan miloš miroslav
        monika naděžda
        nikola ondřej pavel pavla petr petra radek radim renata roman růžena simona soňa stanislav
        šárka štěpán
        šimon tereza tomáš václav vendula veronika věra vít vladimír vlasta vojtěch zbyněk zdeněk
        zdeňka zuzana
        andrej boris branislav dušan igor jozef juraj ľubomír ľuboš marián matej matúš miroslava
        peter rastislav
        silvia viera zora
        ágnes ákos andrás anikó anna attila balázs béla bence csaba dániel dávid dóra edit endre
        erika erzsébet
        eszter éva ferenc gábor gergely györgy gyula ildikó ilona imre istván jános józsef judit
        júlia katalin
        klára krisztina lajos lászló levente márton mária márta máté mihály miklós mónika nóra
        orsolya péter
        réka róbert sándor szabolcs szilvia tamás tibor tünde viktor viktória zoltán zsófia zsolt
        zsuzsanna
        adrian alexandru alina ana andreea andrei bogdan călin cătălin claudiu constantin corina
        cristian dan
        diana dragoș elena florin gabriel gheorghe ioan ioana ion ionuț iulian laurențiu liviu
        lucian marius
        mihai mihaela mircea monica nicolae octavian ovidiu radu raluca răzvan roxana sorin ștefan
        teodora
        tudor vasile vlad
        aleksandar ana biljana bojan branko danijela darko davor dejan dragan draženka dubravka
        goran hrvoje
        igor ivana ivo jelena jovan katarina krešimir ljiljana luka marija marko mateja milan
        milica mirjana
        miroslav mladen nebojša nemanja nenad nikola petar predrag radovan saša slobodan snežana
        srđan stjepan
        svetlana tihomir tomislav uroš vesna vladimir zdravko zoran željko
        eleni dimitris giorgos giannis ioannis katerina konstantinos kostas maria michalis nikos
        panagiotis
        pavlos sofia spyros stavros theodoros vasilis yannis
        γιώργος γιάννης δημήτρης ελένη κατερίνα κώστας κωνσταντίνος μαρία νίκος παναγιώτης σοφία
        alexei alexey aleksei aleksandr anastasia andrei andrey anatoly arkady artem boris daria
        denis dmitri
        dmitry ekaterina elena evgeny fyodor galina gennady georgy grigory igor ilya inna irina
        ivan kirill
        konstantin ksenia larisa leonid lyudmila maksim maria marina mikhail nadezhda natalia
        nikita nikolai
        oksana oleg olga pavel polina roman ruslan semyon sergei sergey stanislav svetlana tatiana
        vadim
        valentina valery vasily viktor vitaly vladimir vladislav vyacheslav yana yegor yelena
        yevgeny yuri yulia
        александр александра алексей алина алла анастасия анатолий андрей анна антон артем артём
        борис вадим
        валентина валерий василий вера вероника виктор виктория виталий владимир владислав
        вячеслав галина
        геннадий георгий григорий дарья денис дмитрий евгений евгения екатерина елена иван игорь
        илья инна ирина
        кирилл константин ксения лариса леонид лилия любовь людмила максим маргарита марина мария
        михаил надежда
        наталья наталия никита николай оксана олег ольга павел петр пётр полина роман руслан
        светлана семен
        сергей софья станислав степан тамара татьяна тимур федор фёдор эдуард юлия юрий яна ярослав
        андрій богдан василь віктор віталій володимир ганна дмитро євген ігор ірина катерина
        людмила марія
        микола михайло надія наталія олександр олександра олексій олена ольга орест остап павло
        петро світлана
        сергій тарас тетяна юлія юрій
        борислав васил веселин георги димитър иван ивайло калин мария николай петя петър радослав
        стефан тодор
        """,
    "Turkish, Arabic and Persian": """
        abdullah adem adnan ahmet ali alper arda arif aslı ayhan ayla ayşe aytaç banu baran barış
        başak bayram
        berk bora bülent burak burcu can cem cengiz ceren cihan deniz derya dilek doğan duygu ebru
        eda ege elif
        emel emin emine emre engin ercan erdem erdoğan eren erhan erkan erol ersin esra fatih
        fatma ferhat
        fikret filiz furkan gamze gizem gökhan gül gülay hakan halil haluk hande hasan hatice
        hülya hüseyin
        ibrahim ilker irem ismail kaan kadir kemal kerem kürşat leyla levent mehmet melek melis
        meltem meral
        merve mert metin mine murat mustafa nazlı nihat nilgün nuray nuri oğuz okan onur orhan
        osman ömer özge
        özgür özlem pelin pınar ramazan recep reyhan rıza salih sedat selim selin semih serdar
        serkan sevgi
        sevil sezen sinan süleyman şebnem şeyma taner tarık tolga tuba tuğba turgut ufuk uğur umut
        ümit vedat
        volkan yasemin yaşar yavuz yıldız yiğit yunus yusuf zafer zehra zeki zeynep
        abbas abdul abdulrahman abdel adel ahmad ahmed aisha alaa amal amina amir amira amr anas
        anwar asma
        ayman aziz bashar bassam bilal dalia dina ebrahim ehab eman essam fadi fadwa fahad faisal
        farah farid
        farouk fatima fawzi feras ghada habib hadi haifa hala hamad hamid hamza hana hanan hani
        haitham hassan
        hatem hesham hind hossam huda hussain hussein ibtisam iman imad issa jaber jalal jamal
        jamila kamal karim
        khadija khaled khalid khalil laila lama layla lina lubna maha mahmoud majed malak manal
        mariam marwa
        marwan maryam mazen mohamad mohamed mohammad mohammed moataz mona mostafa muhammad muna
        mustafa nabil
        nada nader nadia naser nasser nawal noor noura omar osama qasim rabab rami rana rania
        rasha rashid reem
        rima saad sabah sahar saif salah saleh salem salim salma samar sami samir samira sana
        sarah sayed shadi
        sherif suha sultan taha tamer tareq tarek wael waleed walid wafa yahya yara yasin yasir
        yasmin yasser
        youssef yousef zahra zaid zainab zaki ziad
        أحمد أمير أمين إبراهيم إيمان بشار جمال حسن حسين خالد رانيا ريم زينب سارة سامي سعيد سلمى
        سمير طارق عادل
        عبد عبدالله عبدالرحمن علي عماد عمر فاطمة فهد كريم ليلى محمد محمود مريم مصطفى منى نادر نور
        هاني هدى وليد ياسر يوسف
        abolfazl akbar arash arman atefeh azadeh babak bahar bahram behrouz behzad bijan dariush
        ehsan elham
        elnaz fariba farhad farzaneh fereshteh fatemeh golnaz hamed hossein javad kamran kaveh
        kianoush leila
        mahdi mahsa majid maryam masoud mehdi mehran mehrdad mina mohsen mojtaba morteza nasim
        nasrin nazanin
        negar niloofar omid parisa parviz payam pouya reza roya saeed samaneh sepideh shahram
        shirin siamak
        soheil vahid yasaman zahra
        آرش امیر بهرام حمید داریوش رضا زهرا سعید شیرین علی فرهاد مریم مسعود مهدی نگار نرگس
        """,
    "Asian and African": """
        aarav abhijit abhinav abhishek aditi aditya ajay ajit akash akhil akshay alok amar amit
        amrita anand
        ananya aniket anil anirudh anita anjali ankit ankita ankur anuj anupam anurag aparna
        archana arjun
        arnab arun arvind asha ashish ashok ashwin avinash ayesha ayush bhavna bharat chandan
        chitra deepa
        deepak deepika devika dhruv dinesh divya farhan gaurav gautam geeta girish gopal harish
        harsh harsha
        hemant imran indira ishaan ishita jagdish jatin jaya jyoti kabir kajal kalpana kamala
        kapil karan karthik
        kavita kiran kirti komal krishna kritika kumar kunal lakshmi lalit lata madhav madhu
        mahesh mahima
        manish manisha manoj mansi mayank meena meera meghna mohan mohit mukesh nandini naresh
        narendra naveen
        neeraj neha nidhi nikhil nilesh nisha nishant nitin padma pallavi pankaj parul piyush
        pooja poonam
        prabhat pradeep prakash pramod pranav prasad prashant pratik praveen preeti prem prerna
        priya priyanka
        punit rachna radha raghav rahul raj rajat rajeev rajendra rajesh rajiv rakesh ram raman
        ramesh ranjan
        rashmi ravi reena rekha renuka rishabh rishi ritu rohan rohit roshni rupa ruchi sachin
        sagar sahil
        sameer sandeep sangeeta sanjana sanjay sanjeev santosh sarita satish saurabh savita seema
        shalini shankar
        sharad shashi shikha shilpa shivam shivani shreya shruti shubham siddharth sneha sonal
        sonali sonia
        soumya srinivas subhash sudhir sujata sumit sunil sunita suraj suresh sushma swati tanvi
        tarun tushar
        uday uma usha vaibhav varun vidya vijay vikas vikram vinay vineet vinod vishal vivek yash
        yogesh
        agus ahmad aditya andi ani anisa arif ayu bagus bambang budi citra desi dewi dian dwi eka
        eko endang
        fajar fitri galih gita hadi hendra herman ika indah irfan joko kartika lestari maya
        muhamad nur nurul
        putra putri rahmat rina rini rizki rudi sari setiawan siti slamet sri sugeng suharto sukma
        susanti teguh
        tri wahyu wati wawan widodo yudi yuni yusuf
        anh bình chí dung dũng đức giang hà hải hạnh hiền hiếu hoa hoàng hồng hùng hương huy khánh
        lan linh
        loan long mai minh nam nga ngân ngọc nguyễn nhung phạm phong phúc phương quang quân quốc
        quỳnh sơn
        tâm thanh thảo thắng thu thủy thùy tiến trang trần trung tú tuấn tùng tuyết vân việt vũ yến
        akira akiko asami ayumi chie daisuke eiji eriko fumiko haruka haruki hideo hiroko hiroshi
        hiroyuki
        junko kaori kazuo keiko keisuke kenji kenta koichi kumiko makoto mari mariko masako
        masahiro masato
        mayumi megumi michiko miho mika naoki naoko naomi noriko osamu reiko rie ryo sachiko
        satoshi shigeru
        shinichi shinji shoko sota sayaka tadashi takahiro takashi takeshi takuya tatsuya tetsuya
        tomoko
        toshio tsuyoshi yasuo yoko yoshiko yoshio yuji yuka yukari yukiko yuko yumi yusuke
        chen cheng fang feng guo hao hong hui jian jie jing jun juan lei liang ling mei min ming
        ning peng ping
        qiang qing rui shan tao ting wang wei wen xia xiang xiao xin xiu yan yang ying yong yu
        yuan yun
        zhang zhao zheng zhi zhong zhou
        jae ji jin joon jung kyung mi min seo seong seung soo sung ye yeon yong young yu yun
        abebe abena abiodun ade adebayo adeola ama amara aminata ayodele babatunde bongani
        boitumelo busisiwe
        chidi chika chinedu chinwe chukwu emeka esi fatou femi folake ibrahima ifeanyi jabu kagiso
        kamau kato
        kgosi kofi kojo kwabena kwame kwesi lebo lerato mamadou mandla moussa mpho musa naledi
        ngozi nkechi
        nkosana nomsa nthabiseng obinna ogechi ola olumide oluwaseun onyeka ousmane palesa sello
        sibusiso siphiwe
        sipho tendai thabo thandi themba thulani tunde uche wanjiru wambui yaw zanele zodwa
        haile selam tesfaye almaz bekele dawit
        """,
}  # fmt: skip
"""Given names in lower case, by the languages where they are common."""
