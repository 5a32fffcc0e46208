"""The scans behind `leaksieve baseline`, and how a user names the findings that it is to accept."""

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import chdir
from typing import NamedTuple

from leaksieve.baseline.excuses import Excuses
from leaksieve.cli.progress import Progress
from leaksieve.cli.settings import read_file
from leaksieve.core.finding import Finding, Occurrence, Result
from leaksieve.core.rule import LOW
from leaksieve.core.rulebook import RuleBook
from leaksieve.errors import GitError, InputError
from leaksieve.git.command import Git
from leaksieve.git.repository import open_repository
from leaksieve.scan import scan
from leaksieve.sources.files import FilesSource
from leaksieve.sources.history import HistorySource
from leaksieve.sources.message import MessageSource
from leaksieve.sources.source import Source
from leaksieve.sources.staged import StagedSource

SOURCES = ("history", "scan")
# An id as reports show it: the beginning of a fingerprint.
_ID = re.compile(r"[0-9a-f]{8,32}", re.ASCII)
_PLACE = re.compile(r"(.+?):(\d+)(?::\d+)?", re.ASCII | re.DOTALL)


class Scanner(NamedTuple):
    """Scans a repository, or a folder that is none.

    Attributes:
        top: the repository's top folder.
        rules: what to look for.
        jobs: how many processes.
        environment: the process's environment variables.
    """

    top: str
    rules: RuleBook
    jobs: int
    environment: Mapping[str, str]

    def knows(self, rule: str) -> bool:
        """Tell whether there is a rule of this id."""
        try:
            self.rules.named(rule)
        except KeyError:
            return False
        return True

    def findings(self, source: str, excuses: Excuses, *, whole: bool = True) -> list[Finding]:
        """Scan one of SOURCES, and give all findings, the excused ones as well.

        What is not committed yet counts as a part of the history, too: the next commit may have it.

        Args:
            source: what to scan.
            excuses: what is accepted.
            whole: whether an incomplete scan is of no use; otherwise it is told.

        Raises:
            InputError: the scan is incomplete, so nobody knows what it would have found; or there is no repository.
        """
        past = [self._scan(_history, [os.curdir], excuses)] if source == "history" else []
        files = source == "scan" or self._is_repository
        results = [*past, *([self._scan(FilesSource, [os.curdir], excuses)] if files else [])]
        problems = [problem for result in results for problem in result.coverage.problems]
        if problems and whole:
            raise InputError(f"the scan is incomplete, so the baseline stays as it is: {problems[0]}")
        if problems:
            sys.stderr.write(f"leaksieve: the scan is incomplete: {problems[0]}, and {len(problems) - 1} more\n")
        return _joined([finding for result in results for finding in result.findings])

    def search(self, path: str | None, excuses: Excuses) -> Iterator[list[Finding]]:
        """Scan what is staged, then the file at `path` or every file, then the history, for as long as is asked.

        Without a path, the message of a commit that was blocked is looked at, too.
        """
        if self._is_repository:
            yield self._scan(_staged, [os.curdir], excuses).findings
        if self._is_repository and path is None:
            yield self._scan(_message, [os.curdir], excuses).findings
        if path is None or os.path.lexists(os.path.join(self.top, path)):
            yield self._scan(FilesSource, [path or os.curdir], excuses).findings
        if self._is_repository:
            yield self._scan(_history, [os.curdir], excuses).findings

    @property
    def _is_repository(self) -> bool:
        return os.path.lexists(os.path.join(self.top, ".git"))

    def _scan(
        self, source: Callable[[Sequence[str], Mapping[str, str]], Source], names: Sequence[str], excuses: Excuses
    ) -> Result:
        # Accepted paths count from the top, whatever folder the user is in.
        with chdir(self.top):
            return scan(source(names, self.environment), self.rules, Progress(self.jobs, "B").runner, excuses)


def _history(names: Sequence[str], environment: Mapping[str, str]) -> Source:
    return HistorySource(open_repository(names[0], environment), names[0])


def _staged(names: Sequence[str], environment: Mapping[str, str]) -> Source:
    return StagedSource(open_repository(names[0], environment, located=True))


def _message(names: Sequence[str], environment: Mapping[str, str]) -> Source:
    """Give the message that git wrote down last, as it does before any hook may refuse it."""
    repository = open_repository(names[0], environment, located=True)
    return MessageSource(read_file(os.path.join(repository.git_dir, "COMMIT_EDITMSG")) or b"")


def _joined(findings: Sequence[Finding]) -> list[Finding]:
    """Join findings of several scans, with the places of all."""
    joined: dict[str, Finding] = {}
    for finding in findings:
        places = joined[finding.fingerprint].occurrences if finding.fingerprint in joined else ()
        joined[finding.fingerprint] = finding._replace(occurrences=places + finding.occurrences)
    return list(joined.values())


def still_open(findings: Sequence[Finding], least: int) -> list[Finding]:
    """Leave out what is excused, and what is below a confidence."""
    return [finding for finding in findings if finding.confidence >= least and finding.suppressed_by is None]


class _Target(NamedTuple):
    """A finding as the user names it: by its id, or by a path and perhaps a line."""

    name: str
    id: str | None
    path: str | None
    line: int | None

    def among(self, findings: Sequence[Finding]) -> Iterator[Finding]:
        """Yield the findings that are meant, with the places that are."""
        for finding in findings:
            if self.id is None:
                places = tuple(place for place in finding.occurrences if self._is_at(place))
                if places:
                    yield finding._replace(occurrences=places)
            elif finding.fingerprint.startswith(self.id):
                yield finding

    def _is_at(self, place: Occurrence) -> bool:
        return place.path == self.path and (self.line is None or place.line <= self.line <= place.end_line)


def targets_found(scanner: Scanner, names: Sequence[str], rule: str | None, excuses: Excuses) -> list[Finding]:
    """Find what the user names: what is staged is looked at first, then files, then the history.

    Findings that are excused already are left out; they may stand in the next of these without an excuse.

    Raises:
        InputError: there is no such finding.
    """
    chosen: list[Finding] = []
    for target in (_target(name, scanner.top) for name in names):
        is_there = False
        for findings in scanner.search(target.path, excuses):
            named = [finding for finding in target.among(findings) if rule in (None, finding.rule.id)]
            is_there |= bool(named)
            if found := still_open(named, LOW):
                chosen += found
                break
        if not is_there:
            raise InputError(f"{target.name}: no finding there, neither staged nor in files nor in the history")
    return chosen


def _target(name: str, top: str) -> _Target:
    if os.path.lexists(name):
        return _Target(name, None, _from_top(name, top), None)
    if _ID.fullmatch(name):
        return _Target(name, name, None, None)
    place = _PLACE.fullmatch(name)
    path, line = (place[1], int(place[2])) if place else (name, None)
    return _Target(name, None, _from_top(path, top), line)


def _from_top(path: str, top: str) -> str:
    return os.path.relpath(path, top).replace(os.sep, "/")


def who_accepts(environment: Mapping[str, str]) -> str:
    """Give the name and address that git would give an author.

    Raises:
        InputError: git knows none.
    """
    # The user's own settings count here: nothing but a name is asked for.
    git = Git(os.curdir, dict(environment))
    try:
        identity = git.run("var", "GIT_AUTHOR_IDENT").decode("utf-8", "replace")
    except GitError:
        raise InputError("git does not know who you are; give --who NAME") from None
    # What follows the address is the time.
    return identity.rpartition(">")[0] + ">"
