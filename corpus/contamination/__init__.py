"""Contamination: which documents contain items of benchmarks.

definition     the share of an item's shingles within a window of a text, in plain Python
benchmark      what a config says about a benchmark
files          the files of a benchmark, with their hashes
columns        which columns of a file have question, options and answer
items          reads the files of a benchmark into items: question, options, answer
parts          the parts of items, and their shingles
texts          the distinct texts among all parts
entries        sorts the shingles of all texts on disk
index          the shingles of all items as sorted arrays in files that workers map
build_index    makes an index
matching       kernels that find the items in texts
observations   what the stage `decontaminate` measures of a document
coverage       which items were indexed, which were not and why
"""
