"""The published JSON Schema in the server that editors use: mistakes are shown, keys are completed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import pytest

from segkit.cli.schema import Which, schema_text

SERVER = Path(sys.prefix) / "node/node_modules/yaml-language-server/bin/yaml-language-server"
pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed"),
    pytest.mark.skipif(not SERVER.exists(), reason="make language-server installs it"),
]
PLANTED = """\
# yaml-language-server: $schema=ruleset.schema.json
version: one
name: Mine
segments:
  - name: new
    entr: tenure_days under 90
  - name: old
    enter: [tenure_days over 90]
    min_stay: true
baselines: {peer_excuse: sometimes}
playbooks:
  call: {steps: none}
"""


class Server:
    """Speaks the Language Server Protocol over pipes."""

    def __init__(self, root: Path) -> None:
        self.process = subprocess.Popen(
            ["node", str(SERVER), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root
        )
        self.answers: Queue[dict[str, Any]] = Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        self.asked = 0
        self.ask("initialize", {"processId": None, "rootUri": root.as_uri(), "capabilities": {}})
        self.tell("initialized", {})

    def _send(self, message: dict[str, Any]) -> None:
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(content), content))
        self.process.stdin.flush()

    def _listen(self) -> None:
        out = self.process.stdout
        assert out is not None
        while line := out.readline():
            length = int(line.split(b":")[1])
            while out.readline().strip():
                pass
            self.answers.put(json.loads(out.read(length)))

    def tell(self, method: str, parameters: dict[str, Any]) -> None:
        self._send({"method": method, "params": parameters})

    def ask(self, method: str, parameters: dict[str, Any]) -> Any:
        self.asked += 1
        self._send({"id": self.asked, "method": method, "params": parameters})
        return self.wait(lambda message: message.get("id") == self.asked and "method" not in message)[
            "result"
        ]

    def wait(self, wanted: Any) -> dict[str, Any]:
        """The next message that is wanted; questions of the server are answered with nothing."""
        while True:
            try:
                message = self.answers.get(timeout=60)
            except Empty:
                raise AssertionError("the language server does not answer") from None
            if wanted(message):
                return message
            if "id" in message and "method" in message:
                items = message.get("params", {}).get("items")
                self._send({"id": message["id"], "result": [None for _ in items] if items else None})

    def open(self, path: Path, text: str) -> list[dict[str, Any]]:
        """Opens a file; what the editor would underline."""
        path.write_text(text)
        document = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})

        def underlined(message: dict[str, Any]) -> bool:
            return (
                message.get("method") == "textDocument/publishDiagnostics"
                and message["params"]["uri"] == path.as_uri()
            )

        found: list[dict[str, Any]] = self.wait(underlined)["params"]["diagnostics"]
        return found

    def complete(self, path: Path, line: int, column: int) -> set[str]:
        """The labels offered at a place; lines and columns from 1."""
        place = {"line": line - 1, "character": column - 1}
        parameters = {"textDocument": {"uri": path.as_uri()}, "position": place}
        found = self.ask("textDocument/completion", parameters)
        return {item["label"] for item in (found["items"] if isinstance(found, dict) else found)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("editor")
    (made / "ruleset.schema.json").write_text(schema_text(Which.RULESET))
    return made


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    started = Server(folder)
    yield started
    started.process.kill()
    started.process.communicate()


def test_planted_mistakes_are_underlined_where_they_stand(server: Server, folder: Path) -> None:
    found = server.open(folder / "planted.yaml", PLANTED)
    places = {(each["range"]["start"]["line"] + 1, each["range"]["start"]["character"] + 1) for each in found}
    assert places >= {(2, 10), (3, 7), (5, 5), (6, 5), (8, 12), (9, 15), (10, 26), (12, 17)}


def test_the_shipped_rules_have_nothing_underlined(server: Server, folder: Path) -> None:
    shipped = Path(__file__).resolve().parents[2] / "rules/saas.yaml"
    text = shipped.read_text().replace("../schema/ruleset.schema.json", "ruleset.schema.json")
    assert server.open(folder / "saas.yaml", text) == []


def test_keys_and_values_are_completed(server: Server, folder: Path) -> None:
    head = "# yaml-language-server: $schema=ruleset.schema.json\nversion: 1\nname: x\n"
    path = folder / "typing.yaml"
    server.open(path, f"{head}segments:\n  - name: a\n    \nbaselines:\n  peer_excuse: \n")
    assert server.complete(path, 6, 5) >= {"enter", "enter_after", "exit", "at_once", "playbook", "means"}
    assert server.complete(path, 8, 16) >= {"always", "seasonal_only"}
