"""What happened to one document, stage by stage."""
