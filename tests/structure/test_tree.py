"""A person who opens the tree finds each thing where its name says, and nothing that belongs to a machine."""

import os
import re
import tomllib

import pytest

from tests.structure.source import ROOT, TEXT, imports, is_ignored, name, python_files, text_files

HOUSE = {"wsgi.py", "config", "portal", "migrations", "instance", "tests", "docs", "README.md"}
TOOLS = {
    *(".ci", ".gitignore", ".npmrc", "Makefile", "pyproject.toml"),
    *("requirements.lock", "requirements-dev.lock", "package.json", "package-lock.json"),
}
LONGEST_FILE = 400  # lines; about 200 is the aim
LONGEST_TEST = 420  # a table of cases may be long
INDEXES = [name + r"\.(org|com|io)" for name in ("pypi", "pythonhosted", "npmjs", "yarnpkg")]

#: What each package is there for: the places that may import it, of which at least one must.
PURPOSES = {
    "flask": ("portal/__init__.py",),
    "htmx_flask": ("portal/extensions.py", "portal/web/"),
    "flask_login": ("portal/extensions.py", "portal/access/", "portal/blueprints/", "portal/web/"),
    "flask_sqlalchemy": ("portal/extensions.py",),
    "authlib": ("portal/access/sign_in/", "portal/demo/provider/"),
    "apscheduler": ("portal/reminders/",),
}
CORE = ("portal", "config", "wsgi.py")


def test_the_top_level_holds_the_house_and_its_tools_only() -> None:
    found = {path.name for path in ROOT.iterdir() if not is_ignored(path)}
    strange = found - HOUSE - TOOLS
    assert not strange, (
        f"Move {sorted(strange)} to where it belongs, or name it here and say why in docs/adr."
    )


@pytest.mark.parametrize("package", PURPOSES)
def test_each_fixed_package_is_used_for_its_purpose(package: str) -> None:
    users = [
        name(path)
        for path in python_files(*CORE)
        if any(module.split(".")[0] == package for module in imports(path))
    ]
    assert any(user.startswith(PURPOSES[package]) for user in users), (
        f"{package} is not used where it should be"
    )
    if package != "flask":
        strange = [user for user in users if not user.startswith(PURPOSES[package])]
        assert not strange, f"{package} belongs in {PURPOSES[package]}, not in {strange}"


def test_every_blueprint_is_one_of_flask() -> None:
    views = [path for path in python_files("portal/blueprints") if path.name != "__init__.py"]
    without = [
        name(path) for path in views if "flask" not in {module.split(".")[0] for module in imports(path)}
    ]
    assert not without, f"{without} holds no views: move it to web, pages or its noun."


def test_pytest_runs_the_tests() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert settings["tool"]["pytest"]["ini_options"]["filterwarnings"][0] == "error"
    strangers = [
        name(path) for path in python_files("tests") if "unittest.TestCase" in path.read_text("utf-8").split()
    ]
    assert not strangers, f"Write {strangers} for pytest, like the rest."


def test_the_way_in_builds_the_app_and_does_nothing_else() -> None:
    lines = [line for line in (ROOT / "wsgi.py").read_text("utf-8").splitlines() if line]
    assert lines == ["from portal import create_app", "app = create_app()"]


def test_the_app_never_imports_the_demonstration() -> None:
    app = [path for path in python_files(*CORE) if not name(path).startswith("portal/demo/")]
    guilty = [name(path) for path in app if any(module.startswith("portal.demo") for module in imports(path))]
    assert not guilty, f"{guilty} imports portal.demo, which lets anybody sign in as anybody."


def test_files_stay_small_enough_to_read() -> None:
    lengths = {
        name(path): path.read_text("utf-8").count("\n") for path in python_files("portal", "config", "tests")
    }
    long = {
        file: lines
        for file, lines in lengths.items()
        if lines > (LONGEST_TEST if file.startswith("tests/") else LONGEST_FILE)
    }
    assert not long, f"Split by noun: {long}"


def test_nothing_names_a_machine_its_folders_or_a_package_index() -> None:
    machine = re.compile(r"(?<![\w./])/(home|root|Users)/\w|" + "_auth" + "Token|" + "|".join(INDEXES))
    found = [
        f"{name(path)}: {match.group()}"
        for path in text_files()
        if (match := machine.search(path.read_text("utf-8")))
    ]
    assert not found, f"Take out what belongs to one machine: {found}"


def test_every_exemption_says_why_on_its_line() -> None:
    exemption = re.compile(r"#\s*(noqa|type:\s*ignore|pragma: no cover)\S*(?P<rest>.*)$")
    bare = []
    for path in python_files():
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            match = exemption.search(line)
            if match and not re.search(
                r"[a-z]{3}.*[a-z]{3}", re.sub(r"\[[\w, -]+\]|[A-Z]+\d+", "", match["rest"])
            ):
                bare.append(f"{name(path)}:{number}")
    assert not bare, f"Give the reason behind the exemption on the same line: {bare}"


def test_the_locks_hold_every_package_that_is_asked_for() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    needed = _names(settings["project"]["dependencies"])
    besides = _names(
        [*settings["project"]["optional-dependencies"]["demo"], *settings["dependency-groups"]["dev"]]
    )
    production, development = _locked("requirements.lock"), _locked("requirements-dev.lock")
    assert needed <= production.keys(), f"Run make lock: {sorted(needed - production.keys())} is missing."
    assert needed | besides <= development.keys(), "Run make lock: requirements-dev.lock is out of date."
    assert not (besides - needed) & production.keys(), "A production server installs no tools of ours."
    assert production.items() <= development.items(), "Run make lock: what is tested is what is installed."


def _names(asked: list[str]) -> set[str]:
    return {re.split(r"[\[=<>~ ]", line)[0].lower().replace("_", "-") for line in asked}


def _locked(file: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / file).read_text("utf-8"), re.MULTILINE))


def test_text_files_are_read_by_these_tests() -> None:
    suffixes = {
        path.suffix
        for folder in ("portal", "config")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }
    unread = suffixes - TEXT - {".pyc", ".gz", ".svg", ".png", ".ico", ".woff2", ".typ", ".ics", ".mako"}
    assert not unread, f"Add {unread} to the kinds of file that tests/structure/source.py knows."


def test_the_check_that_a_server_runs_may_be_run() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK), "git update-index --chmod=+x .ci/run"


def test_a_migration_is_named_by_what_alembic_drew_and_a_slug() -> None:
    """The first 23 were numbered; a number drawn by chance never meets that of another branch."""
    versions = (ROOT / "migrations" / "versions").glob("*.py")
    drawn = [one for one in versions if not re.match(r"00[012]\d_", one.stem)]
    assert drawn
    for one in drawn:
        named = re.fullmatch(r"([0-9a-f]{12})_[a-z0-9_]+", one.stem)
        assert named, f"let `flask db revision` name {one.name}"
        assert f'revision = "{named[1]}"' in one.read_text("utf-8"), (
            f"{one.name} is not the name of its revision"
        )
