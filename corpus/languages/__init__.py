"""Which language a text is in: three models, a rule that combines them, and all scripts.

    codes        the codes we tag with, and what to say about a code we do not know
    scripts      the script of every letter, and which languages a script leaves possible
    sampling     from the bytes of a text to the code points to look at (kernels)
    cached       tables made from an installed package once, and kept
    ngrams       adding up the weights of a text's n-grams (kernels)
    profiles     langdetect's n-gram profiles, compiled into tables for them: the first voice
    walk_bytes   adding up the weights of a text's sequences of bytes (kernels)
    walks        py3langid's model, compiled into tables for them: the second voice
    word_grams   adding up the weights of what is inside a text's words (kernels)
    words        an n-gram model of our own: the third voice (`own.npz`, `own.md`)
    forests      boosted trees, as arrays
    rule         how the voices are combined, and how likely the answer is right (`rule.npz`)
    answers      what goes into a backend and what comes out of it
    combined     the backend that asks all three voices
    scores       how likely the best language of the profiles alone is the right one
    outside      the backends of others: langdetect itself, lingua, fastText
    identify     all together: a column of texts in, columns of tags out
    paragraphs   the languages of a mixed document, by their share

Only `codes` is light to import; a config is checked with it alone.
"""
