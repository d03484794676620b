"""One turn of the Codex CLI against an endpoint of its own, told as JSON.

A program, because both have to run in the same network namespace.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

from spark_cli.demo.ledger import Kind
from spark_cli.demo.server import serve


def main(program: str, transport: str, folder: str, home: str, prompt: str) -> None:
    with serve(rate=0) as demo:
        settings = {
            "model_provider": "demo",
            "model_providers.demo.name": "demo",
            "model_providers.demo.base_url": demo.base_url,
            "model_providers.demo.env_key": "DEMO_KEY",
            "model_providers.demo.wire_api": "responses",
            "model_providers.demo.supports_websockets": transport == "websocket",
        }
        words = [program, "exec", "--json", "--skip-git-repo-check", "-m", "gpt-5.5"]
        words += ["--dangerously-bypass-approvals-and-sandbox"]
        for key, value in settings.items():
            words += ["-c", f"{key}={json.dumps(value)}"]
        done = subprocess.run(
            [*words, prompt],
            cwd=folder,
            env={**os.environ, "HOME": home, "CODEX_HOME": home, "DEMO_KEY": "none"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        log = demo.log
    result = {
        "code": done.returncode,
        "stdout": done.stdout,
        "stderr": done.stderr,
        "transports": sorted({entry.transport for entry in log}),
        "connections": sum(entry.kind is Kind.CONNECT for entry in log),
    }
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
