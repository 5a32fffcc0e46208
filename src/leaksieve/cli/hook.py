"""`leaksieve hook`: what git runs before a commit."""

import os
from collections.abc import Mapping, Sequence

from leaksieve.cli.options import finish, parser, report_options, rules_of
from leaksieve.errors import InputError
from leaksieve.git.repository import Repository, open_repository
from leaksieve.scan import scan
from leaksieve.sources.source import Source
from leaksieve.sources.staged import StagedSource

_DESCRIPTION = """\
Check what the next commit would add. Run by git or by pre-commit; without arguments it checks the staged
changes. File names that are not staged are scanned whole, as `pre-commit run --all-files` asks for. Two refs
check every commit between them."""


def run(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command."""
    made = parser("hook", _DESCRIPTION)
    made.add_argument("files", nargs="*", help="files that pre-commit passes")
    made.add_argument("--from-ref", default=environment.get("PRE_COMMIT_FROM_REF"), help="check commits after this one")
    made.add_argument("--to-ref", default=environment.get("PRE_COMMIT_TO_REF"), help="check commits up to this one")
    arguments = made.parse_args(argv)
    if (arguments.from_ref is None) != (arguments.to_ref is None):
        raise InputError("--from-ref and --to-ref go together")
    options = report_options(arguments, environment, "Blocked", show_all=False)
    rules = rules_of(arguments, environment)
    repository = open_repository(os.curdir, environment, located=True)
    source = _source(repository, arguments.files, arguments.from_ref, arguments.to_ref, environment)
    return finish(scan(source, rules), options)


def _source(
    repository: Repository,
    files: Sequence[str],
    from_ref: str | None,
    to_ref: str | None,
    environment: Mapping[str, str],
) -> Source:
    # What only some calls need is imported there: a commit pays for the staged source alone.
    if from_ref is not None and to_ref is not None:
        from leaksieve.sources.commits import RangeSource  # noqa: PLC0415

        return RangeSource(repository, from_ref, to_ref)
    staged = StagedSource(repository)
    # Git tells its hooks which index to read. Without that, somebody runs the hook by hand, and files that
    # are not staged mean --all-files or --files: those are scanned whole.
    by_hand = "GIT_INDEX_FILE" not in environment
    if by_hand and not set(files) <= staged.staged_paths():
        from leaksieve.sources.files import FilesSource  # noqa: PLC0415

        return FilesSource(files, environment)
    return staged
