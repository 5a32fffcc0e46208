"""`leaksieve baseline`: accept findings for good, and look after what was accepted."""

import argparse
import os
import time
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from leaksieve.baseline.accepted import Accepted
from leaksieve.baseline.entries import Baseline, Entry, is_date, new_key, read_baseline, write_baseline
from leaksieve.baseline.excuses import BASELINE, foreign_baseline
from leaksieve.baseline.joined import Joined
from leaksieve.baseline.others import Accepts, other_tools
from leaksieve.baseline.review import EXPIRED, STALE, UNUSED, Terms, accept, is_shared, judge, update
from leaksieve.cli.accepting import Scanner, still_open, targets_found, who_accepts
from leaksieve.cli.baseline_options import baseline_parser
from leaksieve.cli.settings import allowed_by_git_secrets, read_file, settle, top_of, work_tree
from leaksieve.core.finding import Finding
from leaksieve.core.rule import CONFIDENCES, LOW
from leaksieve.errors import InputError
from leaksieve.report.words import one_line


def run(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command."""
    arguments = baseline_parser().parse_args(argv)
    top = top_of(os.curdir, environment)
    by_hand = arguments.baseline is not None
    settled = settle(arguments, environment, work_tree(os.curdir, environment))
    file = os.path.join(top, arguments.baseline or BASELINE)
    foreign = foreign_baseline(read_file(file) or b"", os.path.relpath(file), settled.rules)
    if foreign and by_hand:
        raise InputError(f"{os.path.relpath(file)}: a baseline of another tool, which leaksieve heeds but never writes")
    scanner = Scanner(top, settled.rules, arguments.jobs, environment)
    # What is accepted anew goes into a file of ours beside theirs.
    file = os.path.join(top, BASELINE) if foreign else file
    today = time.strftime("%Y-%m-%d")
    return _ACTIONS[arguments.action](_Work(arguments, top, file, foreign, scanner, environment, today))


class _Work(NamedTuple):
    """What an action works with.

    Attributes:
        top: the repository's top folder.
        file: the baseline.
        foreign: what the baseline of another tool accepts that the configuration names.
        today: the date.
    """

    arguments: argparse.Namespace
    top: str
    file: str
    foreign: Accepts | None
    scanner: Scanner
    environment: Mapping[str, str]
    today: str

    @property
    def name(self) -> str:
        """The file as a message names it."""
        return os.path.relpath(self.file)

    def others(self) -> Joined:
        """Give what other tools' files accept: the baseline need not repeat it."""
        told: list[str] = []
        read = work_tree(self.top, self.environment)
        others = other_tools(read, self.scanner.rules, self.allowed_by_git, told.append)
        return Joined(None, [*([self.foreign] if self.foreign else ()), *others], told)

    def allowed_by_git(self) -> Sequence[str]:
        """Give the patterns of git-secrets in git's configuration."""
        return allowed_by_git_secrets(self.environment, work_tree(self.top, self.environment))

    def read(self) -> Baseline:
        """Read the file.

        Raises:
            InputError: it is not there, or has lines that are no entries.
        """
        baseline = self.read_if_there()
        if baseline is None:
            raise InputError(f"{self.name}: no such file; `leaksieve baseline create` makes one")
        return baseline

    def read_if_there(self) -> Baseline | None:
        """Read the file; None when it is not there."""
        try:
            with open(self.file, "rb") as file:
                baseline = read_baseline(file.read())
        except FileNotFoundError:
            return None
        if baseline.problems:
            number, why = baseline.problems[0]
            raise InputError(f"{self.name}:{number}: {why}; mend or delete the line")
        return baseline

    def write(self, baseline: Baseline) -> None:
        """Write the file; it is whole or as it was."""
        if not os.path.exists(self.file):
            self._let_git_join_lines()
        part = f"{self.file}.part"
        with open(part, "wb") as file:
            file.write(write_baseline(baseline.keys, baseline.entries))
        os.replace(part, self.file)

    def _let_git_join_lines(self) -> None:
        """Have git keep the lines of both sides of a merge: a small file would often conflict.

        Source: https://git-scm.com/docs/gitattributes#_built_in_merge_drivers
        """
        path = os.path.relpath(self.file, self.top).replace(os.sep, "/")
        attributes = os.path.join(self.top, ".gitattributes")
        if path.startswith("../") or " " in path or not os.path.lexists(os.path.join(self.top, ".git")):
            return
        with open(attributes, "a+", encoding="utf-8", errors="surrogateescape") as file:
            file.seek(0)
            text = file.read()
            if path not in text:
                file.write(f"{'' if text.endswith(chr(10)) or not text else chr(10)}/{path} merge=union\n")
                print(f"{os.path.relpath(attributes)}: git joins what two branches accept. Commit it, too.")

    def terms(self) -> Terms:
        """Give the terms that the options name.

        Raises:
            InputError: one makes no sense, or nobody is known to accept anything.
        """
        arguments = self.arguments
        if not arguments.reason.strip():
            raise InputError("--reason: say why this is no credential, or why it may stay")
        if arguments.expires and (not _is_day(arguments.expires) or arguments.expires < self.today):
            raise InputError(f"--expires {arguments.expires}: give a date to come, as in {self.today}")
        who = arguments.who or who_accepts(self.environment)
        scope: str | None = getattr(arguments, "path", None)
        if scope is not None and not scope.strip():
            raise InputError("--path: give a path or a pattern, or * for everywhere")
        return Terms(arguments.reason.strip(), who, self.today, arguments.expires or "", scope)


def _is_day(text: str) -> bool:
    """Tell whether text is a day that there is, as in 2026-01-31."""
    try:
        return is_date(text) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _create(work: _Work) -> int:
    if os.path.exists(work.file) and not work.arguments.force:
        raise InputError(f"{work.name}: is there already; use `leaksieve baseline update`, or --force to begin anew")
    terms = work.terms()
    found = work.scanner.findings(work.arguments.source, work.others(), whole=False)
    findings = _shared(still_open(found, CONFIDENCES[work.arguments.fail_on]))
    key = new_key()
    entries = tuple(accept(key, findings, terms))
    work.write(Baseline((key,), entries))
    _print_written(work, entries)
    return 0


def _shared(findings: Sequence[Finding]) -> list[Finding]:
    """Leave out what no other clone has, and say so."""
    shared = [finding for finding in findings if is_shared(finding)]
    if len(shared) < len(findings):
        left_out = _count(len(findings) - len(shared), "finding")
        print(f"{left_out} left out, which no branch leads to and no other clone has; `add ID` accepts.")
    return shared


def _add(work: _Work) -> int:
    terms = work.terms()
    baseline = work.read_if_there() or Baseline((new_key(),), ())
    keys = baseline.keys or (new_key(),)
    # What is accepted already may be accepted at more paths.
    own = None if terms.scope is not None else Accepted(baseline, work.name, work.today, LOW)
    accepted = Joined(own, [work.others()], ())
    findings = targets_found(work.scanner, work.arguments.targets, work.arguments.only, accepted)
    added = tuple(accept(keys[0], findings, terms))
    # What is accepted anew is no longer accepted on older terms.
    replaced = {entry[:3] for entry in added}
    kept = tuple(entry for entry in baseline.entries if entry[:3] not in replaced)
    if not added:
        print("Nothing to accept: what is found there is excused already.")
        return 0
    work.write(Baseline(keys, kept + added))
    for entry in added:
        until = f" until {entry.expires}" if entry.expires else ""
        print(f"Accepted {entry.rule} in {_printable(entry.path)}{until}.")
    _print_written(work, kept + added)
    return 0


def _update(work: _Work) -> int:
    baseline = work.read()
    terms = work.terms() if work.arguments.reason else None
    renewed = update(baseline, work.scanner.findings(work.arguments.source, work.others()), work.today)
    new = _shared(still_open(renewed.unknown, CONFIDENCES[work.arguments.fail_on]))
    keys = baseline.keys[:1] or (new_key(),)
    entries = renewed.entries + (tuple(accept(keys[0], new, terms)) if terms else ())
    work.write(Baseline(keys, entries))
    _print_difference(baseline.entries, entries)
    _print_written(work, entries)
    if terms or not new:
        return 0
    print(f"{_count(len(new), 'finding')} not accepted; --reason TEXT accepts, `leaksieve history` shows:")
    _print_findings(new)
    return 1


def _check(work: _Work) -> int:
    baseline = work.read()
    judged = _judged(work, baseline)
    for state, entry in judged:
        print(f"{state:<7}  {_line(entry)}")
    counts = [f"{number} {name}" for name in (EXPIRED, STALE, UNUSED) if (number := sum(s == name for s, _ in judged))]
    total = _count(len(baseline.entries), "entry", "entries")
    print(f"{work.name}: {total}, {', '.join(counts) if counts else 'all in use'}.")
    if judged:
        print("`leaksieve baseline prune` takes these out, `leaksieve baseline add` accepts anew.")
    return 1 if judged else 0


def _prune(work: _Work) -> int:
    baseline = work.read()
    gone = {entry for _, entry in _judged(work, baseline)}
    entries = tuple(entry for entry in baseline.entries if entry not in gone)
    work.write(baseline._replace(entries=entries))
    _print_difference(baseline.entries, entries)
    _print_written(work, entries)
    return 0


def _show(work: _Work) -> int:
    baseline = work.read()
    for entry in sorted(baseline.entries, key=lambda entry: (entry.path, entry.rule, entry)):
        print(_line(entry))
    print(f"{work.name}: {_count(len(baseline.entries), 'entry', 'entries')}.")
    return 0


_ACTIONS = {"create": _create, "add": _add, "update": _update, "check": _check, "prune": _prune, "show": _show}


def _judged(work: _Work, baseline: Baseline) -> list[tuple[str, Entry]]:
    accepted = Accepted(baseline, work.name, work.today, LOW)
    work.scanner.findings(work.arguments.source, Joined(accepted, [work.others()], ()))

    def exists(path: str) -> bool:
        return os.path.lexists(os.path.join(work.top, path))

    return list(judge(baseline, accepted.used, work.today, work.scanner.knows, exists))


def _line(entry: Entry) -> str:
    until = f", until {entry.expires}" if entry.expires else ""
    return _printable(f"{entry.path}  {entry.rule}  {entry.reason}  ({entry.who}, {entry.date}{until})")


def _print_written(work: _Work, entries: Sequence[Entry]) -> None:
    print(f"{work.name}: {_count(len(entries), 'entry', 'entries')}. Commit it with your change.")


def _print_difference(before: Sequence[Entry], after: Sequence[Entry]) -> None:
    for sign, entries in (("-", set(before) - set(after)), ("+", set(after) - set(before))):
        for entry in sorted(entries):
            print(f"{sign} {_line(entry)}")


def _print_findings(findings: Sequence[Finding]) -> None:
    for finding in findings:
        place = finding.occurrences[0]
        print(f"  {finding.fingerprint[:12]}  {_printable(place.path or place.where)}:{place.line}  {finding.rule.id}")


def _printable(text: str) -> str:
    return one_line(text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
