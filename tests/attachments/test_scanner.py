"""The scanner is believed only when it says plainly that a file is clean."""

import os
from time import monotonic

import pytest

from portal.files.scanner import Scanner, ScannerAway
from tests.attachments.clamd import Behaviour, clamd, hangs, says
from tests.attachments.specimens import EICAR, pdf


def test_a_clean_file_is_clean_and_the_scanner_saw_all_of_it() -> None:
    sent = os.urandom(300_000)  # more than one piece
    with clamd() as daemon:
        assert Scanner(daemon.address, 5).scan(sent).clean
        assert daemon.seen == [sent]


def test_what_is_found_is_named() -> None:
    with clamd() as daemon:
        verdict = Scanner(daemon.address, 5).scan(EICAR)
    assert not verdict.clean
    assert verdict.found == "Win.Test.EICAR_HDB-1"


@pytest.mark.parametrize(
    "behaviour",
    [
        says(b""),
        says(b"stream: OK"),
        says(b"stream: OK\n"),
        says(b"\xff\xfe nonsense"),
        says(b"HTTP/1.1 200 OK\r\n\r\n\x00"),
        says(b"stream: OK\x00stream: X FOUND\x00"),
        says(b"INSTREAM size limit exceeded. ERROR\x00"),
        says(b"x" * 10_000),
    ],
)
def test_whatever_is_not_a_plain_answer_is_none(behaviour: Behaviour) -> None:
    with clamd(behaviour) as daemon, pytest.raises(ScannerAway):
        Scanner(daemon.address, 2).scan(pdf())


def test_a_scanner_that_hangs_is_not_waited_for() -> None:
    with clamd(hangs) as daemon:
        began = monotonic()
        with pytest.raises(ScannerAway):
            Scanner(daemon.address, 0.3).scan(pdf())
        assert monotonic() - began < 5


def test_a_scanner_that_is_not_there_is_away() -> None:
    with clamd() as daemon:
        scanner = Scanner(daemon.address, 1)
        assert scanner.is_there()
    assert not scanner.is_there()
    with pytest.raises(ScannerAway):
        scanner.scan(pdf())
    with pytest.raises(ScannerAway):
        Scanner("unix:/nowhere/clamd.ctl", 1).scan(pdf())
