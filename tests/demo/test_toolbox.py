from __future__ import annotations

import json

import pytest

from spark_cli.demo.toolbox import Skill, recognise
from spark_cli.wire.request import ToolSpec
from tests.demo.desk import function


@pytest.mark.parametrize(
    ("spec", "skill"),
    [
        (function("read_file", path="string"), Skill.READ),
        (function("Read", file_path="string", offset="integer"), Skill.READ),
        (function("list_files", path="string"), Skill.LIST),
        (function("glob", pattern="string"), Skill.GLOB),
        (function("search", pattern="string"), Skill.SEARCH),
        (function("Grep", pattern="string", path="string"), Skill.SEARCH),
        (function("apply_patch", input="string"), Skill.PATCH),
        (function("apply_patch", whatever="string"), Skill.PATCH),
        (ToolSpec("apply_patch", "", {}, ""), Skill.PATCH),
        (function("exec_command", cmd="string"), Skill.RUN),
        (function("Bash", command="string"), Skill.RUN),
        (function("write_file", path="string", content="string"), Skill.WRITE),
        (
            function("str_replace", path="string", old_str="string", new_str="string"),
            Skill.REPLACE,
        ),
        (function("get_weather", location="string"), None),
        (function("view_image", path="string"), None),
        (function("web_search", query="string"), None),
        (function("write_stdin", session_id="number", chars="string"), None),
        (ToolSpec("code", "", {}, "start: /.*/"), None),
        (function("read_file"), None),
    ],
)
def test_a_tool_is_known_by_its_name_and_its_properties(
    spec: ToolSpec, skill: Skill | None
) -> None:
    assert list(recognise([spec])) == ([skill] if skill else [])


def test_what_a_strict_schema_requires_is_there_and_empty() -> None:
    spec = ToolSpec(
        "read_file",
        "",
        {
            "properties": {
                "path": {"type": "string"},
                "start": {"type": ["integer", "null"]},
                "count": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                "encoding": {"enum": ["utf-8"]},
            },
            "required": ["path", "start", "count", "encoding"],
        },
    )

    use = recognise([spec])[Skill.READ].use(path="a.py", nonsense=1)

    assert json.loads(use.input) == {
        "path": "a.py",
        "start": None,
        "count": None,
        "encoding": "utf-8",
    }
