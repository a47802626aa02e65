"""Explain what happened to one document, stage by stage."""
