"""`python -m app`: what `./run` executes."""

import gc
import sys

from app.cli import main

RARELY = (50_000, 20, 20)
"""Reading the program alone makes 400,000 objects that stay; as often as by default, looking through
them for garbage takes a sixth of a start, and a part of each request."""

if __name__ == "__main__":
    gc.set_threshold(*RARELY)
    sys.exit(main(sys.argv[1:]))
