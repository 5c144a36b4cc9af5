"""The table of roles says what the code does."""

import re
from pathlib import Path

from flask import Flask

from portal.access import permissions
from portal.access.permissions import PERMISSIONS
from portal.vocabulary import Role

TABLE = Path(__file__).parents[2] / "docs" / "who-may-do-what.md"


def test_the_table_of_roles_is_what_the_command_writes(app: Flask) -> None:
    written = app.test_cli_runner().invoke(args=["roles"]).output
    found = re.search(r"<!-- roles:.*?-->\n(.*?)<!-- /roles -->", TABLE.read_text("utf-8"), re.DOTALL)
    assert found, "docs/who-may-do-what.md needs the two marks between which the table stands"
    assert found[1].strip() == written.strip(), (
        "put the output of `flask roles` between the marks in docs/who-may-do-what.md"
    )


def test_every_permission_is_for_some_role() -> None:
    for permission in PERMISSIONS.values():
        assert any(permissions.answer(role, permission) for role in Role), (
            f"nobody can have {permission.name}"
        )


def test_administrators_and_governance_have_none_that_changes_a_case() -> None:
    for name in ("entry:add", "alert:add", "involvement:add", "child:state", "referral:triage", "case:open"):
        for role in (Role.ADMINISTRATOR, Role.GOVERNANCE):
            assert permissions.answer(role, PERMISSIONS[name]) == permissions.NO
