"""A release of the portal in a process of its own, asked by one line of JSON at a time."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

#: What an earlier release imports and this one has no more.
GIVEN_UP = Path(__file__).with_name("given_up")


class Process:
    """A program of this checkout that runs with the packages of another one.

    It writes a line of JSON when it is ready, and one for each line that it reads.
    """

    def __init__(self, program: Path, tree: Path, environment: Mapping[str, str]) -> None:
        self._running = subprocess.Popen(
            [sys.executable, "-P", program],  # nothing beside it: `portal` and `tests` are those of the tree
            cwd=tree,
            env={**environment, "PYTHONPATH": os.pathsep.join((os.fspath(tree), os.fspath(GIVEN_UP)))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.ready = self._hear()

    def ask(self, **wanted: object) -> dict[str, Any]:
        """Have something done, and hear what came of it.

        Raises:
            RuntimeError: it has ended.
        """
        assert self._running.stdin
        self._running.stdin.write(json.dumps(wanted) + "\n")
        self._running.stdin.flush()
        return self._hear()

    def _hear(self) -> dict[str, Any]:
        assert self._running.stdout
        line = self._running.stdout.readline()
        if not line:
            raise RuntimeError(f"A release ended by itself, with status {self._running.wait()}.")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._running.stdin
        self._running.stdin.close()
        self._running.wait(timeout=60)
