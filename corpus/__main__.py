"""Run the command line: `python -m corpus`."""

from corpus.cli.commands import main

main()
