"""Look inside sources before a build: their first records, and a config that fits them."""
