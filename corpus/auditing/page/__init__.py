"""Render an audit as one HTML page that works offline."""
