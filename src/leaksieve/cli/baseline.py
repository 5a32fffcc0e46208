"""`leaksieve baseline`: accept findings for good, and look after what was accepted."""

import argparse
import os
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from leaksieve.baseline.accepted import Accepted
from leaksieve.baseline.entries import Baseline, Entry, is_date, new_key, read_baseline, write_baseline
from leaksieve.baseline.excuses import BASELINE
from leaksieve.baseline.joined import Joined
from leaksieve.baseline.others import other_tools
from leaksieve.baseline.review import EXPIRED, STALE, UNUSED, Terms, accept, judge, update
from leaksieve.cli.accepting import SOURCES, Scanner, still_open, targets_found, who_accepts
from leaksieve.cli.parsing import Parser, add_jobs
from leaksieve.cli.settings import allowed_by_git_secrets, settle, top_of, work_tree
from leaksieve.core.finding import Finding
from leaksieve.core.rule import CONFIDENCES, LOW
from leaksieve.errors import InputError

_DESCRIPTION = "Accept findings with a reason, in a file that is reviewed and committed. See docs/baseline.md."
_UNREVIEWED = "not reviewed: it was there before the baseline"


def run(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command."""
    arguments = _parser().parse_args(argv)
    top = top_of(os.curdir, environment)
    settled = settle(arguments, environment, work_tree(os.curdir, environment))
    file = os.path.join(top, arguments.baseline or BASELINE)
    scanner = Scanner(top, settled.rules, arguments.jobs, environment)
    return _ACTIONS[arguments.action](_Work(arguments, top, file, scanner, environment, time.strftime("%Y-%m-%d")))


class _Work(NamedTuple):
    """What an action works with: `top` is the repository's top folder, `file` the baseline."""

    arguments: argparse.Namespace
    top: str
    file: str
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
        return Joined(None, list(other_tools(read, self.scanner.rules, self.allowed_by_git, told.append)), told)

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
        if arguments.expires and (not is_date(arguments.expires) or arguments.expires < self.today):
            raise InputError(f"--expires {arguments.expires}: give a date to come, as in {self.today}")
        who = arguments.who or who_accepts(self.environment)
        scope: str | None = getattr(arguments, "path", None)
        return Terms(arguments.reason.strip(), who, self.today, arguments.expires or "", scope)


def _parser() -> Parser:
    common = Parser(add_help=False)
    common.add_argument("--baseline", metavar="FILE", help=f"the file (default: {BASELINE} at the repository's top)")
    common.add_argument("--config", metavar="FILE", help="the configuration, see docs/configuration.md")
    common.add_argument("--no-config", action="store_true", help="heed no configuration file")
    common.set_defaults(rule=None, command="baseline", format=None)
    add_jobs(common)
    scanning = Parser(add_help=False)
    scanning.add_argument(
        "--from",
        dest="source",
        choices=SOURCES,
        default="history",
        help="scan the history and the files on disk (default), or the files alone",
    )
    scanning.add_argument("--fail-on", choices=tuple(CONFIDENCES), help="least confidence (default: medium)")
    accepting = Parser(add_help=False)
    accepting.add_argument("--who", metavar="NAME", help="who accepts (default: who git says you are)")
    accepting.add_argument("--expires", metavar="DATE", help="the last day on which it is accepted, as in 2026-12-31")
    made = Parser(prog="leaksieve baseline", description=_DESCRIPTION, allow_abbrev=False)
    actions = made.add_subparsers(dest="action", required=True, metavar="ACTION")

    def action(name: str, text: str, *parents: Parser) -> Parser:
        return actions.add_parser(name, help=text, description=text, parents=[*parents, common], allow_abbrev=False)

    create = action("create", "Accept everything that a scan finds now.", scanning, accepting)
    create.add_argument("--reason", metavar="TEXT", default=_UNREVIEWED, help=f"why (default: {_UNREVIEWED})")
    create.add_argument("--force", action="store_true", help="replace the file that is there")
    add = action("add", "Accept single findings.", accepting)
    add.add_argument("targets", nargs="+", metavar="FINDING", help="FILE:LINE, FILE, or an id as a report shows it")
    add.add_argument("--reason", metavar="TEXT", required=True, help="why it is no credential, or may stay")
    add.add_argument("--path", metavar="GLOB", help="accept it at these paths (default: where it stands); * everywhere")
    add.add_argument("--only", metavar="RULE", help="only what this rule found there")
    add.set_defaults(fail_on="low")
    renew = action("update", "Follow renamed files, and drop what is gone.", scanning, accepting)
    renew.add_argument("--reason", metavar="TEXT", default="", help="accept new findings, too, for this reason")
    action("check", "Name entries that have expired or accept nothing.", scanning)
    action("prune", "Take such entries out.", scanning)
    action("show", "List the entries.").set_defaults(fail_on="low")
    return made


def _create(work: _Work) -> int:
    if os.path.exists(work.file) and not work.arguments.force:
        raise InputError(f"{work.name}: is there already; use `leaksieve baseline update`, or --force to begin anew")
    terms = work.terms()
    found = work.scanner.findings(work.arguments.source, work.others(), whole=False)
    findings = still_open(found, CONFIDENCES[work.arguments.fail_on])
    key = new_key()
    entries = tuple(accept(key, findings, terms))
    work.write(Baseline((key,), entries))
    _print_written(work, entries)
    return 0


def _add(work: _Work) -> int:
    terms = work.terms()
    baseline = work.read_if_there() or Baseline((new_key(),), ())
    keys = baseline.keys or (new_key(),)
    accepted = Joined(Accepted(baseline, work.name, work.today, LOW), [work.others()], ())
    findings = targets_found(work.scanner, work.arguments.targets, work.arguments.only, accepted)
    added = tuple(accept(keys[0], findings, terms))
    # What is accepted anew is no longer accepted on older terms.
    replaced = {entry[:3] for entry in added}
    kept = tuple(entry for entry in baseline.entries if entry[:3] not in replaced)
    work.write(Baseline(keys, kept + added))
    for entry in added:
        until = f" until {entry.expires}" if entry.expires else ""
        print(f"Accepted {entry.rule} in {_printable(entry.path)}{until}.")
    if not added:
        print("Nothing to accept: what is found there is excused already.")
        return 0
    _print_written(work, kept + added)
    return 0


def _update(work: _Work) -> int:
    baseline = work.read()
    terms = work.terms() if work.arguments.reason else None
    renewed = update(baseline, work.scanner.findings(work.arguments.source, work.others()), work.today)
    new = still_open(renewed.unknown, CONFIDENCES[work.arguments.fail_on])
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
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
