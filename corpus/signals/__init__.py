"""Signals: numbers measured on each text that published rules of quality compare with bounds.

definition    every signal in plain Python; the kernels must agree with it
characters    the classes of characters that the signals rest on
tokens        how datatrove's English tokenizer cuts a text into words
token_kernel  kernel: the same, on Arrow's bytes
chunk_kernel  kernel: what is counted of any run of characters without white space
word_kernel   kernel: the walk over all words, with one quick step for most of them
repetition    kernel: repeated n-grams and repeated lines
measure       kernel: all signals of a column of texts
rules         the published rule sets: which signal, which bounds, which source
"""
