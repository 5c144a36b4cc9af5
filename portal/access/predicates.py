"""The words in which row policies say who: each stands for one condition, and is written out at installation.

`FULL(plan.case_id)` reads “whoever has full reach on that case”. A condition has one definition, so that the
form in which the database answers it fastest is written once: `offset 0` keeps the planner from turning the
look-up into a join, and a function inside a `select` of its own is asked once a statement, not once a row.

Words stand in policies only. Bodies of functions are SQL as it is.
"""

import re

WORDS = {
    # Who asks: the person, their agency, their teams, those that they read as, their work and roles.
    "MINE": "{0} = (select ctx.user_id())",
    "OURS": "{0} = (select ctx.agency_id())",
    "TEAMS": "{0} = any ((select ctx.teams())::uuid[])",
    "READER": "{0} = any ((select ctx.readers())::uuid[])",
    "HUB": "(select ctx.is_coordinator())",
    "ROLE": "(select ctx.has_role('{0}'))",
    # Whose a duty is, as a person: while of the agency for which they own it.
    "OWNS": (
        "({0}.owner_id = (select ctx.user_id())"
        " and ({0}.owned_for_id is null or {0}.owned_for_id = (select ctx.agency_id())))"
    ),
    # How far they reach: the record on which a row hangs.
    "FULL": "exists (select 1 from case_scope s where s.case_id = {0} and s.sees = 2 offset 0)",
    "NOTICE": "exists (select 1 from case_scope s where s.case_id = {0} offset 0)",
    "CHILD": "exists (select 1 from child_scope s where s.child_id = {0} and s.sees = 2 offset 0)",
    "CONCERN": "exists (select 1 from concern_scope s where s.concern_id = {0} offset 0)",
    "EPISODE": "exists (select 1 from missing_scope s where s.record_id = {0} offset 0)",
    "TRIAGES": (
        "((select ctx.is_coordinator()) and exists (select 1 from referral_notice n"
        " where n.referral_id = {0} and n.state <> 'draft' and (not n.passed_on"
        " or exists (select 1 from referral_seal s where s.referral_id = {0} offset 0)) offset 0))"
    ),
}
#: What each word says of whoever reads, for people: `{0}` is what its column names.
SENTENCES = {
    "MINE": "is {0}",
    "OURS": "works for {0}",
    "TEAMS": "is of {0}",
    "READER": "reads as {0}",
    "HUB": "is a coordinator of the hub",
    "ROLE": "has the role “{0}”",
    "OWNS": "owns {0}, while of the agency for which they do",
    "FULL": "has full reach on {0}",
    "NOTICE": "knows at least that {0} exists",
    "CHILD": "reaches the record of {0}",
    "CONCERN": "is let in to {0}",
    "EPISODE": "hears of {0}",
    "TRIAGES": "is a coordinator of the hub who triages {0}",
}
_WORD = re.compile(rf"(?<![\w'.])({'|'.join(WORDS)})(?:\(([^()']*)\))?(?!\w)")
_BODY = re.compile(r"(\$\$.*?\$\$)", re.DOTALL)


def expand(source: str, file: str) -> str:
    """The SQL of a file of rules with its words written out; comments and bodies of functions are left alone.

    Args:
        file: its name, for the message.

    Raises:
        ValueError: a word has too few or too many arguments, or a column without its table where it is
            looked up in another, which may have one of that name; the message names the file and the word.
    """
    parts = _BODY.split(source)
    return "".join(part if part.startswith("$$") else _written_out(part, file) for part in parts)


def _written_out(source: str, file: str) -> str:
    return "\n".join(_line(line, file) for line in source.split("\n"))


def _line(line: str, file: str) -> str:
    code, dashes, comment = line.partition("--")

    def condition(found: re.Match[str]) -> str:
        given = [part.strip() for part in (found[2] or "").split(",") if part.strip()]
        wanted = len(set(re.findall(r"{\d}", WORDS[found[1]])))
        if len(given) != wanted:
            raise ValueError(f"{file}: {found[1]} takes {wanted} columns, not {len(given)}: {line.strip()}")
        if " where " in WORDS[found[1]] and not all("." in one for one in given):
            raise ValueError(f"{file}: {found[1]} takes a column with its table: {line.strip()}")
        return WORDS[found[1]].format(*given)

    return _WORD.sub(condition, code) + dashes + comment
