"""`python -m simulator` is `repair-room`."""

from simulator.cli import main

main()
