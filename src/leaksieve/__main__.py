"""`python -m leaksieve` is the `leaksieve` command."""

from leaksieve.cli.main import run

run()
