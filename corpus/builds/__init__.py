"""A build that exists on disk: its manifest, its files, and whether they are intact."""
