"""Train a quality classifier on good and bad documents, and report how far it can be trusted.

`labelled` reads the documents, `examples` chooses them, `folds` divides them by site. `fit` trains,
`evaluate` and `rivals` measure, `weighty` lists the words that decide. `report` and `card` put the
results into words, and `train` does all of it.
"""
