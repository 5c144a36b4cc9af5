"""Where a person wanted to go before they had to sign in: a place in this portal, and no other."""

from urllib.parse import urlsplit

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

LONGEST = 500


def own_path(address: str | None) -> str | None:
    """The address as a path of this portal, or None if it could lead anywhere else."""
    if not address or len(address) > LONGEST or not address.isprintable() or " " in address:
        return None
    if not address.startswith("/") or address.startswith("//") or "\\" in address:
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme or parts.netloc or parts.path.startswith(("/sign-in", "/sign-out")):
        return None
    return address


class ReturnAddresses:
    """Signs such a path, so that an address from elsewhere cannot carry one of its own making."""

    def __init__(self, secret: str | bytes | None) -> None:
        if not secret:
            raise RuntimeError("SECRET_KEY is missing")
        self._serializer = URLSafeSerializer(secret, salt="return to")

    def sign(self, address: str | None) -> str | None:
        """The signed form of a path of this portal; None if it is not one."""
        path = own_path(address)
        return str(self._serializer.dumps(path)) if path else None

    def read(self, signed: str | None) -> str | None:
        """The path, if it was signed here and still leads nowhere else."""
        if not signed:
            return None
        try:
            return own_path(self._serializer.loads(signed))
        except BadSignature:
            return None


def signed(address: str | None) -> str | None:
    """A path of the present portal, signed by it; None for an address that could lead elsewhere."""
    return ReturnAddresses(current_app.secret_key).sign(address)


def read(value: str | None) -> str | None:
    """The path that the present portal signed, or None."""
    return ReturnAddresses(current_app.secret_key).read(value)
