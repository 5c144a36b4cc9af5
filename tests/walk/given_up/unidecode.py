"""How an earlier release spelt a name in Latin letters, by what this one spells it with."""

from anyascii import anyascii as unidecode

__all__ = ["unidecode"]
