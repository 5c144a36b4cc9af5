"""The guides to deployment and operation name what there is, and their files say what the guides say."""

import ast
import re
import shlex
import shutil
import subprocess

import pytest

from config.settings import for_command, from_environment
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
    there = {f"docs/deploy/{path.name}" for path in (ROOT / "docs" / "deploy").iterdir() if path.is_file()}
    assert there <= named, f"Say in docs/deploy.md what {there - named} is for."


#: What a deployment never sets: production is the default.
NOT_OF_PRODUCTION = {"PORTAL_MODE", "PORTAL_HTTPS"}
SAMPLES = sorted((ROOT / "docs" / "deploy" / "etc").glob("*.env"))


def test_the_sample_files_hold_every_setting_and_no_other() -> None:
    offered = set()
    for path in SAMPLES:
        lines = path.read_text("utf-8").splitlines()
        settings = [line for line in lines if re.match(r"#?[A-Z]", line) and "=" in line]
        wrong = [line for line in settings if not re.fullmatch(r'#?[A-Z_]+="[^"$`\\]*"', line)]
        assert not wrong, f"Quote the value, so that systemd and a shell read it alike: {path.name} {wrong}"
        offered |= {line.lstrip("#").partition("=")[0] for line in settings}
    offered -= {name for name in offered if name.startswith("OIDC_SECRET_")}
    assert offered == _read_settings() - NOT_OF_PRODUCTION, "Bring the files of docs/deploy/etc up to date."


def test_a_deployment_starts_by_the_samples_once_their_values_are_its_own() -> None:
    """As a shell reads them: what is set in one file and needed in another is found here too."""
    shell = shutil.which("sh") or "/bin/sh"
    for unit in ("web", "worker"):
        read = "".join(
            f". {shlex.quote(str(SAMPLES[0].parent / one))}; " for one in ("common.env", f"{unit}.env")
        )
        done = subprocess.run(
            [shell, "-c", f"set -a; {read} env -0"], check=True, capture_output=True, text=True, env={}
        )
        said = dict(line.partition("=")[::2] for line in done.stdout.split("\0") if line)
        assert said["SECRET_KEY"].startswith("change-me")
        if unit == "web":
            found = from_environment(said)
            assert found["PORTAL_MODE"] == "production"
            assert found["PORTAL_COOKIES_SECURE"]
        else:
            assert for_command(said)["NOT_SET"] == {"DATABASE_URL", "SEARCH_HASH_KEY"}, (
                "the worker needs nothing of a web process"
            )


@pytest.mark.parametrize(
    ("unit", "secrets"),
    [("web", "web"), ("worker", "worker"), ("audit-verify", "worker"), ("documents", "documents")],
)
def test_the_units_run_what_the_guide_says_and_keep_what_they_hold_to_themselves(
    unit: str, secrets: str
) -> None:
    lines = (ROOT / "docs" / "deploy" / f"portal-{unit}.service").read_text("utf-8").splitlines()
    (start,) = [line for line in lines if line.startswith("ExecStart=")]
    command = start.partition("-m ")[2]
    assert command in GUIDE + OPERATION, f"{command} is not how docs/deploy.md starts it"
    assert {"ProtectSystem=strict", "NoNewPrivileges=yes", "UMask=0077", "LimitCORE=0"} <= set(lines)
    files = {line.rpartition("/")[2] for line in lines if line.startswith("EnvironmentFile=")}
    shared = set() if unit == "documents" else {"common.env"}
    assert files == {*shared, f"{secrets}.env"}, "a process knows no other secrets than its own"


def test_the_proxy_replaces_what_a_visitor_says_of_where_they_come_from() -> None:
    proxy = (ROOT / "docs" / "deploy" / "nginx.conf").read_text("utf-8")
    assert re.search(r"X-Forwarded-For +\$remote_addr;", proxy)
    assert re.search(r"X-Forwarded-Proto +\$scheme;", proxy)
    assert re.search(r"X-Forwarded-Host +\$host;", proxy)
    logged = proxy.partition("log_format portal ")[2].partition(";")[0]
    for typed in ("$request ", "$request_uri", "$uri", "$document_uri", "$args", "$query_string", "$http_"):
        assert typed not in f"{logged} ", "no address is logged"
    servers = proxy.count("server {")
    assert proxy.count("access_log /var/log/nginx/portal.log portal;") == servers
    assert proxy.count("error_log /dev/null emerg;") == servers
