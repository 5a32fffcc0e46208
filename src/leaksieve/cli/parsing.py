"""The parser of the command line: what several commands share."""

import argparse
from typing import NoReturn

from leaksieve.cli.options import DEFAULTS, FORMATS, cores
from leaksieve.core.rule import CONFIDENCES

_WIDTH = 100


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line."""

    def _get_formatter(self) -> argparse.HelpFormatter:
        # A fixed width saves asking the terminal for its own, which costs a hook 1.5 ms.
        return argparse.HelpFormatter(self.prog, width=_WIDTH)

    def error(self, message: str) -> NoReturn:
        """End with exit code 2."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def parser(command: str, description: str) -> Parser:
    """Make a command's parser with the options that every scan has."""
    made = Parser(prog=f"leaksieve {command}", description=description, allow_abbrev=False)
    made.set_defaults(command=command)
    report = made.add_argument_group("report")
    report.add_argument("--format", choices=FORMATS, help=f"the report's format (default: {DEFAULTS['format']})")
    report.add_argument("--output", metavar="FILE", help="write the report to FILE instead of standard output")
    report.add_argument("--show-secrets", action="store_true", help="show secrets in the clear; mind where it ends up")
    report.add_argument(
        "--fail-on",
        choices=tuple(CONFIDENCES),
        help=f"least confidence for exit code 1 (default: {DEFAULTS['fail_on']})",
    )
    rules = made.add_argument_group("rules")
    rules.add_argument("--config", metavar="FILE", help="the configuration, see docs/configuration.md")
    rules.add_argument("--no-config", action="store_true", help="heed no configuration file")
    rules.add_argument("--rule", metavar="ID", action="append", help="use only this rule; may be repeated")
    rules.add_argument("--baseline", metavar="FILE", help="accepted findings (default: .leaksieve-baseline)")
    return made


def add_jobs(made: Parser) -> None:
    """Add the option for the number of processes."""
    made.add_argument("-j", "--jobs", type=positive, metavar="N", help=f"processes (default: {cores()})")


def positive(text: str) -> int:
    """Read a number of at least 1.

    Raises:
        ArgumentTypeError: it is none.
    """
    number = int(text) if text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of at least 1")
    return number
