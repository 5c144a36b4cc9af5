"""Files of the demonstration: drawn when it is loaded, so that none has to be kept beside the code."""

from collections.abc import Sequence
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from portal.demo.content.reading import Described
from portal.records.attachments.adding import SentFile

_PAGE = (1240, 1754)  # a sheet of A4 at 150 dots an inch
_EDGE, _LINE, _SIZE = 110, 58, 34
_PAPER, _INK = "#fffdf5", "#1d2a44"


def drawn(said: Described) -> SentFile:
    """A sheet with some lines on it, as the file of the demonstration says.

    Args:
        said: its name, whose ending is its kind (pdf, png or jpg), and what it says, line by line.
    """
    sheet = _sheet(said["says"])
    name: str = said["name"]
    out = BytesIO()
    kind = {"pdf": "PDF", "png": "PNG", "jpg": "JPEG"}[name.rpartition(".")[2]]
    sheet.save(out, kind)
    return SentFile(name, out.getvalue())


def _sheet(lines: Sequence[str]) -> Image.Image:
    sheet = Image.new("RGB", _PAGE, _PAPER)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(_SIZE)
    for number, line in enumerate(lines):
        pen.text((_EDGE, _EDGE + number * _LINE), line, fill=_INK, font=font)
    return sheet
