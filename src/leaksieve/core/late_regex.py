"""A regex that is compiled when it is first needed."""

import re
from collections.abc import Callable
from functools import cached_property


class LateRegex:
    """A regex over ASCII classes; compiling all of them on import would cost every hook 4 ms."""

    def __init__(self, pattern: str, flags: int = 0) -> None:
        """Remember it."""
        self._pattern, self._flags = pattern, flags

    @cached_property
    def search(self) -> Callable[[str], re.Match[str] | None]:
        """Find it in a text."""
        return re.compile(self._pattern, re.ASCII | self._flags).search
