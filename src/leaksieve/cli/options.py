"""Options that several commands share, and what they become."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from leaksieve.core.finding import Result
from leaksieve.core.rule import CONFIDENCES, LOW
from leaksieve.core.rulebook import RuleBook
from leaksieve.errors import InputError
from leaksieve.report.redact import Redactor

if TYPE_CHECKING:
    import argparse
    from types import SimpleNamespace

    #: Parsed options; a hook without any does not load what parses them.
    Arguments = argparse.Namespace | SimpleNamespace

#: Options that a configuration file may set, and what they are when nothing sets them.
DEFAULTS = {"fail_on": "medium", "format": "text", "baseline": None}
FORMATS = ("text", "json", "jsonl", "sarif", "github", "gitlab", "markdown", "push")


class ReportOptions(NamedTuple):
    """How to report.

    Attributes:
        format: one of FORMATS.
        output: the file to write, or None for standard output.
        fail_on: the least confidence that makes the exit code 1.
        least: the least confidence that the text format shows in full.
        color: whether to colour the text.
        verdict: what the text format says before it counts what failed.
        own_excuses: whether excuses count that stand in what is scanned.
    """

    format: str
    output: str | None
    show_secrets: bool
    fail_on: int
    least: int
    color: bool
    verdict: str
    own_excuses: bool = True


def cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def report_options(
    arguments: "Arguments", environment: Mapping[str, str], verdict: str, *, show_all: bool
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
    write_report(result, options)
    return exit_code(result, options)


def exit_code(result: Result, options: ReportOptions) -> int:
    """Give 1 for findings that count, 2 for an incomplete scan without any, otherwise 0."""
    if any(finding.confidence >= options.fail_on and finding.suppressed_by is None for finding in result.findings):
        return 1
    return 0 if result.coverage.complete else 2


def write_report(result: Result, options: ReportOptions, *, append: bool = False) -> None:
    """Write the report; `append` adds it to what its file holds.

    Raises:
        InputError: it cannot be written.
    """
    redactor = Redactor(result.findings, show_secrets=options.show_secrets)
    parts = _formatted(result, redactor, options)
    if append and options.output is not None and os.path.exists(options.output):
        with open(options.output, encoding="utf-8", errors="surrogateescape") as file:
            parts = iter((file.read(), *parts))
    _write(parts, options.output)


def _formatted(result: Result, redactor: Redactor, options: ReportOptions) -> Iterator[str]:
    # Each format is imported when it is asked for: a hook needs no JSON.
    if options.format == "sarif":
        from leaksieve.report.sarif import as_sarif  # noqa: PLC0415

        return as_sarif(result, redactor)
    if options.format in ("github", "markdown"):
        from leaksieve.report import github, markdown  # noqa: PLC0415

        return (github.as_annotations if options.format == "github" else markdown.as_markdown)(
            result, redactor, options.fail_on
        )
    if options.format == "gitlab":
        from leaksieve.report.gitlab import as_code_quality  # noqa: PLC0415

        return as_code_quality(result, redactor)
    if options.format == "push":
        from leaksieve.report.push import as_push  # noqa: PLC0415

        return as_push(result, redactor, options.fail_on)
    if options.format == "text":
        from leaksieve.report.text import Style, as_text  # noqa: PLC0415

        style = Style(options.color, options.fail_on, options.least, options.verdict, options.own_excuses)
        return as_text(result, redactor, style)
    from leaksieve.report.json_report import as_json, as_jsonl  # noqa: PLC0415

    return (as_json if options.format == "json" else as_jsonl)(result, redactor)


def _write(parts: Iterator[str], output: str | None) -> None:
    if output is None:
        sys.stdout.writelines(parts)
        sys.stdout.flush()
        return
    # What is no plain file (/dev/null, a pipe) is written to, never replaced.
    special = os.path.exists(output) and not os.path.isfile(output)
    part = output if special else f"{output}.part"
    try:
        # A report that could not be finished must not look like one that was.
        with open(part, "w", encoding="utf-8") as file:
            file.writelines(parts)
        if not special:
            os.replace(part, output)
    except OSError as error:
        if not special and os.path.exists(part):
            os.remove(part)
        raise InputError(f"{output}: cannot write the report: {error.strerror}") from None
