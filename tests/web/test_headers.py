"""Every answer tells the browser to run only our files and to keep nothing."""

import base64
import gzip
import hashlib
import json
import re

import brotli
import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from config.headers import CONTENT_SECURITY_POLICY
from portal.web.assets import BUILD
from portal.web.static_files import pack, shrink, unpack


@pytest.mark.parametrize("address", ["/", "/form", "/fails/404", "/fails/500"])
def test_every_answer_carries_the_policy_and_is_kept_nowhere(browser: FlaskClient, address: str) -> None:
    headers = browser.get(address).headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["Cache-Control"] == "no-store"
    assert "HX-Request" in headers["Vary"]
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_policy_allows_nothing_unsafe_and_no_frames() -> None:
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY
    assert "frame-ancestors 'none'" in CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("address", ["/", "/form", "/queue", "/draft", "/fails/404"])
def test_the_only_script_inside_a_page_is_the_one_that_the_policy_names(
    browser: FlaskClient, address: str
) -> None:
    page = BeautifulSoup(browser.get(address).text, "html.parser")
    for script in page.select("script:not([src])"):
        digest = base64.b64encode(hashlib.sha256(script.text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in CONTENT_SECURITY_POLICY
    assert not page.select("style, [style]")
    inline = [
        name for element in page.find_all(True) for name in element.attrs if re.match(r"on|hx-on", name)
    ]
    assert not inline, f"use a module in portal/static/src instead of {inline}"


def test_https_is_remembered_only_over_https(gallery: Flask) -> None:
    client = gallery.test_client()
    assert "Strict-Transport-Security" not in client.get("/form").headers
    assert "Strict-Transport-Security" in client.get("/form", base_url="https://localhost").headers


def test_built_assets_are_packed_and_kept_for_ever(browser: FlaskClient) -> None:
    manifest = json.loads((BUILD / "manifest.json").read_text("utf-8"))["files"]
    for name, built in manifest.items():
        response = browser.get(
            f"/static/build/{built}", headers={"Accept-Encoding": "gzip, br"}, buffered=True
        )
        assert response.status_code == 200, name
        assert "immutable" in response.headers["Cache-Control"]
        assert response.headers["Content-Encoding"] == "gzip"
        plain = browser.get(f"/static/build/{built}", buffered=True)
        assert "Content-Encoding" not in plain.headers
        assert gzip.decompress(response.data) == plain.data


def test_sources_are_not_served(browser: FlaskClient) -> None:
    assert browser.get("/static/src/portal.js").status_code == 404
    assert browser.get("/static/build/../src/portal.js").status_code == 404


def test_a_page_is_packed_with_padding_that_differs_each_time(browser: FlaskClient) -> None:
    response = browser.get("/queue", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in response.headers["Vary"]
    assert b"Queue" in unpack(response.data)
    sizes = {len(pack(b"the same page " * 200)) for _ in range(40)}
    assert len(sizes) > 10, "the packed length must not tell what is inside"
    assert gzip.decompress(pack(b"any reader can unpack it")) == b"any reader can unpack it"


def test_who_takes_brotli_gets_a_page_so_with_padding_too(browser: FlaskClient) -> None:
    for accepted, way in (("gzip, deflate, br, zstd", "br"), ("gzip, br;q=0", "gzip"), ("deflate", None)):
        response = browser.get("/queue", headers={"Accept-Encoding": accepted})
        assert response.headers.get("Content-Encoding") == way, accepted
    response = browser.get("/queue", headers={"Accept-Encoding": "gzip, br"})
    assert "Accept-Encoding" in response.headers["Vary"]
    assert b"Queue" in brotli.decompress(response.data)
    sizes = {len(shrink(b"the same page " * 200)) for _ in range(40)}
    assert len(sizes) > 10, "the packed length must not tell what is inside"
    assert re.fullmatch(rb"the page<!--[0-9a-f]*-->", brotli.decompress(shrink(b"the page")))
