"""What a file is called on a page cannot make it look like another."""

import pytest

from portal.files.taken import LONGEST, shown_name
from portal.records.attachments.vocabulary import FileKind


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Letter.pdf", "Letter"),
        ("C:\\Users\\me\\Letter.PDF", "Letter"),
        ("/folder/of/mine/Letter.pdf", "Letter"),
        ("letter.pdf.exe", "letter.pdf.exe"),
        ("letter\u202efdp.exe", "letter fdp.exe"),
        ("a\x00b\r\nc.pdf", "a b c"),
        ("v3.2 notes", "v3.2 notes"),
        (".pdf", "pdf"),
        ("", "File without a name"),
        ("../..", "File without a name"),
        ("Zażółć gęślą.pdf", "Zażółć gęślą"),
        ("<script>.pdf", "<script>"),
    ],
)
def test_a_name_is_shown_without_what_could_mislead(given: str, shown: str) -> None:
    assert shown_name(given, FileKind.PDF) == shown


def test_a_long_name_is_cut() -> None:
    assert len(shown_name("x" * 500, FileKind.PDF)) == LONGEST
