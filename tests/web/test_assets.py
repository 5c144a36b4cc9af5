"""What the browser loads stays small, holds no borrowed typeface, and is joined from modules of our own."""

import json
import re
from pathlib import Path

import pytest

from portal.web import assets
from portal.web.bundle import BundleError, bundle

KIB = 1024
COLD_LIMIT = 50 * KIB  # leaves 10 of the 60 KB budget of a page for its HTML
FIRST_LOAD = ["portal.css", "portal.js", "govuk-frontend.js", "htmx.js", "icon.svg"]


@pytest.fixture(autouse=True)
def built() -> None:
    assets.ensure_built()


def _built(name: str) -> Path:
    return assets.BUILD / Path(assets.asset_url(name)).name


def test_the_first_load_is_within_its_budget_and_makes_five_requests_beside_the_page() -> None:
    sizes = {name: _built(name).with_name(f"{_built(name).name}.gz").stat().st_size for name in FIRST_LOAD}
    assert sum(sizes.values()) <= COLD_LIMIT, f"leave out components that no page uses: {sizes}"
    assert len(FIRST_LOAD) + 1 <= 6


def test_the_style_sheet_has_neither_the_govuk_typeface_nor_an_address_outside() -> None:
    style = _built("portal.css").read_text("utf-8")
    assert "GDS Transport" not in style
    assert "@font-face" not in style
    assert not [address for address in re.findall(r"url\(([^)]*)\)", style) if ":" in address]


def test_every_file_that_another_names_is_there() -> None:
    manifest = json.loads((assets.BUILD / "manifest.json").read_text("utf-8"))["files"]
    for name in ("portal.js", "filter_toggle.js"):
        head = _built(name).read_text("utf-8").split("\n")[0]
        imported = head.split('"')[1].removeprefix("./")
        assert imported in manifest.values()


def test_an_unknown_asset_is_named() -> None:
    with pytest.raises(assets.AssetsError, match=r"missing\.css"):
        assets.asset_url("missing.css")


def test_a_missing_build_says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "BUILD", tmp_path)
    with pytest.raises(assets.AssetsError, match="flask assets"):
        assets.asset_url("portal.css")


def _bundle(folder: Path, **modules: str) -> str:
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text, "utf-8")
    return bundle(folder / "entry.js", vendor_url=lambda package: f"./{package}-1.js")


def test_modules_are_joined_once_each_in_the_order_of_need(tmp_path: Path) -> None:
    joined = _bundle(
        tmp_path,
        entry='import { a } from "./one.js";\nimport { b } from "./two.js";\na(); b();',
        one="const same = 1;\nexport function a() { return same; }",
        two='import { a } from "./one.js";\nconst same = 2;\nexport function b() { return a() + same; }',
    )
    assert joined.count("function a()") == 1
    assert joined.index("module_one") < joined.index("module_two") < joined.index("module_entry")
    assert "export " not in joined


def test_a_package_is_imported_from_its_own_file(tmp_path: Path) -> None:
    joined = _bundle(tmp_path, entry='import { x } from "lib";\nx();')
    assert joined.startswith('import { x } from "./lib-1.js";')


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('import x from "./one.js";', "does not understand"),
        ("export default 1;", "does not understand"),
        ('import { x } from "./missing.js";', "missing.js"),
        ('import { x } from "./entry.js";', "circle"),
    ],
)
def test_what_cannot_be_joined_stops_the_build_by_name(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BundleError, match=told):
        _bundle(tmp_path, entry=text)
