"""Rules that an installed package brings: an organisation's, named by an entry point.

Source: https://packaging.python.org/en/latest/specifications/entry-points/
"""

from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from leaksieve.cli.keys import nearest
from leaksieve.errors import InputError


def package_files(package: str, name: str, read: Callable[[str], bytes | None]) -> Iterator[tuple[str, bytes]]:
    """Read the TOML files in the package that an entry point of the group `leaksieve.rules` names.

    Raises:
        InputError: no such package is installed, or it has no such files.
    """
    known = entry_points(group="leaksieve.rules")
    for entry in known:
        if entry.name == package:
            spec = find_spec(entry.module)
            folders = spec.submodule_search_locations if spec else None
            files = sorted(path for folder in folders or [] for path in Path(folder).glob("*.toml"))
            if not files:
                raise InputError(f"{name}: extend: {package} has no TOML files in {entry.module}")
            yield from ((str(path), read(str(path)) or b"") for path in files)
            return
    hint = nearest(package, (entry.name for entry in known))
    raise InputError(f"{name}: extend: no installed package has the entry point leaksieve.rules {package!r}{hint}")
