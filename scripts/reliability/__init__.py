"""The measurements of `scripts/reliability_report.py`: one module for each row of its table."""
