"""What the tests of orders share: a case of three agencies."""

from tests.documents.conftest import case

__all__ = ["case"]
