"""`leaksieve ci`: checks a pull request, a merge request or a push, where CI runs."""

import argparse
import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from leaksieve.baseline.comments import MARKS
from leaksieve.cli.ci_systems import CiRun, find_run, is_told, remote_branch
from leaksieve.cli.options import FORMATS, ReportOptions, exit_code, report_options, write_report
from leaksieve.cli.parsing import Parser, add_jobs, parser
from leaksieve.cli.review import review_items, skipped_hooks
from leaksieve.cli.settings import Settings
from leaksieve.cli.trusted import broken_settings, trusted_settings
from leaksieve.cli.updates import runner_for
from leaksieve.core.finding import Finding, Result
from leaksieve.errors import GitError, InputError
from leaksieve.git.command import Git
from leaksieve.git.repository import Repository, open_repository
from leaksieve.git.revisions import cut_off, find_object, merge_base
from leaksieve.scan import scan
from leaksieve.sources.commits import Known, RangeSource

_DESCRIPTION = """\
Check every commit of a pull request, a merge request or a push, and the change as a whole. Finds out by itself what
to check in GitHub Actions, GitLab CI, Bitbucket Pipelines, Azure Pipelines, CircleCI and Jenkins. Configuration and
baselines are read from the base commit, and excuses that the change itself brings do not count: see docs/ci.md."""
_COMMAND_LINE = "the command line"


class _Change(NamedTuple):
    """What is checked: commits that `head` has and none of `known`, whose first says how it is checked."""

    head: str
    known: tuple[str, ...]
    notes: tuple[str, ...] = ()


