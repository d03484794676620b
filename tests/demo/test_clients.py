"""Real clients complete a turn with tool calls and a patch, where they are installed.

The Codex CLI runs in a network namespace of its own in which there is only loopback,
together with the endpoint: it cannot reach anything else.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from spark_cli.demo import sample
from spark_cli.demo.server import Demo
from tests.demo.desk import SPARK, Kit, function

pytestmark = pytest.mark.slow

PROMPT = "rename net_price to price_before_tax"
ROUNDS_MAX = 10
Record = Mapping[str, object]


@pytest.fixture
def cafe(tmp_path: Path) -> Path:
    folder = tmp_path / "cafe"
    sample.make(folder)
    return folder


FUNCTIONS = Kit(
    [
        *(spec for spec in SPARK.tools if spec.grammar is None),
        function("apply_patch", input="string"),
    ],
    {
        **SPARK.run,
        "apply_patch": lambda folder, given, _: SPARK.run["apply_patch"](
            folder, {}, str(given["input"])
        ),
    },
)


def tools() -> list[dict[str, object]]:
    return [
        {"type": "function", "name": spec.name, "parameters": spec.schema}
        for spec in FUNCTIONS.tools
    ]


def run(folder: Path, name: str, arguments: str) -> str:
    return FUNCTIONS.run[name](folder, json.loads(arguments), arguments)


def check(folder: Path, said: str) -> None:
    for name in ("README.md", "cafe/orders.py", "cafe/till.py", "tests/test_till.py"):
        assert "price_before_tax" in (folder / name).read_text()
    done = subprocess.run(
        [sys.executable, "-B", "-m", "unittest"],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert "5 places in 4 files" in said


def turn(folder: Path, ask: Callable[[Sequence[object], str | None], object]) -> str:
    """A whole turn on Responses: only new items, with the id of what they continue."""
    items: list[object] = [{"role": "user", "content": PROMPT}]
    previous: str | None = None
    for _ in range(ROUNDS_MAX):
        response = ask(items, previous)
        calls = [
            item
            for item in getattr(response, "output", [])
            if item.type == "function_call"
        ]
        previous = str(getattr(response, "id", ""))
        if not calls:
            return str(getattr(response, "output_text", ""))
        items = [
            {
                "type": "function_call_output",
                "call_id": call.call_id,
                "output": run(folder, call.name, call.arguments),
            }
            for call in calls
        ]
    raise AssertionError(f"no end after {ROUNDS_MAX} rounds")


def test_the_sdk_over_sse(fast: Demo, cafe: Path) -> None:
    openai = pytest.importorskip("openai", reason="the openai SDK is not installed")
    with openai.OpenAI(base_url=fast.base_url, api_key="none") as client:

        def ask(items: Sequence[object], previous: str | None) -> object:
            with client.responses.stream(
                model="gpt-5.5",
                input=items,
                tools=[{**tool, "strict": False} for tool in tools()],
                previous_response_id=previous or openai.omit,
            ) as stream:
                kinds = [event.type for event in stream]
                assert kinds[0] == "response.created"
                assert kinds[-1] == "response.completed"
                return stream.get_final_response()

        check(cafe, turn(cafe, ask))


# The SDK calls a part of websockets that is deprecated since 17.1.
@pytest.mark.filterwarnings("ignore:connect.. must be used:DeprecationWarning")
def test_the_sdk_over_a_websocket(fast: Demo, cafe: Path) -> None:
    openai = pytest.importorskip("openai", reason="the openai SDK is not installed")
    with (
        openai.OpenAI(base_url=fast.base_url, api_key="none") as client,
        client.responses.connect() as connection,
    ):

        def ask(items: Sequence[object], previous: str | None) -> object:
            more = {"previous_response_id": previous} if previous else {}
            connection.response.create(
                model="gpt-5.5", input=items, tools=tools(), store=False, **more
            )
            for event in connection:
                assert event.type != "error", event
                if event.type == "response.completed":
                    return event.response
            raise AssertionError("the connection ended")

        check(cafe, turn(cafe, ask))


def test_the_sdk_on_chat_completions(fast: Demo, cafe: Path) -> None:
    openai = pytest.importorskip("openai", reason="the openai SDK is not installed")
    declared = [
        {
            "type": "function",
            "function": {"name": spec.name, "parameters": spec.schema},
        }
        for spec in FUNCTIONS.tools
    ]
    messages: list[object] = [{"role": "user", "content": PROMPT}]
    with openai.OpenAI(base_url=fast.base_url, api_key="none") as client:
        for _ in range(ROUNDS_MAX):
            with client.chat.completions.stream(
                model="demo",
                messages=messages,
                tools=declared,
                stream_options={"include_usage": True},
            ) as stream:
                for _event in stream:
                    pass
                completion = stream.get_final_completion()
            message = completion.choices[0].message
            assert completion.usage.completion_tokens > 0
            messages.append(message.model_dump(exclude={"parsed"}, exclude_none=True))
            if not message.tool_calls:
                check(cafe, message.content)
                return
            messages += [
                {
                    "role": "tool",
                    "tool_call_id": call.id,
                    "content": run(cafe, call.function.name, call.function.arguments),
                }
                for call in message.tool_calls
            ]
    raise AssertionError(f"no end after {ROUNDS_MAX} rounds")


def test_the_sdk_lists_models_and_reads_errors(fast: Demo) -> None:
    openai = pytest.importorskip("openai", reason="the openai SDK is not installed")
    with openai.OpenAI(base_url=fast.base_url, api_key="none") as client:
        assert "demo" in [model.id for model in client.models.list()]
        with pytest.raises(openai.BadRequestError) as error:
            client.responses.create(model="x", input="x", previous_response_id="resp_0")

    assert error.value.code == "previous_response_not_found"


def codex_program() -> str | None:
    return os.environ.get("CODEX_BIN") or shutil.which("codex")


@pytest.fixture
def loopback() -> list[str]:
    """The words before a command that leave it no network but loopback."""
    words = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    if not shutil.which("unshare") or not shutil.which("ip"):
        pytest.skip("there is no `unshare` or no `ip` here")
    tried = subprocess.run([*words, "true"], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip("a network namespace cannot be made here")
    return words


@pytest.mark.timeout(150)
@pytest.mark.parametrize("transport", ["websocket", "sse"])
def test_the_codex_cli(
    tmp_path: Path, cafe: Path, loopback: Sequence[str], transport: str
) -> None:
    program = codex_program()
    if program is None:
        pytest.skip("the Codex CLI is neither in PATH nor named by CODEX_BIN")
    script = Path(__file__).with_name("codex_turn.py")
    home = tmp_path / "home"
    home.mkdir()
    done = subprocess.run(
        [*loopback, sys.executable, script, program, transport, cafe, home, PROMPT],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: Record = json.loads(done.stdout)

    assert result["code"] == 0, result["stderr"]
    check(cafe, str(result["stdout"]))
    assert result["transports"] == [transport]
    assert result["connections"] == (1 if transport == "websocket" else 0)
    assert {"command_execution", "file_change"} <= set(item_kinds(result["stdout"]))


def item_kinds(stdout: object) -> Iterator[str]:
    for line in str(stdout).splitlines():
        event = json.loads(line)
        if event["type"] == "item.completed":
            yield event["item"]["type"]
