"""A build on disk: its manifest, reading it again, and checking it."""
