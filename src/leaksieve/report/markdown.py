"""A summary in Markdown, for the page of a CI run. Source: https://github.github.com/gfm/ (tables, code spans)."""

from collections.abc import Iterator, Sequence

from leaksieve.core.finding import Finding, Occurrence, Result
from leaksieve.core.rule import LEVEL_NAMES
from leaksieve.report.redact import Redactor
from leaksieve.report.words import advice, counted, one_line

# GitHub takes 1 MiB for a step.
_MOST_ROWS = 200
_SHORT_ID = 12


def as_markdown(result: Result, redactor: Redactor, fail_on: int) -> Iterator[str]:
    """Give the verdict, a table of what fails the check, and what a reviewer should look at."""
    failing = [f for f in result.findings if f.suppressed_by is None and f.confidence >= fail_on]
    yield f"## leaksieve: {_verdict(result, failing)}\n\n"
    yield from _table(failing, redactor)
    if failing:
        steps = dict.fromkeys(advice(finding.rule) for finding in failing)
        yield from (f"- {_text(step)}\n" for step in steps)
        yield "- A commit that takes it out does not help: it stays in the history of the branch. Rewrite that.\n"
        yield "- If it is no credential: a comment of this change counts when a reviewer gives `--accept-inline`, "
        yield "an entry of the baseline when the target branch has it already.\n\n"
    if result.review:
        yield "### For a reviewer to look at\n\n| what | where | |\n|---|---|---|\n"
        for item in result.review[:_MOST_ROWS]:
            place = (
                f"{item.path}:{item.line}" if item.path and item.line else item.path or (item.commit or "")[:_SHORT_ID]
            )
            yield f"| {item.kind} | {_code(redactor.name(place))} | {_text(redactor.name(item.text))} |\n"
        yield "\n"
    yield from (f"- Note: {_text(redactor.name(note))}\n" for note in result.coverage.notes)
    yield from (f"- **Incomplete**: {_text(redactor.name(problem))}\n" for problem in result.coverage.problems)
    objects = result.coverage.objects
    yield f"\nChecked {counted(objects['commit'], 'commit')}, {counted(objects['blob'], 'file version')}.\n"


def _verdict(result: Result, failing: Sequence[Finding]) -> str:
    if failing:
        return f"{counted(len(failing), 'credential')} found"
    return "no credential found" if result.coverage.complete else "the check is incomplete"


def _table(failing: Sequence[Finding], redactor: Redactor) -> Iterator[str]:
    rows = [
        (finding, redactor.occurrence(place))
        for finding in failing
        for place in finding.occurrences
        if place.suppressed_by is None
    ]
    if rows:
        yield "| confidence | what | where | commit | in the result |\n|---|---|---|---|---|\n"
    for finding, place in rows[:_MOST_ROWS]:
        what = f"{_text(finding.rule.description)} ({_code(finding.rule.id)}): {_code(redactor.secret(finding))}"
        stays = {None: "", True: "yes", False: "no, but in the history"}[place.in_head]
        commit = _code((place.commit or "")[:_SHORT_ID])
        yield f"| {LEVEL_NAMES[finding.confidence]} | {what} | {_code(_place(place))} | {commit} | {stays} |\n"
    if len(rows) > _MOST_ROWS:
        yield f"\n{len(rows) - _MOST_ROWS:,} more are not shown.\n"
    if rows:
        yield "\n"


def _place(place: Occurrence) -> str:
    name = place.path if place.path is not None else place.where
    return name if place.where.endswith("name") else f"{name}:{place.line}"


def _text(text: str) -> str:
    """Show text as it is: nothing in it may be taken for Markdown or HTML."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]()<>#|!~&@" else letter for letter in one_line(text))


def _code(text: str) -> str:
    """Show text in a code span, which ends at the first backtick and, in a table, at a bar."""
    shown = one_line(text).replace("`", "'").replace("|", "\\|")
    return f"`{shown}`" if shown else ""
