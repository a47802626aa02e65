"""Tokens: how many a text has, by the tokenizer of a model.

tokenizer      reads the file of a tokenizer, and counts
observations   what the stage `tokens` measures of a document
"""
