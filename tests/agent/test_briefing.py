from __future__ import annotations

import os
from pathlib import Path

import pytest

from spark_cli.agent.briefing import brief


def test_guides_are_read_from_the_root_down(tmp_path: Path) -> None:
    inner = tmp_path / "src" / "deep"
    inner.mkdir(parents=True)
    (tmp_path / "AGENTS.md").write_text("outer rule")
    (inner / "AGENTS.md").write_text("inner rule")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "AGENTS.md").write_text("not on the way")

    briefing = brief(tmp_path, inner, 1000)

    assert briefing.guides == ("AGENTS.md", "src/deep/AGENTS.md")
    assert briefing.text.index("outer rule") < briefing.text.index("inner rule")
    assert "not on the way" not in briefing.text
    assert "its folder `src/deep`" in briefing.text


def test_what_is_cut_of_a_guide_is_said(tmp_path: Path) -> None:
    (tmp_path / "AGENTS.md").write_text("x" * 50)

    briefing = brief(tmp_path, tmp_path, 20)

    assert briefing.cut == ("AGENTS.md",)
    assert "[cut: 20 of 50 bytes of `AGENTS.md` are shown]" in briefing.text
    assert "x" * 21 not in briefing.text


def test_the_nearest_guide_is_kept_when_there_is_not_room_for_all(
    tmp_path: Path,
) -> None:
    inner = tmp_path / "src"
    inner.mkdir()
    (tmp_path / "AGENTS.md").write_text("o" * 50)
    (inner / "AGENTS.md").write_text("i" * 50)

    briefing = brief(tmp_path, inner, 60)

    assert briefing.cut == ("AGENTS.md",)
    assert "i" * 50 in briefing.text


def test_the_briefing_is_the_same_byte_for_byte(tmp_path: Path) -> None:
    assert brief(tmp_path, tmp_path, 10) == brief(tmp_path, tmp_path, 10)


def test_a_guide_of_any_size_costs_no_more_than_what_is_taken(tmp_path: Path) -> None:
    with (tmp_path / "AGENTS.md").open("wb") as file:
        file.write(b"first rule")
        file.truncate(1 << 40)

    briefing = brief(tmp_path, tmp_path, 10)

    assert "first rule\n[cut: 10 of 1,099,511,627,776 bytes" in briefing.text


@pytest.mark.parametrize("kind", ["pipe", "folder", "closed"])
def test_a_guide_that_cannot_be_read_is_left_out(tmp_path: Path, kind: str) -> None:
    guide = tmp_path / "AGENTS.md"
    if kind == "pipe":
        os.mkfifo(guide)
    elif kind == "folder":
        guide.mkdir()
    else:
        guide.symlink_to("AGENTS.md")

    assert brief(tmp_path, tmp_path, 10).guides == ()


def test_a_guide_that_points_out_of_the_root_is_not_read(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret").write_text("the key")
    (root / "AGENTS.md").symlink_to(tmp_path / "secret")

    assert "the key" not in brief(root, root, 1000).text
