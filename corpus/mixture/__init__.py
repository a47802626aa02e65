"""Mixture: how often each group of training documents is used.

sizes     the groups of a corpus, and their sizes
epochs    how often to use each group, from weights, a temperature or budgets
targets   the size that each group should have
removals  which documents are not used
report    what a build reports about its mixture
"""
