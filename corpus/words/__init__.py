"""The one definition of a word, used wherever words are counted, filtered or compared.

definition   the rule in plain Python: words, shingles, Jaccard similarity, content hash
characters   the character table that the rule rests on
month_names  the months in many languages
folding      kernel: lower-case a text and replace every separator by a space
count        kernel: count the words of each text
normalize    kernel: join the words of each text by single spaces
simd         the 64-byte vector instructions that the kernels use
"""
