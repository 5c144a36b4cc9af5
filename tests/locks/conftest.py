"""What the tests of two people at once share."""

from tests.cases.conftest import case

__all__ = ["case"]
