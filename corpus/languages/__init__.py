"""Language identification: three models, an ensemble of them, and the script of every letter.

    identify              the entry point: a column of texts in, columns of tags out
    paragraphs            the share of each language in a document

    backends              the names of the backends
    codes                 language codes, and suggestions for unknown ones
    scripts               the script of every letter, and the languages that each script allows
    sampling              decodes a sample of each text (kernels)
    predictions           what a backend reads and returns

    langdetect_model      langdetect's n-gram profiles, compiled into tables
    char_ngrams           adds up the weights of their character n-grams (kernels)
    py3langid_model       py3langid's model, compiled into tables
    byte_ngrams           adds up the weights of its byte n-grams (kernels)
    own_model             our own n-gram model (`own_model.npz`, described in `own_model.md`)
    word_ngrams           adds up the weights of its n-grams inside words (kernels)
    word_memory           what a model added up for the latest words
    perfect_hash          hash tables without collisions, for the tables of the models
    model_cache           caches the compiled tables

    ensemble              the backend `ensemble`: all three models
    ensemble_kernels      scores of each model, and their weighted sum (kernels)
    ensemble_weights      the fitted weights (`ensemble_weights.npz`)
    confidence_features   features of a prediction of the ensemble
    confidence_trees      boosted trees that estimate from them how likely it is correct

    profile_backend       the backend `langdetect_profiles`: langdetect's profiles only
    profile_confidence    how likely its prediction is correct
    external_backends     third-party packages: langdetect, lingua, fastText

`codes` and `backends` are light to import; configs are checked with them alone.
"""
