"""Which models a server has: `GET {base}/models`, in the shapes that servers use."""

from __future__ import annotations

from spark_cli.config.settings import Provider
from spark_cli.core.errors import SparkError, Unavailable
from spark_cli.core.json import JsonValue
from spark_cli.core.secret import Secret
from spark_cli.wire.codec import parse
from spark_cli.wire.endpoint import Endpoint
from spark_cli.wire.sse import client, refused, translated

PATIENCE_S = 10.0


async def models(provider: Provider, key: Secret | None) -> list[str]:
    """The names, in the server's order, each once; a `SparkError` if it has no list."""
    endpoint = Endpoint(provider, key)
    where = endpoint.where
    try:
        with translated(where):
            async with client(PATIENCE_S) as http:
                answer = await http.get(
                    endpoint.url("/models"), headers=endpoint.headers()
                )
                if answer.status_code != 200:
                    raise await refused(answer, where)
                content = answer.content
    except SparkError as error:
        raise endpoint.cleaned(error) from None
    found = names(parse(content))
    if found is None:
        raise Unavailable(f"{where} answered without a list of models")
    return found


def names(answer: JsonValue) -> list[str] | None:
    """The models of an answer: `data[].id`, `models[].slug` or a plain list."""
    rows = answer
    if isinstance(answer, dict):
        rows = answer.get("data", answer.get("models"))
    if not isinstance(rows, list):
        return None
    found = (_name(row) for row in rows)
    return list(dict.fromkeys(name for name in found if name))


def _name(row: JsonValue) -> str:
    if isinstance(row, dict):
        row = row.get("id") or row.get("slug") or row.get("name") or row.get("model")
    return row if isinstance(row, str) else ""