def run(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command."""
    arguments = _parser().parse_args(argv)
    reports = [_report(text) for text in arguments.report]
    repository = open_repository(os.curdir, environment, located=False)
    ci = _run(arguments, environment)
    if ci.nothing is not None:
        print(f"leaksieve: nothing to check: {ci.nothing}")
        return 0
    change = _change(repository, ci)
    as_given = argparse.Namespace(**vars(arguments))
    settings = trusted_settings(repository.git, change.known[0] if change.known else None, arguments, environment)
    options = report_options(arguments, environment, "The check fails", show_all=False)
    options = options._replace(own_excuses=arguments.accept_inline)
    result = _check(repository, change, ci, arguments, settings)
    touched = {place.path for place in result.review if place.path is not None}
    result.coverage.problems += broken_settings(repository.git, touched, change.head, as_given, environment)
    write_report(result, options)
    for name, file in reports:
        write_report(result, options._replace(format=name, output=file, color=False))
    _tell_github(result, options, environment)
    return exit_code(result, options)


def _parser() -> Parser:
    made = parser("ci", _DESCRIPTION)
    change = made.add_argument_group("the change (default: what the CI system says)")
    change.add_argument("--base", metavar="COMMIT", help="what was there before: a commit or branch")
    change.add_argument("--head", metavar="COMMIT", help="what to check (default: HEAD)")
    trust = made.add_argument_group("trust")
    trust.add_argument("--accept-inline", action="store_true", help="let excuses count that the change itself brings")
    trust.add_argument(
        "--accept-skips",
        action="store_true",
        help="accept credentials of commits whose message says why the hook was skipped, and only those",
    )
    made.add_argument(
        "--report", metavar="FORMAT=FILE", action="append", default=[], help="write one more report; may be repeated"
    )
    add_jobs(made)
    return made


def _report(text: str) -> tuple[str, str]:
    name, equals, file = text.partition("=")
    if name not in FORMATS or not equals or not file:
        raise InputError(f"--report {text}: write FORMAT=FILE, with one of {', '.join(FORMATS)}")
    return name, file


def _run(arguments: argparse.Namespace, environment: Mapping[str, str]) -> CiRun:
    if arguments.base is not None:
        return CiRun(_COMMAND_LINE, arguments.head or "HEAD", targets=(arguments.base,))
    ci = find_run(environment)
    if ci is None:
        raise InputError("no CI system that leaksieve knows: give --base, and --head unless it is HEAD")
    return ci if arguments.head is None else ci._replace(head=arguments.head)


def _change(repository: Repository, ci: CiRun) -> _Change:
    """Find the commits that the CI system names.

    Raises:
        InputError: one is not here, or nothing says what is new.
    """
    git = repository.git

    def here(name: str | None) -> str | None:
        return find_object(git, f"{name}^{{commit}}") if is_told(name) else None

    by_hand = ci.system == _COMMAND_LINE and not repository.shallow
    way_out = "fetch it, or look at how it is written" if by_hand else ci.deepen
    # An annotated tag stays one: it has a message.
    head = find_object(git, f"{ci.head}^{{object}}") if here(ci.head) is not None else None
    if head is None:
        raise InputError(f"{ci.head!r}: this commit is not in the checkout: {way_out}")
    if ci.targets:
        # The target branch as it is now says how to check: where a change begins, its author has chosen.
        known = tuple(dict.fromkeys(commit for name in reversed(ci.targets) if (commit := here(name))))
        if not known:
            raise InputError(f"{ci.targets[-1]!r}: what the change is based on is not in the checkout: {way_out}")
        return _Change(head, known)
    # On a branch of its own, all that it has over the default branch is checked with each push: what one push brought
    # must not be trusted, nor forgotten, with the next.
    names = [remote_branch(ci.default)] if ci.default is not None else _default_branches(git)
    default = next((name for name in names if here(name)), None)
    if default is not None and (ci.branch is None or remote_branch(ci.branch) != default):
        return _Change(head, (here(default) or default,))
    before = here(ci.before)
    if before is not None:
        return _Change(head, (before,))
    if repository.shallow:
        raise InputError(f"the checkout is shallow, and what was there before is not in it: {ci.deepen}")
    if is_told(ci.before):
        note = f"{ci.before} is not here (a forced push?): the branch is checked from its beginning"
        return _Change(head, (), (note,))
    if ci.before is not None and ci.branch is not None and ci.branch == ci.default:
        return _Change(head, (), ("nothing says what the branch was before: it is checked from its beginning",))
    where = ci.branch or "this branch"
    # On the default branch itself, a deeper checkout does not help.
    deeper = "" if default is not None else f", or {ci.deepen}"
    raise InputError(f"{ci.system} does not say what is new on {where}: give --base COMMIT{deeper}")


def _default_branches(git: Git) -> list[str]:
    """Name the branches that may be the default one, as the clone has them."""
    try:
        return [git.run("symbolic-ref", "--quiet", remote_branch("HEAD")).decode().strip()]
    except GitError:
        return [remote_branch("main"), remote_branch("master")]


def _check(
    repository: Repository, change: _Change, ci: CiRun, arguments: argparse.Namespace, settings: Settings
) -> Result:
    git = repository.git
    trusted = change.known[0] if change.known else None
    base = merge_base(git, trusted, change.head) if trusted is not None else None
    known = Known(change.known, base, None if arguments.accept_inline else MARKS)
    target = f"{'change' if change.known else 'branch'} {change.head}"
    source = RangeSource(repository, [change.head], known, target)
    if cut_off(repository, source.commits):
        raise InputError(f"the checkout is shallow, so not all commits of the change are in it: {ci.deepen}")
    result = scan(source, settings.rules, runner_for(source, arguments.jobs), settings.excuses)
    skips = skipped_hooks(git, source.commits)
    if arguments.accept_skips:
        result = result._replace(findings=[_accept_skips(finding, skips) for finding in result.findings])
    result.coverage.notes += change.notes
    if not source.commits:
        result.coverage.notes.append("no commit is new here")
    if repository.is_partial() and not result.coverage.complete:
        result.coverage.notes.append(f"the clone is partial: {ci.deepen}")
    files = [*settings.files, *([os.path.basename(arguments.baseline)] if arguments.baseline else [])]
    return result._replace(review=review_items(git, base, change.head, skips, result.findings, files))


def _accept_skips(finding: Finding, skips: Mapping[str, str]) -> Finding:
    places = []
    for place in finding.occurrences:
        reason = skips.get(place.commit or "")
        excused = place.suppressed_by is not None or reason is None
        places.append(place if excused else place._replace(suppressed_by=f"hook skipped: {reason}"))
    return finding._replace(occurrences=tuple(places))


def _tell_github(result: Result, options: ReportOptions, environment: Mapping[str, str]) -> None:
    """Add annotations, and the summary of the step.

    Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands.
    """
    if environment.get("GITHUB_ACTIONS") and options.format == "text":
        write_report(result, options._replace(format="github", output=None))
    summary = environment.get("GITHUB_STEP_SUMMARY")
    if summary:
        write_report(result, options._replace(format="markdown", output=summary), append=True)
