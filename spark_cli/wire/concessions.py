"""What a model's server refused, so that it is not asked for it again.

Servers and models differ in the parameters they take, and say so by refusing the
request.  The parameter is dropped, the request is sent again, and the rest of the
session does without.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from spark_cli.core.errors import SparkError
from spark_cli.wire.failures import Rejected
from spark_cli.wire.request import Request
from spark_cli.wire.responses import REASONING_ITEMS

# Without these there is no request.
_NEEDED = frozenset({"model", "input", "instructions", "messages", "stream", "tools"})


@dataclass(slots=True)
class _Concession:
    rejects: set[str] = field(default_factory=set)
    plain_tools: bool = False


class Concessions:
    def __init__(self) -> None:
        self._of: dict[str, _Concession] = {}

    def fit(self, request: Request) -> Request:
        """The request without what its model's server refused before."""
        made = self._of.get(request.model)
        if made is None:
            return request
        return replace(
            request,
            rejects=request.rejects | made.rejects,
            freeform_tools=request.freeform_tools and not made.plain_tools,
        )

    def learn(self, error: SparkError, request: Request) -> bool:
        """Whether the error names something that the next try can do without.

        `request` is the one that was refused; what it did without already is no
        news, so that trying again comes to an end.
        """
        if not isinstance(error, Rejected):
            return False
        made = self._of.setdefault(request.model, _Concession())
        if request.freeform_tools and error.param.startswith("tools"):
            made.plain_tools = True
            return True
        name = _refused(error)
        if not name or name in request.rejects:
            return False
        made.rejects.add(name)
        return True


def _refused(error: Rejected) -> str:
    """The parameter that is to be left out, or nothing."""
    if "encrypted" in f"{error.code} {error.message}":
        return REASONING_ITEMS
    root = error.param.partition(".")[0].partition("[")[0]
    if error.code != "unsupported_parameter" or root in _NEEDED:
        return ""
    return error.param
