"""What the browser loads stays small, holds no borrowed typeface, and comes from us alone."""

import re
from pathlib import Path

import pytest

from portal.web import assets

KIB = 1024
COLD_LIMIT = 45 * KIB  # leaves 15 of the 60 KB budget of a page for its HTML
FIRST_LOAD = ["portal.css", "portal.js", "htmx.js", "icon.svg"]


@pytest.fixture(autouse=True)
def built() -> None:
    assets.ensure_built()


def _built(name: str) -> Path:
    return assets.BUILD / Path(assets.asset_url(name)).name


def test_the_first_load_is_within_its_budget_and_makes_four_requests_beside_the_page() -> None:
    sizes = {name: _built(name).with_name(f"{_built(name).name}.gz").stat().st_size for name in FIRST_LOAD}
    assert sum(sizes.values()) <= COLD_LIMIT, f"leave out components that no page uses: {sizes}"
    assert len(FIRST_LOAD) + 1 <= 5


def test_the_style_sheet_has_neither_the_govuk_typeface_nor_an_address_outside() -> None:
    style = _built("portal.css").read_text("utf-8")
    assert "GDS Transport" not in style
    assert "@font-face" not in style
    assert not [address for address in re.findall(r"url\(([^)]*)\)", style) if ":" in address]


@pytest.mark.parametrize("name", ["portal.js", "uploads.js"])
def test_a_script_of_ours_asks_for_no_other(name: str) -> None:
    script = _built(name).read_text("utf-8")
    assert not re.search(r"""\bimport\s*[({"']|\bfrom\s*["']""", script)


def test_an_unknown_asset_is_named() -> None:
    with pytest.raises(assets.AssetsError, match=r"missing\.css"):
        assets.asset_url("missing.css")


def test_a_missing_build_says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "BUILD", tmp_path)
    with pytest.raises(assets.AssetsError, match="flask assets"):
        assets.asset_url("portal.css")


def test_a_script_that_cannot_be_joined_stops_the_build_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "entry.js").write_text('import { x } from "./missing.js";\nx();', "utf-8")
    monkeypatch.setattr(assets, "SOURCE", tmp_path)
    with pytest.raises(assets.AssetsError, match=r"missing\.js"):
        assets._joined("entry.js")
