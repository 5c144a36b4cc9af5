"""Settings of files that cannot be right stop the start with a sentence that names them."""

import pytest

from config.errors import SettingError
from config.files import files


def test_without_settings_files_are_small_and_nobody_scans() -> None:
    assert files({}) == {"ATTACHMENT_BYTES": 10 * 1024 * 1024, "CLAMAV_ADDRESS": "", "CLAMAV_TIMEOUT": 10}


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:3310", "tcp://[::1]:3310", "unix:/run/clamav/clamd.ctl"]
)
def test_a_scanner_is_at_a_port_or_a_path(address: str) -> None:
    assert files({"CLAMAV_ADDRESS": address})["CLAMAV_ADDRESS"] == address


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("ATTACHMENT_MEGABYTES", "0"),
        ("ATTACHMENT_MEGABYTES", "ten"),
        ("CLAMAV_TIMEOUT", "-1"),
        ("CLAMAV_ADDRESS", "127.0.0.1:3310"),
        ("CLAMAV_ADDRESS", "tcp://127.0.0.1"),
        ("CLAMAV_ADDRESS", "tcp://127.0.0.1:99999"),
        ("CLAMAV_ADDRESS", "unix:clamd.ctl"),
        ("CLAMAV_ADDRESS", "http://127.0.0.1:3310"),
    ],
)
def test_a_wrong_one_is_named(setting: str, value: str) -> None:
    with pytest.raises(SettingError, match=setting):
        files({setting: value})
