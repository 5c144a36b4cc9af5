"""What a file is by its content, and what is not taken whatever it is called."""

from io import BytesIO

import pytest
from PIL import Image

from portal.files import Unacceptable
from portal.files.reading import read
from portal.files.sandbox import read_apart
from portal.records.attachments.vocabulary import FileKind
from tests.attachments import specimens
from tests.attachments.specimens import TYPES, acting_pdf, docx, packed, pages, pdf, picture, written


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (pdf(), FileKind.PDF),
        (docx(), FileKind.DOCX),
        (picture("JPEG"), FileKind.JPEG),
        (picture("PNG"), FileKind.PNG),
        (picture("WEBP"), FileKind.WEBP),
    ],
)
def test_a_file_is_what_is_in_it(sent: bytes, kind: FileKind) -> None:
    assert read(sent).kind is kind


def test_documents_are_kept_as_they_came() -> None:
    for sent in (pdf(marker="x"), docx()):
        assert read(sent).content == sent


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (b"", "empty"),
        (b"Plain words", "Choose a PDF"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "Web pages"),
        (b"\xef\xbb\xbf\n<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "SVG"),
        (b"<?xml version='1.0'?><svg/>", "SVG"),
        (b"MZ\x90\x00" + b"\0" * 100, "Programs"),
        (b"\x7fELF" + b"\0" * 100, "Programs"),
        (b"#!/bin/sh\nrm -rf /", "Choose a PDF"),
        (packed({"a.txt": "x"}), "ZIP"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "older Office"),
        (picture("GIF"), "GIF"),
        (picture("TIFF"), "TIFF"),
        (picture("BMP"), "BMP"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "cannot be read"),
        (b"\0\0\0\x18ftyphevc\0\0\0\0", "move"),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "AVIF"),
        (specimens.EICAR, "Choose a PDF"),
    ],
)
def test_what_is_not_taken_is_refused_with_what_to_do(sent: bytes, says: str) -> None:
    with pytest.raises(Unacceptable, match=says):
        read(sent)


# --- things that are two things at once


def test_a_page_that_begins_before_the_pdf_is_none() -> None:
    with pytest.raises(Unacceptable, match="Web pages"):
        read(b"<html><script>alert(1)</script>" + pdf())


@pytest.mark.parametrize("tail", [b"<script>alert(1)</script>", packed({"a.exe": b"MZ"}), picture("GIF")])
def test_a_pdf_with_something_behind_its_end_is_refused(tail: bytes) -> None:
    with pytest.raises(Unacceptable, match="cannot be read"):
        read(pdf() + tail)


def test_a_gif_that_is_a_script_is_refused() -> None:
    with pytest.raises(Unacceptable, match="GIF"):
        read(b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_behind_a_picture_is_kept(kind: str) -> None:
    for tail in (packed({"a.exe": b"MZ"}), b"<script>alert(1)</script>"):
        kept = read(picture(kind) + tail).content
        assert b"PK\x03\x04" not in kept
        assert b"script" not in kept


def test_something_before_or_behind_a_word_document_is_refused() -> None:
    for sent in (docx() + b"<script>", docx() + docx()):
        with pytest.raises(Unacceptable):
            read(sent)
    with pytest.raises(Unacceptable, match="Web pages"):
        read(b"<html>" + docx())


# --- pictures


def test_a_picture_loses_where_and_by_what_it_was_taken_and_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010F] = "Camera of Pell"
    exif.get_ifd(0x8825)[1] = "N"
    sent = picture("JPEG", size=(40, 30), exif=exif.tobytes(), comment=b"By Pell")
    assert b"Pell" in sent
    with Image.open(BytesIO(read(sent).content)) as kept:
        assert kept.size == (30, 40)
        assert not kept.getexif()
    assert b"Pell" not in read(sent).content


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("JPEG", "L"),
        ("JPEG", "CMYK"),
        ("PNG", "P"),
        ("PNG", "RGBA"),
        ("PNG", "L"),
        ("PNG", "I;16"),
        ("WEBP", "RGBA"),
    ],
)
def test_pictures_of_every_make_stay_what_they_show(kind: str, mode: str) -> None:
    sent = picture(kind, mode=mode)
    with Image.open(BytesIO(read(sent).content)) as kept, Image.open(BytesIO(sent)) as before:
        assert kept.size == before.size
        if mode != "CMYK":
            assert kept.getpixel((5, 5)) != kept.getpixel((35, 5))


