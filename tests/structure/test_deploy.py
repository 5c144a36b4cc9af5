"""The deployment guide names what there is."""

import ast
import re

from tests.structure.source import ROOT, parsed

GUIDE = (ROOT / "docs" / "deploy.md").read_text("utf-8")


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


def test_every_file_that_the_guide_names_exists() -> None:
    named = re.findall(r"`((?:portal|config|docs)/[\w./]+\w)`", GUIDE)
    missing = [
        path for path in named if not (ROOT / path).exists() and not path.startswith("portal/static/build")
    ]
    assert named
    assert not missing, f"docs/deploy.md names {missing}."
