"""The dispatcher: imports only the command that was asked for, since a hook has no time for the others."""

import gc
import importlib
import os
import sys
from collections.abc import Mapping, Sequence

from leaksieve import __version__
from leaksieve.errors import LeaksieveError

COMMANDS = {
    "hook": "check the staged changes, and block the commit when they hold a credential",
    "history": "audit everything that a repository still holds",
    "scan": "scan files, directories or standard input",
    "ci": "check a pull request or push where CI runs",
    "install": "make git run leaksieve before commits and pushes",
    "uninstall": "take leaksieve out of git's hooks again",
    "commit-msg": "check a commit's message, as git's commit-msg hook",
    "pre-push": "check what a push would send, as git's pre-push hook",
    "pre-receive": "check what a push brings to a server, as git's pre-receive hook",
    "baseline": "accept findings with a reason, and look after what was accepted",
    "rules": "list, show, check and try rules",
    "config": "show the settings in force and where each came from, or check them",
    "migrate": "make one configuration of what other tools left in a repository",
}
_ERROR = 2
_INTERRUPTED = 130
_USAGE = """\
usage: leaksieve COMMAND [OPTIONS]

Finds credentials in git: blocks them at commit time and audits everything a repository still holds.

commands:
{commands}

options:
  -h, --help     show this help; `leaksieve COMMAND --help` shows a command's own
  --version      show the version

exit codes: 0 complete and clean, 1 findings, 2 error or incomplete scan, 130 interrupted
"""


def run() -> None:
    """Run the command line and end the process with its exit code."""
    # A hook is over before there is anything to collect: looking for it takes 2 of its 40 ms.
    gc.disable()
    # A name that the terminal cannot show must not end a report.
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    code = main(sys.argv[1:], os.environ)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
    sys.exit(code)


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run one command; give its exit code, which never says clean or findings when the scan failed."""
    try:
        return _dispatch(arguments, environment)
    except LeaksieveError as error:
        _complain(str(error))
    except KeyboardInterrupt:
        _complain("interrupted")
        return _INTERRUPTED
    except BrokenPipeError:
        _drop_output()
    except OSError as error:
        _complain(f"{error.filename or 'output'}: {error.strerror}")
    except Exception as error:  # noqa: BLE001 - an uncaught exception would exit with 1, which means findings
        import traceback  # noqa: PLC0415 - 3 ms that only a crash needs

        # Its message could quote scanned text, so only its kind and place are shown.
        traceback.print_tb(error.__traceback__)
        _complain(f"internal error ({type(error).__name__}); please report it with the lines above")
    return _ERROR


def _dispatch(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    name = arguments[0] if arguments else "--help"
    if name in ("-h", "--help", "help"):
        listed = "\n".join(f"  {command:<14} {summary}" for command, summary in COMMANDS.items())
        print(_USAGE.format(commands=listed), end="")
        return 0 if arguments else _ERROR
    if name in ("--version", "-V"):
        print(f"leaksieve {__version__}")
        return 0
    if name not in COMMANDS:
        _complain(f"{name!r} is no command; there are: {', '.join(COMMANDS)}")
        return _ERROR
    if name != "hook":
        gc.enable()
    command = importlib.import_module(f"leaksieve.cli.{name.replace('-', '_')}")
    code: int = command.run(arguments[1:], environment)
    return code


def _complain(message: str) -> None:
    printable = message.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    sys.stderr.write(f"leaksieve: {printable}\n")


def _drop_output() -> None:
    """Let nothing more be written to a pipe that nobody reads."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
