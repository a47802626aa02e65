"""Text in one standard form: encoding, line ends, spaces, invisible characters.

normalise    the steps, and the few texts that need Python
kernels      which steps a text needs, and the steps that need no Python
code_points  the properties of each code point that the kernels look up
"""
