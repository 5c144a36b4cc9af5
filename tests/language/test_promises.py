"""What a page says of telling is made from what was written; what else it promises has a test behind it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.language.promises import PROMISES as WORDS
from tests.language.promises import found, listed
from tests.messages.driven import exists
from tests.structure.source import ROOT, parsed

#: Words that say of somebody that they were told, asked or reminded, or will hear.
PROMISES = re.compile(
    r"\b(?:is|are|was|were|has been|have been|will be)\s+(?:now\s+)?(?:told|asked again|reminded|informed)\b"
    r"|\byou (?:will )?hear\b|\bhears? (?:of|by|from)\b",
    re.IGNORECASE,
)


def said_after_steps() -> Iterator[tuple[str, str]]:
    """Every text that a view says on the next page (`flash`, `done=`, `flashing`), and where it stands."""
    for path in sorted((ROOT / "portal/blueprints").rglob("*.py")):
        for node in ast.walk(parsed(path)):
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
        assert PROMISES.search(text), text
    for text in ("Tell them yourself", "Given", "Here is what was written"):
        assert not PROMISES.search(text), text


def test_every_promise_has_a_test_that_bears_it_out() -> None:
    known = listed()
    unlisted = sorted(one for one in found() if one.says not in {*known.borne_out, *known.no_promise})
    assert not unlisted, "name the test that bears it out in promises.toml, or do not say it:\n" + "\n".join(
        f"{one.file}: {one.says}" for one in unlisted
    )


def test_what_is_listed_is_still_said_and_its_test_is_there() -> None:
    known, said = listed(), {one.says for one in found()}
    assert sorted({*known.borne_out, *known.no_promise} - said) == [], "it is not said any more"
    assert sorted(known.no_promise & known.borne_out.keys()) == []
    assert sorted(test for test in set(known.borne_out.values()) if not exists(test)) == []
    assert sorted(test for test in set(known.borne_out.values()) if "::" not in test) == [], "name the test"


def test_sentences_are_found_in_templates_programs_and_policy() -> None:
    kinds = {one.file.partition("/")[0] + "/" + Path(one.file).suffix for one in found()}
    assert kinds == {"portal/.html", "portal/.py", "portal/.txt", "config/.toml", "config/.md"}
    assert len(found()) > 250
    for text in (
        "They are told at once",
        "It is kept for a day",
        "Nobody else sees it",
        "It stays to be read",
        "It goes to the hub",
        "Each of them gets a link",
        "Nothing is sent there",
    ):
        assert WORDS.search(text), text
