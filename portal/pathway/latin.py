"""Text in plain Latin letters, so that it is compared whatever its accents and its script."""

import re
import unicodedata

from anyascii import anyascii

#: Signs that are a syllable or a word each, written without spaces: Chinese characters, Korean syllables.
_SYLLABLES = re.compile("([\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff])")


def latin(text: str) -> str:
    """The text in lower-case ASCII: letters without accents, other scripts transliterated sign by sign.

    What has no letters of its own, as a mark above or below, is left out. Syllables of scripts that are
    written without spaces become words of their own.
    """
    composed = unicodedata.normalize("NFKC", text)
    return anyascii(_SYLLABLES.sub(r" \1 ", composed)).lower()
