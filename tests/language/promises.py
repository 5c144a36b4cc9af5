"""Every sentence of the portal that promises something: that somebody is told, that something is kept."""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.structure.source import ROOT, parsed

#: Words by which a sentence says that people hear of something, who sees it, or what becomes of it.
PROMISES = re.compile(
    r"\b(?:(?:is|are|was|were|be|been|gets?)\s+(?:now\s+|then\s+|also\s+|all\s+)?"
    r"(?:told|asked|reminded|informed|shared|kept|lost)"
    r"|(?:you|they|who|everybody|everyone|nobody|manager|hub)\s+(?:will\s+)?hears?"
    r"|hears?\s+(?:of|by|from|that)"
    r"|tells\s+(?:you|them|everybody|everyone|nobody|the)"
    r"|(?:everybody|everyone|nobody(?:\s+else)?|only\s+\w+(?:\s+\w+){0,4})\s+(?:sees?|reads?|learns?|receives?)"
    r"|nothing\s+\S+(?:\s+\S+){0,4}\s+(?:is|was)\s+(?:lost|kept|sent|shared)"
    r"|goes\s+to|(?<!hx-)gets?|(?:is|are)\s+(?:now\s+|then\s+|also\s+)?sent"
    r"|stays?|keeps?\s+(?:it|them|what))\b",
    re.IGNORECASE,
)
#: Where words stand that are no sentence of a page: of what the program may do, and what happened.
_NO_PAGES = frozenset({"permissions.py", "events.py", "vocabulary.py", "noun.py"})
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z“])")
_TAGS = re.compile(r"{%.*?%}|{#.*?#}|<[^>]+>", re.DOTALL)
_STRINGS = re.compile(r"\"((?:[^\"\\]|\\.)*)\"")


@dataclass(frozen=True, order=True)
class Promise:
    """One sentence, and the file that it stands in."""

    file: str
    says: str


@cache
def found() -> frozenset[Promise]:
    """Every promising sentence of templates, programs, the policy and its guidance."""
    return frozenset(
        Promise(str(path.relative_to(ROOT)), sentence)
        for path, text in _texts()
        for sentence in sentences(text)
        if PROMISES.search(sentence) and not sentence.endswith("?")
    )


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text, without line breaks."""
    for one in _SENTENCE.split(" ".join(text.split())):
        if said := one.strip(" .;,:)(–"):
            yield said


def _texts() -> Iterator[tuple[Path, str]]:
    for path in sorted((ROOT / "portal/templates").rglob("*")):
        if path.suffix in {".html", ".txt"}:
            for text in _of_template(path.read_text("utf-8")):
                yield path, text
    for folder in ("blueprints", "records", "pages", "web", "messages", "reminders", "changes"):
        for path in sorted((ROOT / "portal" / folder).rglob("*.py")):
            if path.name in _NO_PAGES:
                continue
            for text in _of_program(parsed(path)):
                yield path, text
    for path in sorted((ROOT / "config/policy").rglob("*")):
        if path.suffix == ".toml" and path.name != "areas.toml":
            for text in _of_policy(tomllib.loads(path.read_text("utf-8"))):
                yield path, text
        elif path.suffix == ".md":
            for line in path.read_text("utf-8").split("\n\n"):
                yield path, line


def _of_template(source: str) -> Iterator[str]:
    """What stands between tags, and what is given to components within them."""
    for inside in re.findall(r"{{.*?}}|{%.*?%}", source, re.DOTALL):
        for text in _STRINGS.findall(inside):
            if " " in text:
                yield text
    text = re.sub(r"{{.*?}}", "…", source, flags=re.DOTALL)
    yield from (part for part in _TAGS.sub("\n\n", text).split("\n\n") if " " in part.strip())


def _of_program(tree: ast.Module) -> Iterator[str]:
    """Its texts, but for what only programmers read: docstrings and what is looked up."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    within = set[int]()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            within |= {id(part) for part in node.values}
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and " " in node.value
            and id(node) not in docstrings | within
            and not _is_sql(node.value)
        ):
            yield node.value


def _is_sql(text: str) -> bool:
    return bool(re.match(r"\s*(?:select|with|insert|update|delete)\b", text))


def _of_policy(value: Any, key: str = "") -> Iterator[str]:
    """What the policy has people read; sources and codes are for those who keep it."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _of_policy(one, name)
    elif isinstance(value, list):
        for one in value:
            yield from _of_policy(one, key)
    elif isinstance(value, str) and key != "source" and " " in value:
        yield value


@dataclass(frozen=True)
class Listed:
    """What `promises.toml` says: by sentence the test that bears it out, and what promises nothing."""

    borne_out: dict[str, str]
    no_promise: frozenset[str]


def listed() -> Listed:
    """The reviewed list of promises."""
    read = tomllib.loads((Path(__file__).parent / "promises.toml").read_text("utf-8"))
    borne_out = {said: one["test"] for one in read["promises"] for said in one["says"]}
    return Listed(borne_out, frozenset(read["no_promise"]["says"]))
