"""Files: what a path matches, how files are opened, and what is skipped."""
