"""What a word is: one definition for everything that counts, filters or compares words."""
