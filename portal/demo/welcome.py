"""What the person at the terminal is told when the demo is up."""

import tomllib
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "data" / "partnership.toml"

#: Whom to try first, in the order of the story; everybody else is on the sign-in page of their organisation.
FIRST = (
    ("ola-brackenbury", "share a concern"),
    ("cora-inglewood", "triage it at the hub"),
    ("wanda-pennywhistle", "work on the shared case"),
    ("nell-foxglove", "add what health knows"),
    ("cam-dewberry", "add what the council knows"),
    ("mina-fernsby", "see a team's work, invite people"),
    ("gwen-oakapple", "see what was shared with whom, and why"),
    ("ada-winterbell", "look after agencies and people"),
)


def welcome(address: str, mail: str) -> str:
    """The addresses and whom to sign in as.

    Args:
        address: of the portal.
        mail: of the page that shows what the portal sent.
    """
    found = {person["id"]: (agency, person) for agency, person in _people()}
    rows = [
        (found[who][1]["name"], found[who][1]["job"], found[who][0]["name"], purpose)
        for who, purpose in FIRST
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        f"  {name:{widths[0]}}  {job:{widths[1]}}  {agency:{widths[2]}}  {purpose}"
        for name, job, agency, purpose in rows
    ]
    return "\n".join(
        [
            "",
            f"The portal is at  {address}",
            f"Its mail is at    {mail}  (none of it leaves this machine)",
            "",
            "Sign in by choosing an organisation, then a person; there are no passwords. For example:",
            "",
            *lines,
            "",
            "Press Ctrl-C to stop it.",
        ]
    )


def _people() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    partnership = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return [(agency, person) for agency in partnership["agency"] for person in agency["people"]]
