"""The command line: `repair-room`."""

from simulator.cli.main import main

__all__ = ["main"]