@pytest.mark.parametrize("sent", [specimens.huge_png(60_000, 60_000), specimens.huge_png(9_000, 8_000)])
def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_drawn(sent: bytes) -> None:
    assert len(sent) < 2000
    with pytest.raises(Unacceptable):
        read(sent)


def test_half_a_picture_is_refused() -> None:
    for kind in ("JPEG", "PNG", "WEBP"):
        sent = picture(kind, size=(400, 300))
        with pytest.raises(Unacceptable, match="cannot be read"):
            read(sent[: len(sent) // 2])


def test_a_picture_that_moves_is_refused() -> None:
    frames = [Image.new("RGB", (10, 10), colour) for colour in ("red", "blue")]
    out = BytesIO()
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    with pytest.raises(Unacceptable, match="move"):
        read(out.getvalue())


def test_a_heic_picture_becomes_a_jpeg_that_stands_upright_and_says_nothing_of_where() -> None:
    sent = specimens.heic()
    assert b"Pell" in sent
    taken = read_apart(sent)
    assert taken.kind is FileKind.JPEG
    assert b"Pell" not in taken.content
    with Image.open(BytesIO(taken.content)) as kept:
        assert (kept.format, kept.size) == ("JPEG", (48, 64))
        assert not kept.getexif()
        top, bottom = (kept.convert("RGB").crop((24, y, 25, y + 1)).tobytes() for y in (8, 56))
    assert top[2] > 200 > top[0]  # blue lay to the left, which is up once it was turned
    assert bottom[0] > 200 > bottom[2]


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (specimens.heic("vast"), "too large to draw"),
        (specimens.heic("two"), "several pictures"),
        (specimens.heic()[:500], "cannot be read"),
        (specimens.heic()[:300] + b"\xff" * 500, "cannot be read"),
        (b"\0\0\0\x18ftypmif1" + b"\0" * 5000, "cannot be read"),
    ],
)
def test_a_heic_picture_that_is_too_large_several_or_broken_is_refused(sent: bytes, says: str) -> None:
    with pytest.raises(Unacceptable, match=says):
        read_apart(sent)


def test_a_heic_picture_whose_head_lies_of_its_size_is_refused_or_small() -> None:
    """The sizes that the head gives, each set to something vast: what comes of it stays within bounds."""
    sent = specimens.heic()
    at = sent.index(b"ispe") + 8
    lying = sent[:at] + (60_000).to_bytes(4, "big") * 2 + sent[at + 8 :]
    with pytest.raises(Unacceptable):
        read_apart(lying)


# --- Word documents


@pytest.mark.parametrize(
    "sent",
    [
        docx({"word/vbaProject.bin": b"\xd0\xcf\x11\xe0 macro"}),
        docx({"word/harmless.xml": b"\xd0\xcf\x11\xe0 macro"}),
        docx({"word/embeddings/a.xlsx": packed({"x": "y"})}),
        docx({"word/media/a.png": b"MZ a program"}),
        docx(relation=("attachedTemplate", "https://evil.example/t.dotm", True)),
        docx(relation=("oleObject", "https://evil.example/x", True)),
        docx(relation=("image", "https://evil.example/x.png", True)),
        docx(relation=("aFChunk", "page.html", False)),
    ],
)
def test_a_word_document_that_does_something_or_fetches_is_refused(sent: bytes) -> None:
    with pytest.raises(Unacceptable, match="macro"):
        read(sent)


