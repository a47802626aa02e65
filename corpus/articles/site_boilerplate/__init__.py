"""Boilerplate lines that recur on many pages of one site.

site_lines  the site of each page, and its lines
recurring   which lines recur, and what to cut from each document
"""
