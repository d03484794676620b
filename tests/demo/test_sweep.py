"""Changes in many places, with the tools of several clients on real files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from spark_cli.core.items import AgentMessage, ToolCall, ToolOutput
from tests.demo.desk import ALL, SPARK, Kit, Talk, work

LICENSE = "MIT License\n\nby MIT\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("LICENSE", "a.md", "docs/NOTICE", "docs/more/NOTES", "other/NOTES"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(LICENSE)
    return tmp_path


def changed(folder: Path) -> list[str]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return sorted(
        path.relative_to(folder).as_posix()
        for path in paths
        if path.read_text() != LICENSE
    )


def size(talk: Talk) -> int:
    """The characters of a conversation."""
    total = 0
    for item in talk.items:
        if isinstance(item, ToolCall):
            total += len(item.input)
        elif isinstance(item, ToolOutput | AgentMessage):
            total += len(item.text)
    return total


@pytest.mark.parametrize("kit", ALL.values(), ids=ALL.keys())
@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        ("replace 'MIT' with 'TIM' in LICENSE", ["LICENSE"]),
        ("replace 'MIT' with 'TIM' in the LICENSE file", ["LICENSE"]),
        ("in LICENSE, replace 'MIT' with 'TIM'", ["LICENSE"]),
        ("rename MIT to TIM in LICENSE", ["LICENSE"]),
        ("rename MIT to TIM in the docs folder", ["docs/NOTICE", "docs/more/NOTES"]),
        ("replace 'MIT' with 'TIM' in docs/NOTICE", ["docs/NOTICE"]),
        ("replace 'MIT' with 'TIM' in NOTICE", ["docs/NOTICE"]),
    ],
)
def test_a_change_stays_in_its_scope(
    tree: Path, kit: Kit, prompt: str, names: list[str]
) -> None:
    said = work(tree, prompt, kit).said

    assert changed(tree) == names, said


@pytest.mark.parametrize("kit", ALL.values(), ids=ALL.keys())
@pytest.mark.parametrize("where", ["COPYING", "copying.md", "docs/LICENSE", "docs/x.y"])
@pytest.mark.parametrize("ask", ["replace 'MIT' with 'TIM' in", "rename MIT to TIM in"])
def test_a_scope_that_is_nowhere_is_told_and_nothing_is_changed(
    tree: Path, kit: Kit, where: str, ask: str
) -> None:
    said = work(tree, f"{ask} {where}", kit).said

    assert changed(tree) == []
    assert f"I cannot look in `{where}`, so I changed nothing" in said


def test_a_scope_that_may_be_two_is_asked_for(tree: Path) -> None:
    said = work(tree, "replace 'MIT' with 'TIM' in NOTES", SPARK).said

    assert changed(tree) == []
    assert "any of `docs/more/NOTES`, `other/NOTES`" in said


def large(folder: Path, files: int, lines: int) -> None:
    for number in range(files):
        text = [f"row_{at} = {number}" for at in range(lines)]
        text[lines // 3] = "total = rate * 2"
        text[-9:] = ["if total:"] * 9
        (folder / f"m{number:02}.py").write_text("\n".join([*text, ""]))


@pytest.mark.parametrize("name", ["spark", "codex"])
def test_only_the_lines_around_the_matches_are_read(tmp_path: Path, name: str) -> None:
    large(tmp_path, files=12, lines=2_000)

    talk = work(tmp_path, "rename total to amount", ALL[name])

    texts = [path.read_text() for path in sorted(tmp_path.iterdir())]
    assert [text.count("amount") for text in texts] == [10] * 12
    assert not any("total" in text for text in texts)
    assert size(talk) < 20_000
    assert "120 places in 12 files" in talk.said


def test_what_a_patch_has_covered_is_not_searched_for_again(tmp_path: Path) -> None:
    large(tmp_path, files=3, lines=100)

    talk = work(tmp_path, "rename total to total_amount", SPARK)

    assert len(talk.named("search")) == 1
    assert len(talk.named("apply_patch")) == 1


def test_matches_that_look_alike_all_around_are_read_whole(tmp_path: Path) -> None:
    block = ["", "def f():", "    a()", "    return total", "", "x = 1", "y = 2", ""]
    far = [f"row_{at}" for at in range(60)]
    (tmp_path / "a.py").write_text("\n".join([*block, *far, *block, *far, ""]))

    talk = work(tmp_path, "rename total to amount", SPARK)

    assert (tmp_path / "a.py").read_text().count("return amount") == 2, talk.said
    assert json.loads(talk.named("read_file")[-1]) == {"path": "a.py"}


def test_what_was_changed_once_is_not_changed_again(tmp_path: Path) -> None:
    large(tmp_path, files=12, lines=30)

    said = work(tmp_path, "replace 'total' with 'total_2'", SPARK).said

    texts = [path.read_text() for path in sorted(tmp_path.iterdir())]
    assert [text.count("total_2") for text in texts[:9]] == [10] * 9
    assert not any("total_2_2" in text for text in texts)
    assert "there may be places left" in said


def test_more_than_fits_a_conversation_is_left_for_another_time(tmp_path: Path) -> None:
    large(tmp_path, files=40, lines=400)

    first = work(tmp_path, "rename total to total_amount", SPARK)
    second = work(tmp_path, "rename total to total_amount", SPARK, first.items)

    assert "300 places in 30 files" in first.said
    assert "ask again for the rest" in first.said
    assert "100 places in 10 files" in second.said
    texts = [path.read_text() for path in tmp_path.iterdir()]
    assert [text.count("total_amount") for text in texts] == [10] * 40


def test_a_search_that_is_out_of_date_is_not_trusted(tmp_path: Path) -> None:
    large(tmp_path, files=1, lines=100)

    def search(folder: Path, given: Mapping[str, object], text: str) -> str:
        return "1 matching line\nm00.py:70: total = rate * 2"

    kit = replace(SPARK, run={**SPARK.run, "search": search})
    work(tmp_path, "rename total to amount", kit)

    assert "total" not in (tmp_path / "m00.py").read_text()


def test_a_search_that_is_not_allowed_is_told(tree: Path) -> None:
    output = "exec command rejected by user"
    kit = replace(ALL["codex"], run=dict.fromkeys(ALL["codex"].run, lambda *_: output))

    said = work(tree, "rename MIT to TIM", kit).said

    assert said == f"I could not look (the tool says: {output})."


def test_what_is_edited_part_by_part_may_stop_midway(tree: Path) -> None:
    outputs = iter(["Edit applied successfully.", "rejected by user"])
    kit = ALL["editors"]
    kit = replace(kit, run={**kit.run, "edit": lambda *_: next(outputs)})

    said = work(tree, "rename MIT to TIM", kit).said

    assert "You did not want that change, so the rest was not written" in said
