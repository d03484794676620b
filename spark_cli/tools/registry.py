"""The tools of a session, and which of them a model meant.

The order is fixed: the declarations open every request, and a server's prompt cache
ends at the first byte that differs.
"""

from __future__ import annotations

from collections.abc import Sequence

from spark_cli.core.effects import Approval
from spark_cli.core.errors import ToolError
from spark_cli.tools import excerpt
from spark_cli.tools.faults import answering
from spark_cli.tools.list import list_tool
from spark_cli.tools.read import read_tool
from spark_cli.tools.search import search_tool
from spark_cli.tools.tool import Tool
from spark_cli.workspace.root import Root
from spark_cli.workspace.tree import Tree

_MEANT = {
    # What models call these tools that were trained on other harnesses.
    "applypatch": "apply_patch",
    "bash": "shell",
    "cat": "read_file",
    "exec": "shell",
    "exec_command": "shell",
    "grep": "search",
    "list": "list_files",
    "list_dir": "list_files",
    "list_directory": "list_files",
    "local_shell": "shell",
    "ls": "list_files",
    "patch": "apply_patch",
    "read": "read_file",
    "rg": "search",
    "ripgrep": "search",
    "run_command": "shell",
    "run_shell_command": "shell",
    "search_files": "search",
    "view": "read_file",
    "view_file": "read_file",
}


def tools_for(
    root: Root,
    tree: Tree,
    approval: Approval,
    apply_patch: Tool,
    shell: Tool,
) -> tuple[Tool, ...]:
    """What is declared to the model; what may only look is not shown the rest."""
    looking = (read_tool(root, tree), list_tool(root), search_tool(root))
    changing = () if approval is Approval.READ_ONLY else (apply_patch, shell)
    return tuple(map(answering, (*looking, *changing)))


def find(tools: Sequence[Tool], name: str) -> Tool:
    """The tool of that name, or the one that such a name can only mean.

    Models put a namespace before it (`functions.`, `container.`), or use the name
    that another harness gave it.  `ToolError` names those that exist.
    """
    known = {tool.spec.name: tool for tool in tools}
    plain = name.strip().rpartition(".")[2].rpartition(":")[2].rpartition("/")[2]
    plain = plain.lower().replace("-", "_")
    for guess in (name, plain, _MEANT.get(plain, "")):
        if guess in known:
            return known[guess]
    squeezed = {one.replace("_", ""): tool for one, tool in known.items()}
    if plain.replace("_", "") in squeezed:
        return squeezed[plain.replace("_", "")]
    names = ", ".join(f"`{one}`" for one in known)
    wrong = excerpt.summary(name)
    raise ToolError(f"there is no tool `{wrong}`; there are {names}")
