"""Starts the web app, nothing else."""

import sys

from simulator.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "serve")
    main()
