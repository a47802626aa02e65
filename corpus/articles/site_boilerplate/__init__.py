"""Boilerplate lines that recur on many pages of one site.

site_lines  the site of each page, and its lines
site_pages  the pages of each large enough site, and their lines by part of the corpus
recurring   which lines recur, and what to cut from each document
"""
