"""Which part of a history an audit reports."""

from typing import NamedTuple


class Limits(NamedTuple):
    """Which part of a history is reported.

    Attributes:
        chosen: the commits, as arguments of `git log`; None for all.
        paths: only files at or below one of these, where "" is the top; all files when there are none.
        reachable_only: whether what no ref leads to is left out.
    """

    chosen: tuple[str, ...] | None = None
    paths: tuple[str, ...] = ()
    reachable_only: bool = False

    @property
    def only_commits(self) -> bool:
        """Whether only what stands in commits is reported."""
        return self.chosen is not None or bool(self.paths)

    @property
    def hides_unreachable(self) -> bool:
        """Whether what no ref leads to is left out."""
        return self.reachable_only or self.only_commits

    def has_path(self, path: str) -> bool:
        """Tell whether a path is among those wanted."""
        return not self.paths or any(not wanted or f"{path}/".startswith(f"{wanted}/") for wanted in self.paths)


EVERYTHING = Limits()
