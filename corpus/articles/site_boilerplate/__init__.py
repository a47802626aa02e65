"""Lines that recur on many pages of one site."""
