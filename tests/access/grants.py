"""The list of what each role of the database may do: a file a noun, and one for what nouns share."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from portal.access.install import RECORDS, rule_files
from tests.lists import parts

SHARED = Path(__file__).with_name("grants.toml")
_GIVES = re.compile(r"^grant [^;]*? on (?!function)([\w.,\s]+?)\s+to\s", re.MULTILINE)
_MAKES = re.compile(r"^create function ctx\.(\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Grant:
    """What a role may do, with the reason."""

    role: str
    reason: str
    tables: tuple[str, ...] = ()  # the name, then the verbs: by column where the right is by column
    functions: tuple[str, ...] = ()  # with their arguments


def read(shared: Path = SHARED) -> list[Grant]:
    """Read the list.

    Raises:
        ValueError: a file has what the rules of another noun give, or a role has something twice.
    """
    grants: list[Grant] = []
    seen: set[tuple[str, str]] = set()
    for file, noun, said in parts(shared):
        for grant in (Grant(**block) for block in said["grant"]):
            for line in (*grant.tables, *grant.functions):
                thing = line.partition(":")[0]
                if (of := _givers().get(re.sub(r"\(.*\)", "()", thing), "")) != noun:
                    raise ValueError(f"{file}: {thing} is given by the rules of {of or 'no noun'}")
                if (grant.role, thing) in seen:
                    raise ValueError(f"{file}: {grant.role} has {thing} twice")
                seen.add((grant.role, thing))
            grants.append(grant)
    return grants


@cache
def _givers() -> dict[str, str]:
    """Tables by the noun whose rules give them to a role, and functions by the one whose rules make them."""
    found: dict[str, str] = {}
    for file in rule_files():
        rules = file.read_text("utf-8")
        noun = file.relative_to(RECORDS).parts[0] if file.is_relative_to(RECORDS) else ""
        tables = [table.strip() for given in _GIVES.findall(rules) for table in given.split(",")]
        found |= dict.fromkeys((*tables, *(f"{name}()" for name in _MAKES.findall(rules))), noun)
    return found
