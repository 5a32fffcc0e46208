"""Options that several commands share, and what they become."""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, NoReturn

from leaksieve.core.finding import Result
from leaksieve.core.rule import CONFIDENCES, LOW
from leaksieve.core.rulebook import RuleBook
from leaksieve.errors import InputError
from leaksieve.report.redact import Redactor

_WIDTH = 100
#: Options that a configuration file may set, and what they are when nothing sets them.
DEFAULTS = {"fail_on": "medium", "format": "text", "baseline": None}
FORMATS = ("text", "json", "jsonl", "sarif")


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line."""

    def _get_formatter(self) -> argparse.HelpFormatter:
        # A fixed width saves asking the terminal for its own, which costs a hook 1.5 ms.
        return argparse.HelpFormatter(self.prog, width=_WIDTH)

    def error(self, message: str) -> NoReturn:
        """End with exit code 2."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


class ReportOptions(NamedTuple):
    """How to report.

    Attributes:
        format: one of FORMATS.
        output: the file to write, or None for standard output.
        fail_on: the least confidence that makes the exit code 1.
        least: the least confidence that the text format shows in full.
        color: whether to colour the text.
        verdict: what the text format says before it counts what failed.
    """

    format: str
    output: str | None
    show_secrets: bool
    fail_on: int
    least: int
    color: bool
    verdict: str


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


def cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def positive(text: str) -> int:
    """Read a number of at least 1.

    Raises:
        ArgumentTypeError: it is none.
    """
    number = int(text) if text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of at least 1")
    return number


def report_options(
    arguments: argparse.Namespace, environment: Mapping[str, str], verdict: str, *, show_all: bool
) -> ReportOptions:
    """Make the typed options; `show_all` shows what is below `--fail-on` too."""
    fail_on = CONFIDENCES[arguments.fail_on]
    terminal = arguments.output is None and sys.stdout.isatty() and environment.get("TERM") != "dumb"
    return ReportOptions(
        format=arguments.format,
        output=arguments.output,
        show_secrets=arguments.show_secrets,
        fail_on=fail_on,
        least=LOW if show_all else fail_on,
        color=terminal and not environment.get("NO_COLOR"),
        verdict=verdict,
    )


def cache_folder(environment: Mapping[str, str]) -> str:
    """Give the folder for what can be made again. Source: XDG Base Directory Specification."""
    base = environment.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "leaksieve")


def only(rules: RuleBook, ids: Sequence[str]) -> RuleBook:
    """Choose rules by id.

    Raises:
        InputError: an id is unknown; the message names the nearest.
    """
    known = {rule.id for rule in rules}
    for wanted in ids:
        if wanted not in known:
            import difflib  # noqa: PLC0415 - only this message needs it

            near = difflib.get_close_matches(wanted, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else "see leaksieve rules list"
            raise InputError(f"{wanted}: no such rule; {hint}")
    return rules.only(lambda rule: rule.id in ids)


def finish(result: Result, options: ReportOptions) -> int:
    """Write the report and give the exit code.

    Raises:
        InputError: the report cannot be written.
    """
    redactor = Redactor(result.findings, show_secrets=options.show_secrets)
    _write(_formatted(result, redactor, options), options.output)
    if any(finding.confidence >= options.fail_on and finding.suppressed_by is None for finding in result.findings):
        return 1
    return 0 if result.coverage.complete else 2


def _formatted(result: Result, redactor: Redactor, options: ReportOptions) -> Iterator[str]:
    # Each format is imported when it is asked for: a hook needs no JSON.
    if options.format == "sarif":
        from leaksieve.report.sarif import as_sarif  # noqa: PLC0415

        return as_sarif(result, redactor)
    if options.format == "text":
        from leaksieve.report.text import Style, as_text  # noqa: PLC0415

        style = Style(options.color, options.fail_on, options.least, options.verdict)
        return as_text(result, redactor, style)
    from leaksieve.report.json_report import as_json, as_jsonl  # noqa: PLC0415

    return (as_json if options.format == "json" else as_jsonl)(result, redactor)


def _write(parts: Iterator[str], output: str | None) -> None:
    if output is None:
        stream = sys.stdout
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
        stream.writelines(parts)
        stream.flush()
        return
    part = f"{output}.part"
    try:
        # A report that could not be finished must not look like one that was.
        with open(part, "w", encoding="utf-8") as file:
            file.writelines(parts)
        os.replace(part, output)
    except OSError as error:
        if os.path.exists(part):
            os.remove(part)
        raise InputError(f"{output}: cannot write the report: {error.strerror}") from None
