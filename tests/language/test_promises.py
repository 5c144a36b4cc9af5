"""What a page says that somebody was told is made from what was written; nobody types it."""

import ast
import re
from collections.abc import Iterator

from tests.structure.source import ROOT

#: Words that say of somebody that they were told, asked or reminded, or will hear.
PROMISES = re.compile(
    r"\b(?:is|are|was|were|has been|have been|will be)\s+(?:now\s+)?(?:told|asked again|reminded|informed)\b"
    r"|\byou (?:will )?hear\b|\bhears? (?:of|by|from)\b",
    re.IGNORECASE,
)


def said_after_steps() -> Iterator[tuple[str, str]]:
    """Every text that a view says on the next page (`flash`, `done=`, `flashing`), and where it stands."""
    for path in sorted((ROOT / "portal/blueprints").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            parts = list(node.args) if name in {"flash", "flashing", "announce"} else []
            parts += [one.value for one in node.keywords if one.arg == "done"]
            for text in (
                one.value for part in parts for one in ast.walk(part) if isinstance(one, ast.Constant)
            ):
                if isinstance(text, str):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", text


def test_no_view_says_by_itself_who_was_told() -> None:
    typed = [f"{place}: {text}" for place, text in said_after_steps() if PROMISES.search(text)]
    assert not typed, "portal.messages.told says it, of what was written:\n" + "\n".join(typed)


def test_the_words_are_found() -> None:
    assert len(list(said_after_steps())) > 150
    for text in (
        "Given. Whoever does it is told now",
        "You hear by e-mail what they answer",
        "It has been told",
    ):
        assert PROMISES.search(text) or "has been told" in text
