"""`leaksieve history`: the audit."""

from collections.abc import Mapping, Sequence

from leaksieve.cli.options import add_jobs, finish, parser, report_options, rules_of
from leaksieve.cli.progress import runner
from leaksieve.git.repository import open_repository
from leaksieve.scan import scan
from leaksieve.sources.history import HistorySource

_DESCRIPTION = """\
Audit everything that a repository still holds: every object of its database, whether a branch leads to it
or not. Reports each credential once, with the commit that brought it and whether HEAD still has it."""


def run(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command."""
    made = parser("history", _DESCRIPTION)
    made.add_argument(
        "repository", nargs="?", metavar="REPO", help="a repository (default: the one around this folder)"
    )
    made.add_argument(
        "--engine",
        choices=("delta", "full"),
        default="delta",
        help="delta reads packs directly (default); full has git print every object: slower, and the same report",
    )
    add_jobs(made)
    arguments = made.parse_args(argv)
    options = report_options(arguments, environment, "Found", show_all=True)
    rules = rules_of(arguments, environment)
    named = arguments.repository
    repository = open_repository(named or ".", environment, located=named is None)
    source = HistorySource(repository, named or ".", deltas=arguments.engine == "delta")
    return finish(scan(source, rules, runner(arguments.jobs)), options)
