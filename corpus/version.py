"""The version of this package, and the name under which it is installed."""

VERSION = "0.2.0"

DISTRIBUTION = "pagecorpus"
"""The name on the package index: `corpus` belongs to somebody else's package there."""


def install_hint(extra: str) -> str:
    """Return the command that installs what an optional feature needs."""
    return f"pip install '{DISTRIBUTION}[{extra}]'"
