"""The actions of `leaksieve baseline`, and their options."""

from leaksieve.baseline.excuses import BASELINE
from leaksieve.cli.accepting import SOURCES
from leaksieve.cli.parsing import Parser, add_jobs
from leaksieve.core.rule import CONFIDENCES

_DESCRIPTION = "Accept findings with a reason, in a file that is reviewed and committed. See docs/baseline.md."
_UNREVIEWED = "not reviewed: it was there before the baseline"


def baseline_parser() -> Parser:
    """Make the parser of all actions; each knows its name as `action`."""
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
