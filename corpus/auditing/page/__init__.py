"""The audit as one offline HTML page."""
