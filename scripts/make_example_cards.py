"""Write the example cards in `datacards/`: build each config and copy its README.md.

    .venv/bin/python scripts/make_example_cards.py

A test compares the committed cards with new builds. It ignores the identity and the file sizes,
which change with every version of a library.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parents[1]
CONFIGS = {
    "quickstart": FOLDER / "configs" / "quickstart.yaml",
    "wire": FOLDER / "datacards" / "wire.yaml",
    "pages": FOLDER / "datacards" / "pages.yaml",
}
"""The config of each card."""


def card_of(config: Path) -> str:
    """Build a config in a temporary folder, and return its card."""
    import corpus
    from corpus.pipeline.engine import Serial

    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch) / "build"
        loaded = corpus.load_config(config, [f"output.path={target}", "cache=false"])
        corpus.build(loaded, engine=Serial())
        return (target / "README.md").read_text(encoding="utf-8")


def comparable(card: str) -> str:
    """Return a card without hashes and file sizes, which depend on library versions."""
    changing = r"`[0-9a-f]{64}`|(?<=download_size: )\d+|(?<=-of-\d{5})-[0-9a-f]{8}(?=\.parquet)"
    return re.sub(changing, "...", re.sub(r"(-of-\d{5})(?=\.parquet)", r"\1-00000000", card))


def main() -> None:
    """Write the cards that have changed, and print their names."""
    for name, config in CONFIGS.items():
        path = FOLDER / "datacards" / f"{name}.md"
        new = card_of(config)
        old = path.read_text(encoding="utf-8") if path.is_file() else ""
        if comparable(new) != comparable(old):
            path.write_text(new, encoding="utf-8")
            sys.stdout.write(f"wrote {path.relative_to(FOLDER)}\n")


if __name__ == "__main__":
    main()
