"""One build, from input files to published shards."""
