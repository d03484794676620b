from __future__ import annotations

from pathlib import Path

import pytest

from spark_cli.tools import wording

WORDS = sorted(path.stem for path in Path(wording.__file__).parent.glob("words/*.md"))


@pytest.mark.parametrize("tool", WORDS)
def test_every_text_is_one_short_paragraph(tool: str) -> None:
    text = wording.describe(tool)

    assert text == text.strip()
    assert 50 < len(text) < 3_000
