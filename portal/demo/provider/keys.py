"""Signing keys of the demonstration organisations, kept between runs in a folder of the instance."""

import json
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey, KeyParameters, KeySet, RSAKey

SigningKey = RSAKey | ECKey


def generate(algorithm: str) -> SigningKey:
    """Make a fresh signing key for RS256 or ES256."""
    parameters: KeyParameters = {"use": "sig", "alg": algorithm}
    if algorithm == "ES256":
        return ECKey.generate_key("P-256", parameters, auto_kid=True)
    return RSAKey.generate_key(2048, parameters, auto_kid=True)


class KeyRing:
    """The current key of each organisation, made when first asked for and kept in a folder."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._keys: dict[str, SigningKey] = {}

    def key(self, code: str, algorithm: str) -> SigningKey:
        """The key with which the organisation signs now."""
        if code not in self._keys:
            self._keys[code] = self._read(code) or self.rotate(code, algorithm)
        return self._keys[code]

    def rotate(self, code: str, algorithm: str) -> SigningKey:
        """Replace the organisation's key; tokens signed with the former one stop verifying."""
        self._keys[code] = generate(algorithm)
        self._write(code, self._keys[code])
        return self._keys[code]

    def public(self, code: str, algorithm: str) -> dict[str, Any]:
        """The organisation's key set as it publishes it."""
        return dict(KeySet([self.key(code, algorithm)]).as_dict(private=False))

    def _path(self, code: str) -> Path | None:
        return self._folder / f"{code}.jwk.json" if self._folder else None

    def _read(self, code: str) -> SigningKey | None:
        path = self._path(code)
        if path is None or not path.exists():
            return None
        content = json.loads(path.read_text(encoding="utf-8"))
        return ECKey.import_key(content) if content["kty"] == "EC" else RSAKey.import_key(content)

    def _write(self, code: str, key: SigningKey) -> None:
        path = self._path(code)
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(key.as_dict(private=True)), encoding="utf-8")
