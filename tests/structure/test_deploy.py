"""The guides to deployment and operation name what there is, and their files say what the guides say."""

import ast
import re

import pytest

from tests.structure.source import ROOT, parsed

GUIDE = (ROOT / "docs" / "deploy.md").read_text("utf-8")
OPERATION = (ROOT / "docs" / "operate.md").read_text("utf-8")


def _read_settings() -> set[str]:
    """The names that config/ asks the environment for."""
    found = set()
    for path in sorted((ROOT / "config").glob("*.py")):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and (arguments := [ast.unparse(one) for one in node.args]):
                called = ast.unparse(node.func)
                if called in {"env.get", "os.environ.get"}:
                    found.add(arguments[0].strip("'"))
                elif called == "_database":
                    found.add(arguments[1].strip("'"))
    return {name for name in found if name.isupper()}


def test_the_guide_documents_every_setting_and_no_other() -> None:
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", GUIDE, re.MULTILINE))
    assert documented == _read_settings(), "Bring the table of docs/deploy.md up to date."


def test_every_file_that_the_guides_name_exists_and_every_file_for_deployment_is_named() -> None:
    named = set(re.findall(r"`((?:portal|config|docs)/[\w./-]+\w)`", GUIDE + OPERATION))
    missing = [
        path for path in named if not (ROOT / path).exists() and not path.startswith("portal/static/build")
    ]
    assert not missing, f"The guides name {missing}."
    there = {f"docs/deploy/{path.name}" for path in (ROOT / "docs" / "deploy").iterdir()}
    assert there <= named, f"Say in docs/deploy.md what {there - named} is for."


def test_the_files_of_settings_hold_settings_that_there_are() -> None:
    known = _read_settings()
    rows = re.findall(r"^\| `\w+\.env` \| (.+) \|$", GUIDE, re.MULTILINE)
    listed = {name for row in rows for name in re.findall(r"`([A-Z_]+)(?:…)?`", row)}
    strange = {name for name in listed if not any(one == name or one.startswith(name) for one in known)}
    assert len(rows) == 4
    assert strange <= {"OIDC_SECRET_"}, f"No such settings: {strange}"


@pytest.mark.parametrize("unit", ["web", "worker"])
def test_the_units_run_what_the_guide_says_and_keep_what_they_hold_to_themselves(unit: str) -> None:
    lines = (ROOT / "docs" / "deploy" / f"portal-{unit}.service").read_text("utf-8").splitlines()
    (start,) = [line for line in lines if line.startswith("ExecStart=")]
    command = start.partition("-m ")[2]
    assert command in GUIDE, f"{command} is not how docs/deploy.md starts it"
    assert {"ProtectSystem=strict", "NoNewPrivileges=yes", "UMask=0077", "LimitCORE=0"} <= set(lines)
    files = {line.rpartition("/")[2] for line in lines if line.startswith("EnvironmentFile=")}
    assert files == {"common.env", f"{unit}.env"}, "a process knows no other secrets than its own"


def test_the_proxy_replaces_what_a_visitor_says_of_where_they_come_from() -> None:
    proxy = (ROOT / "docs" / "deploy" / "nginx.conf").read_text("utf-8")
    assert re.search(r"X-Forwarded-For +\$remote_addr;", proxy)
    assert re.search(r"X-Forwarded-Proto +\$scheme;", proxy)
    assert re.search(r"X-Forwarded-Host +\$host;", proxy)
    assert "$request_uri" not in proxy.partition("server {")[0], "what follows a question mark is not logged"
    assert "$args" not in proxy
