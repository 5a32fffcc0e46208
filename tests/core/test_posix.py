"""Extended regular expressions mean what `grep -E` makes of them."""

import re
import shutil
import subprocess

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from leaksieve.core.posix import python_of

GREP = shutil.which("grep")
ATOMS = st.sampled_from([
    "a", "b", "1", "_", " ", ".", "^", "$", "(a|b)", "(^a)", "[ab]", "[^a]", "[[:alpha:]]", "[^[:digit:]_]", "[]a]",
    "[^]a]", r"[\n]", r"[a\]", "[a-b1]", "[[.a.]-b]", "[[=a=]]", r"\.", r"\<a", r"b\>", r"\bb", r"\w", r"\W", r"\s",
    "{", "}", "x{", "{a", r"\{", r"(a)\1", "-", ":", "/", "|", "#", "()", r"\$", "[.]", "[$^]", "&&", "[a&&b]", "[a~~]",
    "[--/]",
])  # fmt: skip
REPEATS = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{1,}", "{0,2}", "{,2}", "**", "+?", "*+"])
PATTERNS = st.lists(st.builds(str.__add__, ATOMS, REPEATS), min_size=1, max_size=4).map("".join)
TEXTS = st.text(st.sampled_from("ab1_ .x\\n{}$^:-/&~#*+"), max_size=8)


@pytest.mark.skipif(GREP is None, reason="needs grep")
@settings(max_examples=200, deadline=None)
@given(PATTERNS, st.lists(TEXTS, min_size=8, max_size=8))
def test_a_pattern_finds_what_grep_finds(pattern: str, texts: list[str]) -> None:
    # What repeating nothing, or the edge of a word or line, means, POSIX leaves open, and grep is of two minds.
    assume(not re.search(r"(?:\\[<>bB]|^|[(|^$])[*+?{]", pattern))
    lines = "".join(f"{text}\n" for text in texts)
    found = subprocess.run(
        [str(GREP), "-nE", "-e", pattern],
        input=lines.encode(), env={"LC_ALL": "C.UTF-8"}, capture_output=True, check=False,
    )  # fmt: skip
    if found.returncode == 2:
        return
    expected = [int(line.split(b":")[0]) for line in found.stdout.splitlines()]
    compiled = re.compile(python_of(pattern))
    assert [number for number, text in enumerate(texts, 1) if compiled.search(text)] == expected


def test_an_unknown_class_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"\[:alfa:\]"):
        python_of("[[:alfa:]]")
