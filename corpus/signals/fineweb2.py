"""FineWeb-2's bounds for each language, and its stop words.

They are the values in its configs (github.com/huggingface/fineweb-2, configs/*.yml), and what its
pipeline sets for all languages. FineWeb-2 cuts words with a tokenizer for each language; here they
are cut by the rules for English (`corpus.signals.tokens`), which differ little in languages with
spaces. Languages that need a tokenizer of their own (Chinese, Japanese, Thai), and the 1,800
others, have no bounds here.
"""

from __future__ import annotations

from corpus.signals.rule import Rule, repeated_ngrams

_BOUNDS = {
    # repeated lines; top 2- to 4-grams; repeated 5- to 10-grams; lines with end mark;
    # shortest and longest mean word; words with a letter; line breaks
    "de": "0.282 0.077 0.101 0.123 0.142 0.127 0.115 0.106 0.097 0.088 0.143 0 14 0.774 0.197",
    "ru": "0.354 0.087 0.109 0.129 0.193 0.173 0.157 0.144 0.133 0.122 0.37 3 11 0.713 0.18",
    "es": "0.265 0.077 0.097 0.112 0.152 0.137 0.123 0.114 0.107 0.099 0.3 4 14 0.825 0.171",
    "fr": "0.286 0.081 0.103 0.122 0.163 0.145 0.132 0.121 0.111 0.102 0.172 3 11 0.812 0.234",
    "it": "0.25 0.075 0.095 0.112 0.149 0.134 0.121 0.112 0.104 0.097 0.143 3 20 0.807 0.271",
    "pt": "0.325 0.093 0.117 0.139 0.19 0.172 0.154 0.142 0.131 0.12 0.154 3 13 0.814 0.23",
    "pl": "0.353 0.096 0.12 0.144 0.203 0.182 0.163 0.15 0.137 0.126 0.2 3 11 0.726 0.209",
    "nl": "0.333 0.093 0.117 0.14 0.177 0.16 0.145 0.133 0.123 0.112 0.238 3 16 0.828 0.194",
    "tr": "0.303 0.094 0.114 0.136 0.168 0.151 0.135 0.123 0.116 0.107 0.2 3 21 0.773 0.273",
    "cs": "0.333 0.095 0.121 0.144 0.193 0.175 0.157 0.144 0.132 0.121 0.125 3 11 0.781 0.233",
    "uk": "0.333 0.086 0.108 0.129 0.176 0.157 0.139 0.125 0.113 0.102 0.308 3 11 0.694 0.211",
    "sv": "0.333 0.093 0.118 0.142 0.181 0.165 0.147 0.135 0.128 0.118 0.444 4 11 0.841 0.182",
    "da": "0.342 0.115 0.145 0.168 0.202 0.183 0.169 0.152 0.14 0.132 0.167 4 11 0.798 0.233",
    "nb": "0.312 0.087 0.107 0.131 0.163 0.153 0.134 0.122 0.115 0.112 0.2 3 11 0.783 0.219",
    "fi": "0.333 0.101 0.132 0.163 0.171 0.149 0.131 0.119 0.106 0.094 0.25 4 13 0.755 0.219",
    "hu": "0.355 0.095 0.12 0.144 0.187 0.168 0.154 0.139 0.125 0.116 0.167 3 14 0.766 0.278",
    "ro": "0.318 0.081 0.1 0.118 0.175 0.156 0.141 0.129 0.119 0.108 0.167 2 14 0.779 0.267",
    "el": "0.357 0.089 0.114 0.136 0.214 0.194 0.182 0.173 0.161 0.152 0.286 4 10 0.809 0.155",
    "ar": "0.333 0.091 0.108 0.127 0.19 0.169 0.154 0.142 0.131 0.124 0.25 3 8 0.787 0.227",
    "bg": "0.35 0.086 0.109 0.127 0.205 0.185 0.165 0.149 0.136 0.126 0.273 3 9 0.756 0.18",
    "vi": "0.327 0.102 0.116 0.134 0.208 0.186 0.168 0.154 0.139 0.125 0.571 3 10 0.803 0.151",
    "id": "0.25 0.088 0.104 0.12 0.176 0.158 0.142 0.128 0.119 0.109 0.25 3 11 0.805 0.222",
    "sk": "0.349 0.103 0.127 0.15 0.21 0.191 0.173 0.16 0.147 0.136 0.107 3 10 0.752 0.25",
    "hr": "0.333 0.097 0.122 0.147 0.208 0.188 0.171 0.157 0.145 0.134 0.2 3 11 0.751 0.26",
    "ca": "0.333 0.087 0.111 0.135 0.177 0.162 0.147 0.127 0.12 0.111 0.333 3 10 0.832 0.15",
}

