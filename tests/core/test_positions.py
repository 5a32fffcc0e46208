"""Where offsets stand in a text: lines and columns, counted on from the last one or not."""

from hypothesis import given
from hypothesis import strategies as st

from leaksieve.core.decode import decode, display
from leaksieve.core.positions import Positions, RawPositions


@given(st.binary(max_size=60) | st.text("aé\n漢😀", max_size=60).map(str.encode), st.data())
def test_lines_and_columns_are_those_of_the_whole_text_before(data: bytes, draw: st.DataObject) -> None:
    text = decode(data).text
    offsets = draw.draw(st.lists(st.integers(0, len(text)), max_size=8))
    positions = Positions(text)
    for offset in offsets:
        before = text[:offset]
        assert positions.line(offset) == before.count("\n") + 1
        assert positions.column(offset) == len(display(before[before.rfind("\n") + 1 :])) + 1


@given(st.text("aé\n漢਀😀", max_size=40), st.sampled_from(["utf-16-le", "utf-16-be", "utf-32-le"]), st.data())
def test_lines_of_wide_text_are_those_that_git_sees(wide: str, encoding: str, draw: st.DataObject) -> None:
    ends = [len(wide[:end].encode()) for end in range(len(wide) + 1)]
    positions = RawPositions(wide.encode().decode("latin-1"), encoding)
    for end in draw.draw(st.lists(st.integers(0, len(wide)), max_size=8)):
        assert positions.line(ends[end]) == wide[:end].encode(encoding).count(b"\n") + 1
