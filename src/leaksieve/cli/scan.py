"""`leaksieve scan`: files, directories, standard input."""

import os
import sys
from collections.abc import Mapping, Sequence

from leaksieve.baseline.joined import FromFolder
from leaksieve.cli.options import finish, report_options
from leaksieve.cli.parsing import add_jobs, parser
from leaksieve.cli.progress import Progress
from leaksieve.cli.settings import from_top, settings_of, work_tree
from leaksieve.scan import scan
from leaksieve.sources.files import STDIN, FilesSource

_DESCRIPTION = """\
Scan files as they are on disk, every file below a directory, or standard input (`-`). Inside a repository,
what .gitignore names is left out unless it is named itself."""


def run(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command."""
    made = parser("scan", _DESCRIPTION)
    made.add_argument("paths", nargs="*", metavar="PATH", default=["."], help="what to scan (default: this folder)")
    made.add_argument("--no-ignore", action="store_true", help="scan what .gitignore names, too")
    add_jobs(made)
    arguments = made.parse_args(argv)
    settings = settings_of(arguments, environment, work_tree(os.curdir, environment))
    options = report_options(arguments, environment, "Found", show_all=True)
    piped = sys.stdin.buffer.read() if STDIN in arguments.paths else b""
    source = FilesSource(arguments.paths, environment, ignore=not arguments.no_ignore, piped=piped)
    run = Progress(arguments.jobs, "file").runner
    # What is accepted is named from the top of the repository, whatever folder the user is in.
    excuses = FromFolder(settings.excuses, from_top(os.curdir, environment))
    return finish(scan(source, settings.rules, run, excuses), options)