STOP_WORDS = {
    "de": "der und die in von im den des mit das er dem als wurde für",
    "ru": "в и на с года по году из был к не от что за для его как а он также до после",
    "es": "de la en el y a que del los se por un con una las su",
    "fr": "de la le et à en l' des du les est d' un une il dans par au",
    "it": "di e il la in a del che è della un per nel l' con da i una",
    "pt": "de a e o em do da que um no uma com para na é foi",
    "pl": "w i na z do się roku od a jest przez po jako oraz o został był nie",
    "nl": "de van in het een en is op voor met door zijn werd hij uit",
    "tr": "ve bir olarak bu ile için olan da de tarafından yılında sonra en daha ilk the",
    "cs": "v a se na je z s do",
    "uk": "у в на і з та до року за що",
    "sv": "i och är av en som den med på till att för",
    "da": "i og af en til er den at som på for med det blev var der fra de han et",
    "nb": "i og av som en er til på for ble med den det var han de å fra",
    "fi": "ja on oli hän vuonna myös joka se ei sen "
    "ovat sekä mutta että tai vuoden kanssa hänen s. jälkeen the",
    "hu": "a az és is egy volt hogy nem meg de magyar első el között",
    "ro": "de în a și din la o cu este un pe fost care al",
    "el": "του και το της η την από ο με τον να που των στην για στο σε είναι τη τα οι",
    "ar": "، في من على إلى عام أن مع أو هو عن التي كان بين ما كانت هي المتحدة بعد",
    "bg": "на и в е от за се г. с през да по",
    "vi": "là và của một được trong năm các có loài này đã người",
    "id": "dan yang di pada dari ini dengan adalah untuk dalam",
    "sk": "v a na sa je z roku s",
    "hr": "je u i se na su za od s a",
    "ca": "de el la a i d l' en d' que va els per un les una amb es",
}
"""The most frequent words of each language; a text must have two of them."""

LANGUAGES = tuple(_BOUNDS)


def stop_word_signal(language: str) -> str:
    """Return the name of the signal that counts a language's stop words."""
    return f"stop_words_fineweb2_{language}"


def _rules(language: str) -> tuple[Rule, ...]:
    """Return the rules of a language, in the order of FineWeb-2's pipeline."""
    bounds = [float(number) for number in _BOUNDS[language].split()]
    lines, *ngrams = bounds[:10]
    end_mark, shortest, longest, letters, breaks = bounds[10:]
    return (
        Rule("duplicate_lines", "duplicate_lines_datatrove", max=lines),
        *repeated_ngrams("_datatrove", bounds=ngrams),
        Rule("lines_with_end_mark", "lines_with_end_mark_fineweb", min=end_mark),
        Rule("duplicate_line_characters", "duplicate_line_characters_fineweb", max=0.1),
        Rule("line_breaks", "line_breaks_per_word_fineweb", max=breaks),
        Rule("words", "words_datatrove", min=50, max=100_000),
        Rule("mean_word_length", "mean_word_length_datatrove", min=shortest, max=longest),
        Rule("hashes", "hashes_per_word_datatrove", max=0.1),
        Rule("ellipses", "ellipses_per_word_datatrove", max=0.1),
        Rule("bullet_lines", "bullet_lines_datatrove", max=0.9),
        Rule("ellipsis_lines", "ellipsis_lines_datatrove", max=0.3),
        Rule("alphabetic_words", "alphabetic_words_datatrove", min=letters),
        Rule("stop_words", stop_word_signal(language), min=2),
    )


FINEWEB2 = {language: _rules(language) for language in LANGUAGES}
"""The rules for each language."""
