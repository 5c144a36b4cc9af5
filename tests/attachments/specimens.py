"""Files of every sort, made for the purpose: what people send, and what somebody might try."""

import struct
import zlib
from collections.abc import Sequence
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

#: The harmless file by which virus scanners show that they work, in two parts so that it is not one here.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_CONTENT_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="{main}"/></Types>'
)
_RELATION = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"'
    ' Target="{target}"{mode}/></Relationships>'
)
_DOCUMENT = '<w:document xmlns:w="x"><w:body/></w:document>'


def pdf(*, marker: str = "", blank: tuple[int, int] = (200, 200)) -> bytes:
    """A PDF of one page; a marker makes two of them differ."""
    return written(pages(marker, blank))


def pages(marker: str = "", blank: tuple[int, int] = (200, 200)) -> PdfWriter:
    """What a PDF is written from."""
    writer = PdfWriter()
    writer.add_blank_page(*blank)
    writer.add_metadata({"/Title": marker})
    return writer


def written(writer: PdfWriter) -> bytes:
    """What a writer holds, as a file."""
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def acting_pdf(**entries: str) -> bytes:
    """A PDF that does something when it is opened."""
    writer = pages()
    action = DictionaryObject(
        {
            NameObject(f"/{key}"): NameObject(v) if v[0] == "/" else TextStringObject(v)
            for key, v in entries.items()
        }
    )
    writer._root_object[NameObject("/OpenAction")] = writer._add_object(action)
    return written(writer)


def docx(
    parts: dict[str, bytes | str] | None = None,
    *,
    main: str = f"{TYPES}.document.main+xml",
    relation: tuple[str, str, bool] | None = None,
) -> bytes:
    """A Word document.

    Args:
        parts: more parts of it, by their names.
        main: what its first part says that it is.
        relation: what that part belongs with: the kind, where, and whether outside.
    """
    inside: dict[str, bytes | str] = {
        "[Content_Types].xml": _CONTENT_TYPES.format(main=main),
        "_rels/.rels": _RELATION.format(kind="officeDocument", target="word/document.xml", mode=""),
        "word/document.xml": _DOCUMENT,
    }
    if relation:
        kind, target, outside = relation
        mode = ' TargetMode="External"' if outside else ""
        inside["word/_rels/document.xml.rels"] = _RELATION.format(kind=kind, target=target, mode=mode)
    return packed(inside | (parts or {}))


def packed(parts: dict[str, bytes | str]) -> bytes:
    """A packed folder."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as folder:
        for name, content in parts.items():
            folder.writestr(name, content)
    return out.getvalue()


def picture(
    kind: str = "JPEG", *, size: tuple[int, int] = (40, 30), mode: str = "RGB", **more: object
) -> bytes:
    """A picture of one colour, half of it another."""
    drawn = Image.new("RGB", size, "red")
    drawn.paste("blue", (0, 0, size[0] // 2, size[1]))
    if mode == "I;16":
        drawn = Image.new(mode, size, 60_000)
        drawn.paste(20, (0, 0, size[0] // 2, size[1]))
    out = BytesIO()
    drawn.convert(mode).save(out, kind, **more)
    return out.getvalue()


def huge_png(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that says it is enormous."""

    def chunk(name: bytes, content: bytes) -> bytes:
        summed = zlib.crc32(name + content)
        return struct.pack("!L", len(content)) + name + content + struct.pack("!L", summed)

    head = chunk(b"IHDR", struct.pack("!LLBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def eml(
    *, text: str = "", html: str = "", files: Sequence[tuple[str, bytes]] = (), sender: str = "Quill Pell"
) -> bytes:
    """A saved e-mail."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = f"{sender} <quill@school.example>", "Hub", "Friday"
    made["Date"] = "Fri, 27 Nov 2026 10:00:00 +0000"
    if text or not html:
        made.set_content(text)
    if html:
        (made.add_alternative if text else made.set_content)(html, subtype="html")
    for name, content in files:
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return made.as_bytes()


def heic(name: str = "turned") -> bytes:
    """A HEIC picture: one on its side that says where it was taken, `two` in one file, or a `vast` one."""
    return (Path(__file__).parent / f"{name}.heic").read_bytes()
