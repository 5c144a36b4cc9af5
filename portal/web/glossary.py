"""Rare words and abbreviations, and what they mean: one file, `config/glossary.toml`."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Flask

_FILE = Path(__file__).parents[2] / "config" / "glossary.toml"


@dataclass(frozen=True)
class Word:
    """One of them.

    Attributes:
        code: what an address calls it.
        long: what an abbreviation stands for.
    """

    code: str
    word: str
    means: str
    long: str = ""


def init_app(app: Flask) -> None:
    """Let templates explain a word where it stands: ``{{ ui.explain("nrm") }}``."""
    app.jinja_env.globals["glossary_word"] = word


@cache
def glossary() -> tuple[Word, ...]:
    """All of them, by the alphabet."""
    found = tomllib.loads(_FILE.read_text("utf-8"))
    return tuple(
        sorted((Word(code, **facts) for code, facts in found.items()), key=lambda one: one.word.lower())
    )


def word(code: str) -> Word:
    """One of them.

    Raises:
        KeyError: the file does not explain it.
    """
    found = {one.code: one for one in glossary()}
    return found[code]
