"""Compare two builds."""
