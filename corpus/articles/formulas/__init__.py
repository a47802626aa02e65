"""Formulas of HTML pages as TeX.

markup   finds the formulas of a page and puts their TeX in their place
mathml   presentation MathML to TeX, for formulas without TeX of their own
symbols  the TeX names of letters, operators and functions
"""