def test_a_word_document_may_hold_links_to_click() -> None:
    sent = docx(relation=("hyperlink", "https://www.gov.uk", True))
    assert read(sent).content == sent


@pytest.mark.parametrize(
    ("main", "says"),
    [
        ("application/vnd.ms-word.document.macroEnabled.main+xml", "macro"),
        (f"{TYPES.replace('wordprocessingml', 'spreadsheetml')}.sheet.main+xml", "only Word documents"),
    ],
)
def test_other_office_files_are_refused(main: str, says: str) -> None:
    with pytest.raises(Unacceptable, match=says):
        read(docx(main=main))


def test_a_word_document_that_unpacks_to_far_too_much_is_refused_unpacked() -> None:
    bomb = docx({"word/media/a.bin": b"\0" * 160_000_000})
    assert len(bomb) < 1_000_000
    with pytest.raises(Unacceptable, match="unpacked"):
        read(bomb)
    with pytest.raises(Unacceptable, match="unpacked"):
        read(docx({f"word/{n}.xml": "x" for n in range(2_001)}))


def test_a_word_document_that_lies_of_its_size_is_refused() -> None:
    sent = docx({"word/a.xml": b"A" * 5000})
    at = sent.rfind(b"PK\x01\x02", 0, sent.rfind(b"word/a.xml"))
    lying = sent[: at + 24] + (100).to_bytes(4, "little") + sent[at + 28 :]
    with pytest.raises(Unacceptable):
        read(lying)


def test_a_word_document_with_a_bomb_in_its_list_of_parts_is_refused() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><Types>&b;</Types>'
    with pytest.raises(Unacceptable, match="cannot be read"):
        read(docx({"[Content_Types].xml": bomb}))


def test_a_word_document_with_a_path_out_of_it_is_refused() -> None:
    with pytest.raises(Unacceptable):
        read(docx({"../../etc/passwd": "x"}))


# --- PDFs


@pytest.mark.parametrize(
    "sent",
    [
        acting_pdf(S="/JavaScript", JS="app.alert(1)"),
        acting_pdf(S="/Launch", F="cmd.exe"),
        acting_pdf(S="/SubmitForm", F="https://evil.example"),
        acting_pdf(S="/GoToE", F="x"),
        acting_pdf(Type="/RichMedia"),
        acting_pdf(XFA="x"),
    ],
)
def test_a_pdf_that_does_something_by_itself_is_refused(sent: bytes) -> None:
    with pytest.raises(Unacceptable, match="acts by itself"):
        read(sent)


def test_a_pdf_that_hides_what_it_does_behind_other_letters_is_refused() -> None:
    sent = acting_pdf(S="/JavaScript", JS="app.alert(1)").replace(b"/JavaScript", b"/J#61vaScript")
    with pytest.raises(Unacceptable):
        read(sent)


def test_a_pdf_that_carries_another_file_is_refused() -> None:
    writer = pages()
    writer.add_attachment("a.exe", b"MZ")
    with pytest.raises(Unacceptable, match="another file"):
        read(written(writer))


def test_a_pdf_with_a_password_is_refused() -> None:
    writer = pages()
    writer.encrypt("secret", algorithm="RC4-128")
    with pytest.raises(Unacceptable, match="password"):
        read(written(writer))


def test_a_pdf_without_pages_or_its_end_is_refused() -> None:
    for sent in (b"%PDF-1.7\n%%EOF", pdf()[:-10], b"%PDF-1.7\n" + b"\0" * 500 + b"%%EOF", b"%PDF-"):
        with pytest.raises(Unacceptable):
            read(sent)


# --- apart


def test_a_file_is_read_in_a_process_of_its_own() -> None:
    sent = pdf()
    assert read_apart(sent).content == sent
    with pytest.raises(Unacceptable, match="Web pages"):
        read_apart(b"<svg/>")


def test_a_file_that_breaks_that_process_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.files.sandbox._START", "import os; os.abort()")
    with pytest.raises(Unacceptable, match="cannot be read"):
        read_apart(pdf())
