"""What each threshold of a config removes, from the cache alone.

measured      the observations and decisions of the threshold stages, read from the cache
distribution  the values of one measurement by language
thresholds    what each threshold removes, alone and together, and the documents next to it
terminal      the same as text
page          the same as a page
"""
