"""Dates as sources write them."""
