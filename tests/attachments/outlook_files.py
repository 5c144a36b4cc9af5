"""Writes files of Outlook (.msg): a folder of streams in sectors, as small as they come."""

import struct
from dataclasses import dataclass, field
from typing import Any

SECTOR, SMALL = 512, 64
_SMALLER_THAN = 4096  # bytes of a stream that lies among the small ones
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_NONE = 0xFFFFFFFF
_STORAGE, _STREAM, _ROOT = 1, 2, 5

SENT_AT = 134_089_236_000_000_000  # 30 November 2025, 11:00 UTC, by tenths of a microsecond from 1601


@dataclass
class Folder:
    """A folder by the names of what lies in it."""

    inside: dict[str, "bytes | Folder"] = field(default_factory=dict)


def message(**properties: str | bytes) -> Folder:
    """A message, by the numbers of its properties: `p0037="Subject"`."""
    times = struct.pack("<IIQ", 0x00390040, 6, SENT_AT)
    folder = Folder({"__properties_version1.0": b"\0" * 32 + times})
    for name, value in ({"p001A": "IPM.Note"} | properties).items():
        _put(folder, name, value)
    return folder


def carrying(folder: Folder, name: str, content: bytes | Folder) -> Folder:
    """The same message with one more file, or with another message."""
    number = sum(one.startswith("__attach") for one in folder.inside)
    attached = Folder({"__properties_version1.0": b"\0" * 8})
    _put(attached, "p3707", name)
    if isinstance(content, Folder):
        attached.inside["__substg1.0_3701000D"] = content
    else:
        _put(attached, "p3701", content)
    folder.inside[f"__attach_version1.0_#{number:08X}"] = attached
    return folder


def _put(folder: Folder, name: str, value: str | bytes) -> None:
    kind, content = ("001F", value.encode("utf-16-le")) if isinstance(value, str) else ("0102", value)
    folder.inside[f"__substg1.0_{name[1:]}{kind}"] = content


def msg(folder: Folder) -> bytes:
    """The file."""
    return _Writer().written(folder)


class _Writer:
    def __init__(self) -> None:
        self.sectors: list[bytes] = []
        self.fat: list[int] = []
        self.small = b""
        self.small_fat: list[int] = []
        self.entries: list[list[Any]] = []

    def written(self, root: Folder) -> bytes:
        self._add("Root Entry", root, _ROOT)
        small_fat = b"".join(struct.pack("<I", one) for one in self.small_fat)
        first_small_fat, count = self._chain(small_fat, fill=b"\xff")
        self.entries[0][6], self.entries[0][7] = self._chain(self.small)[0], len(self.small)
        first_entry, _ = self._chain(b"".join(_entry(*one) for one in self.entries))
        while len(self.fat) % 128 or not self.fat:  # each sector of the table tells of 128
            self.fat.append(_FREE)
            self.sectors.append(b"\0" * SECTOR)
        tables = 1
        while tables * 128 < len(self.fat) + tables:
            tables += 1
        at = len(self.fat)
        self.fat += [_FAT] * tables + [_FREE] * (tables * 128 - at - tables)
        table = b"".join(struct.pack("<I", one) for one in self.fat)
        head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
        head += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
        head += struct.pack(
            "<IIIIIIIIII", 0, tables, first_entry, 0, _SMALLER_THAN, first_small_fat, count, _END, 0, at
        )
        head += b"".join(struct.pack("<I", at + one if one < tables else _FREE) for one in range(1, 109))
        return head + b"".join(self.sectors) + table

    def _add(self, name: str, what: bytes | Folder, kind: int) -> int:
        number = len(self.entries)
        entry = [name, kind, _NONE, _NONE, _NONE, b"", _END, 0]
        self.entries.append(entry)
        if isinstance(what, Folder):
            entry[6] = 0
            entry[4] = self._tree(what, sorted(what.inside, key=lambda one: (len(one), one.upper())))
        else:
            entry[6], entry[7] = self._stream(what), len(what)
        return number

    def _tree(self, folder: Folder, names: list[str]) -> int:
        """What lies in a folder, those with lower names to the left; the number of the one in the middle."""
        if not names:
            return _NONE
        middle = len(names) // 2
        inner = folder.inside[names[middle]]
        added = self._add(names[middle], inner, _STORAGE if isinstance(inner, Folder) else _STREAM)
        self.entries[added][2] = self._tree(folder, names[:middle])
        self.entries[added][3] = self._tree(folder, names[middle + 1 :])
        return added

    def _stream(self, content: bytes) -> int:
        if not content:
            return _END
        if len(content) >= _SMALLER_THAN:
            return self._chain(content)[0]
        first, pieces = len(self.small_fat), -(-len(content) // SMALL)
        self.small += content.ljust(pieces * SMALL, b"\0")
        self.small_fat += [*range(first + 1, first + pieces), _END]
        return first

    def _chain(self, content: bytes, fill: bytes = b"\0") -> tuple[int, int]:
        pieces = -(-len(content) // SECTOR)
        if not pieces:
            return _END, 0
        first = len(self.sectors)
        padded = content.ljust(pieces * SECTOR, fill)
        self.sectors += [padded[at : at + SECTOR] for at in range(0, len(padded), SECTOR)]
        self.fat += [*range(first + 1, first + pieces), _END]
        return first, pieces


def _entry(
    name: str, kind: int, left: int, right: int, child: int, _state: bytes, first: int, size: int
) -> bytes:
    wide = (name + "\0").encode("utf-16-le")
    head = wide.ljust(64, b"\0") + struct.pack("<HBB", len(wide), kind, 1)
    return head + struct.pack("<III", left, right, child) + b"\0" * 36 + struct.pack("<IQ", first, size)
