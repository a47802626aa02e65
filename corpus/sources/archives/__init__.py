"""Archives: the members of zip and tar files are read like files."""
