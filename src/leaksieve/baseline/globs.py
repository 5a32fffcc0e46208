"""Patterns of paths, in the dialects of the files that hold them. Each becomes a regex that must match a whole path."""

import re
from collections.abc import Iterable
from functools import cache

_PARTS = re.compile(r"(/\*\*/|^\*\*/|/\*\*$|\*\*)|(\*)|(\?)|\\(.)|(\[[!^]?\]?[^\]]*\])|(.)", re.DOTALL)
_DEEP = {"/**/": "/(?:.*/)?", "**/": "(?:.*/)?", "/**": "/.+", "**": ".*"}


def translate(glob: str) -> str:
    r"""Translate a pattern: `*` and `?` stay in a folder, `**` does not, `[a-z]` is a class, `\` quotes the next.

    Source: https://git-scm.com/docs/gitignore#_pattern_format
    """
    parts = []
    for deep, star, mark, escaped, group, other in _PARTS.findall(glob):
        if group:
            parts.append(_class(group[1:-1]))
        else:
            parts.append(_DEEP.get(deep) or (star and "[^/]*") or (mark and "[^/]") or re.escape(escaped or other))
    return "".join(parts)


def _class(inside: str) -> str:
    negated = inside.startswith(("!", "^"))
    members = re.findall(r"(.)-(.)|(.)", inside[negated:], re.DOTALL)
    ranges = [f"{re.escape(low)}-{re.escape(high)}" if low else re.escape(one) for low, high, one in members]
    kept = "".join(each for each, (low, high, _) in zip(ranges, members, strict=True) if low <= high)
    # A range that is upside down holds nothing.
    return f"(?!/)[{'^' * negated}{kept}]" if kept else "[^/]" if negated else "(?!)"


@cache
def scope(glob: str) -> re.Pattern[str]:
    """Compile a path scope of the baseline: from the repository's top, `*` for everywhere."""
    return re.compile(".*" if glob == "*" else translate(glob), re.DOTALL)


def literal(path: str) -> str:
    r"""Give the scope that means this path alone."""
    return re.sub(r"[*?\[\\]", r"\\\g<0>", path)


def is_literal(glob: str) -> bool:
    """Tell whether a scope means one path, given as it is."""
    return not re.search(r"[*?\[\\]", glob)


class IgnoreList:
    """Lines of a gitignore file: the last that fits decides, but nothing in an ignored folder is taken back.

    Source: https://git-scm.com/docs/gitignore#_pattern_format
    """

    def __init__(self, lines: Iterable[str]) -> None:
        """Compile the lines; comments and blank ones are none."""
        stripped = (re.sub(r"(?<!\\) +$", "", line.rstrip("\r")) for line in lines)
        self._patterns = [self._compiled(line) for line in stripped if line and not line.startswith("#")]

    @staticmethod
    def _compiled(line: str) -> tuple[bool, bool, re.Pattern[str]]:
        body = line.removeprefix("!")
        above = "" if "/" in body.rstrip("/") else "(?:.*/)?"
        return line == body, body.endswith("/"), re.compile(above + translate(body.strip("/")), re.DOTALL)

    def ignores(self, path: str) -> bool:
        """Tell whether a path is ignored."""
        folders = (path[: found.start()] for found in re.finditer("(?<=[^/])/(?=.)", path, re.DOTALL))
        return any(self._decides(folder, is_folder=True) for folder in folders) or self._decides(path, is_folder=False)

    def _decides(self, step: str, *, is_folder: bool) -> bool:
        fitting = [
            ignored
            for ignored, only_folders, pattern in self._patterns
            if is_folder >= only_folders and pattern.fullmatch(step)
        ]
        return bool(fitting) and fitting[-1]
