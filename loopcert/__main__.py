"""`python -m loopcert` is `loopcert`."""

import sys

from loopcert.cli import main

if __name__ == "__main__":
    sys.exit(main())
