"""The YAML config: its model, its mistakes with line and column, and overrides."""
