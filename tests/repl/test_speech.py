from __future__ import annotations

from itertools import pairwise

from hypothesis import given, strategies as st

from spark_cli.core.ids import ItemId
from spark_cli.core.printable import printable
from spark_cli.repl.lines import plain
from spark_cli.repl.speech import Speech


@given(
    text=st.text(alphabet="a\r\n\x1b\x9b\u202e`*|-> ", max_size=60),
    cuts=st.lists(st.integers(0, 60)).map(sorted),
)
def test_raw_text_is_the_same_in_any_pieces_and_harmless(
    text: str, cuts: list[int]
) -> None:
    whole, torn = Speech(ItemId("m"), 40), Speech(ItemId("m"), 40)
    edges = [0, *cuts, len(text)]
    for start, end in pairwise(edges):
        torn.feed(text[start:end])

    lines = [plain(line) for line in torn.finish(text)]

    assert lines == [plain(line) for line in whole.finish(text)]
    assert "".join(lines) == printable("".join(lines))
    assert torn.said == text
