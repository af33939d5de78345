"""`python -m deckgen`."""

import os
import sys

import deckgen

if __name__ == "__main__":
    # `-m` lets modules be imported from the folder one stands in: a stranger's notes could have a `yaml.py` among them.
    if not sys.flags.safe_path and sys.path[0] != os.path.dirname(deckgen.__path__[0]):
        del sys.path[0]
    from deckgen.cli import run

    run()
