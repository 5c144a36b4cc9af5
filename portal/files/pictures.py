"""Pictures: decoded and drawn anew, so that place, camera and whatever hangs behind them is gone."""

from io import BytesIO

from pi_heif import register_heif_opener
from PIL import Image, ImageOps, JpegImagePlugin
from PIL.PngImagePlugin import PngInfo

from portal.files import Unacceptable
from portal.records.attachments.vocabulary import FileKind

#: More dots than any telephone or scanner makes; more would need too much memory to draw.
MOST_DOTS = 60_000_000

_QUALITY = 90
_UNREADABLE = "This picture cannot be read. Save it again, or choose another"

#: A telephone may put a second picture for its own use into a JPEG (MPO); the first is what it shows.
_FORMATS = {FileKind.JPEG: ("JPEG", "MPO"), FileKind.PNG: ("PNG",), FileKind.WEBP: ("WEBP",)}

#: Of a HEIC file only the picture that it shows is looked at, by one thread.
register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)


def kind_of(sent: bytes) -> FileKind | None:
    """Which kind of picture a file begins as, if one that is taken."""
    if sent.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG
    if sent.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.PNG
    if sent[:4] == b"RIFF" and sent[8:12] == b"WEBP":
        return FileKind.WEBP
    return None


#: How a HEIC picture says what it is; those of films and of the newer AVIF are others.
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})


def is_heic(sent: bytes) -> bool:
    """Whether a file begins as a still picture of the kind that newer telephones make."""
    return sent[4:8] == b"ftyp" and sent[8:12] in _HEIC


def from_heic(sent: bytes) -> bytes:
    """The picture that a HEIC file shows, as a JPEG, upright, and nothing else of the file.

    Raises:
        Unacceptable: it cannot be read, is too large to draw, or holds several pictures.
    """
    try:
        with Image.open(BytesIO(sent), formats=("HEIF",)) as picture:
            _check_size(picture)
            if getattr(picture, "is_animated", False):
                raise Unacceptable("This file holds several pictures. Save the one that you mean")
            picture.load()
            _check_size(picture)  # the head of the file may have said less than what came of it
            out = BytesIO()
            picture.convert("RGB").save(out, "JPEG", quality=_QUALITY)
            return out.getvalue()
    except Unacceptable:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, RuntimeError) as error:
        raise Unacceptable(_UNREADABLE) from error


def _check_size(picture: Image.Image) -> None:
    if picture.width * picture.height > MOST_DOTS:
        raise Unacceptable("This picture is too large to draw. Save it with fewer dots (pixels)")


def reencode(sent: bytes, kind: FileKind) -> bytes:
    """The same picture, upright, and nothing else of the file.

    Raises:
        Unacceptable: it cannot be read, is too large to draw, or moves.
    """
    try:
        with Image.open(BytesIO(sent), formats=_FORMATS[kind]) as picture:
            _check_size(picture)
            if kind is not FileKind.JPEG and getattr(picture, "is_animated", False):
                raise Unacceptable("Pictures that move are not taken. Save one picture of it")
            return _drawn(picture, kind)
    except Unacceptable:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError) as error:
        raise Unacceptable(_UNREADABLE) from error


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
            flat.save(out, "JPEG", quality=_QUALITY)
    elif kind is FileKind.PNG:
        upright.save(out, "PNG", pnginfo=PngInfo(), icc_profile=None, exif=b"")
    else:
        upright.save(out, "WEBP", quality=_QUALITY, icc_profile=None, exif=b"", xmp=b"")
    return out.getvalue()
