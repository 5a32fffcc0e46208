"""`leaksieve config`: the settings in force, and where each came from."""

import argparse
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from leaksieve.baseline.excuses import BASELINE
from leaksieve.baseline.others import OTHER_FILES
from leaksieve.cli.configuration import COMMANDS, OPTION_KEYS
from leaksieve.cli.parsing import Parser
from leaksieve.cli.settings import Settings, settings_of, work_tree
from leaksieve.report.words import counted

_DESCRIPTION = """\
Show the settings that a command would run with, or check that the configuration can be used."""


def run(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command."""
    made = Parser(prog="leaksieve config", description=_DESCRIPTION, allow_abbrev=False)
    actions = made.add_subparsers(dest="action", required=True, metavar="ACTION")
    showing = actions.add_parser("show", help="show each setting, and where it came from", allow_abbrev=False)
    showing.add_argument(
        "command", nargs="?", choices=COMMANDS, default="hook", help="of which command (default: hook)"
    )
    showing.add_argument("--format", choices=("text", "json"), default="text")
    checking = actions.add_parser("check", help="say whether the configuration can be used", allow_abbrev=False)
    for each in (showing, checking):
        each.add_argument("--config", metavar="FILE", help="the configuration, see docs/configuration.md")
    arguments = made.parse_args(argv)
    command = arguments.command if arguments.action == "show" else "hook"
    asked = argparse.Namespace(config=arguments.config, no_config=False, rule=None, command=command)
    for key in OPTION_KEYS:
        setattr(asked, key, None)
    read = work_tree(os.curdir, environment)
    settings = settings_of(asked, environment, read)
    if arguments.action == "check":
        print(f"{', '.join(settings.files) or 'no configuration file'}: {counted(len(settings.rules), 'rule')} in use")
        return 0
    accepting = [name for name in (asked.baseline or BASELINE, *OTHER_FILES) if read(name) is not None]
    facts = _facts(asked, settings, accepting)
    print(json.dumps(facts, indent=2) if arguments.format == "json" else "\n".join(_lines(facts)))
    return 0


def _facts(asked: argparse.Namespace, settings: Settings, accepting: Sequence[str]) -> dict[str, Any]:
    options = {key: {"value": getattr(asked, key), "from": settings.origins[key]} for key in OPTION_KEYS}
    return {
        "command": asked.command,
        "files": list(settings.files),
        "options": options,
        "rules": len(settings.rules),
        "entries": [{"key": key, "value": value, "from": origin} for key, value, origin in settings.entries],
        "accepting": [*accepting],
        "notes": [*settings.rules.notes, *(settings.excuses.notes() if settings.excuses else ())],
    }


def _lines(facts: Mapping[str, Any]) -> list[str]:
    options = [f"{key:<10} {option['value'] or '-':<20} {option['from']}" for key, option in facts["options"].items()]
    return [
        f"leaksieve {facts['command']}",
        f"{'files':<10} {', '.join(facts['files']) or 'none'}",
        *options,
        f"{'in use':<10} {counted(facts['rules'], 'rule')}",
        *(f"{entry['key']:<10} {entry['value']:<20} {entry['from']}" for entry in facts["entries"]),
        *(f"{'accepting':<10} {name}" for name in facts["accepting"]),
        *(f"note       {note}" for note in facts["notes"]),
    ]
