"""Which language a text is in: a model compiled from an installed package, and all scripts.

    codes       the codes we tag with, and what to say about a code we do not know
    scripts     the script of every letter, and which languages a script leaves possible
    sampling    from the bytes of a text to the code points to look at (kernels)
    ngrams      adding up the weights of its n-grams (kernels)
    profiles    langdetect's n-gram profiles, compiled once into tables for the kernels
    scores      how likely the best language is the right one
    identify    all together: a column of texts in, columns of tags out

Only `codes` is light to import; a config is checked with it alone.
"""
