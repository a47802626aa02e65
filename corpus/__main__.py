"""Run the command line: `python -m corpus`.

Python then searches the working directory first for modules. It is taken out before anything else
is imported, unless this package itself is there. The few modules that Python has imported before
come from there still: `corpus`, and `python -P -m corpus`, never search it.
"""

import os
import sys

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
if not sys.flags.safe_path and sys.path[0] in ("", os.getcwd()) and os.getcwd() != HERE:  # noqa: PTH109
    del sys.path[0]

from corpus.cli.commands import main  # noqa: E402

main()
