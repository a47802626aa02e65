"""A linear text classifier over hashed words and pairs of words, which users train themselves.

`definition` says in plain Python what a score is. `features` finds the features of texts for
training, `score` the scores of texts; both are kernels. `model` is the model file, and
`observations` what a stage measures with it.
"""
