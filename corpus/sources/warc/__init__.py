"""WARC and WET files: records, the HTTP messages in them, and pages."""
