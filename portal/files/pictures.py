"""Pictures: decoded and drawn anew, so that place, camera and whatever hangs behind them is gone."""

from io import BytesIO

from PIL import Image, ImageOps, JpegImagePlugin
from PIL.PngImagePlugin import PngInfo

from portal.files import Unacceptable
from portal.records.attachments.vocabulary import FileKind

#: More dots than any telephone or scanner makes; more would need too much memory to draw.
MOST_DOTS = 60_000_000

#: A telephone may put a second picture for its own use into a JPEG (MPO); the first is what it shows.
_FORMATS = {FileKind.JPEG: ("JPEG", "MPO"), FileKind.PNG: ("PNG",), FileKind.WEBP: ("WEBP",)}


def kind_of(sent: bytes) -> FileKind | None:
    """Which kind of picture a file begins as, if one that is taken."""
    if sent.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG
    if sent.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.PNG
    if sent[:4] == b"RIFF" and sent[8:12] == b"WEBP":
        return FileKind.WEBP
    return None


def reencode(sent: bytes, kind: FileKind) -> bytes:
    """The same picture, upright, and nothing else of the file.

    Raises:
        Unacceptable: it cannot be read, is too large to draw, or moves.
    """
    try:
        with Image.open(BytesIO(sent), formats=_FORMATS[kind]) as picture:
            if picture.width * picture.height > MOST_DOTS:
                raise Unacceptable("This picture is too large to draw. Save it with fewer dots (pixels)")
            if kind is not FileKind.JPEG and getattr(picture, "is_animated", False):
                raise Unacceptable("Pictures that move are not taken. Save one picture of it")
            return _drawn(picture, kind)
    except Unacceptable:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError) as error:
        raise Unacceptable("This picture cannot be read. Save it again, or choose another") from error


def _drawn(picture: Image.Image, kind: FileKind) -> bytes:
    picture.load()
    # of the same quality as it came, which only a JPEG says
    tables = getattr(picture, "quantization", None)
    sampling = JpegImagePlugin.get_sampling(picture) if kind is FileKind.JPEG else -1
    upright = ImageOps.exif_transpose(picture)
    upright.info = {key: value for key, value in upright.info.items() if key == "transparency"}
    out = BytesIO()
    if kind is FileKind.JPEG:
        flat = upright if upright.mode in {"L", "RGB"} else upright.convert("RGB")
        same = bool(tables) and flat.mode == picture.mode
        if same:
            flat.save(out, "JPEG", qtables=tables, subsampling=sampling if flat.mode == "RGB" else -1)
        else:
            flat.save(out, "JPEG", quality=90)
    elif kind is FileKind.PNG:
        upright.save(out, "PNG", pnginfo=PngInfo(), icc_profile=None, exif=b"")
    else:
        upright.save(out, "WEBP", quality=90, icc_profile=None, exif=b"", xmp=b"")
    return out.getvalue()
