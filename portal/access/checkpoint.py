"""Notes, outside the database, of where the audit trail stood: signed lines in a file.

Whoever may change every table could alter a row and seal all batches anew. The chain would be whole, and no
longer end where these lines say that it ended.
"""

from pathlib import Path

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import Connection, select

from portal.models import AuditSeal


class Checkpoints:
    """The lines of one file, the oldest first.

    Args:
        path: a file on another disk or host than the database's. It is made when missing.
        secret: what the lines are signed with; a line signed with another is no line.
    """

    def __init__(self, path: Path, secret: str) -> None:
        self.path = path
        self._signer = URLSafeSerializer(secret, salt="audit checkpoint")

    def write(self, connection: Connection) -> int:
        """Note the last batch, unless it is noted already. Returns how many lines that was."""
        last = connection.execute(select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1)).first()
        line = self._signer.dumps([last.number, last.digest.hex()]) if last else ""
        if not line or line in self._lines()[-1:]:
            return 0
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
        return 1

    def first_broken(self, connection: Connection) -> int | None:
        """The number of the first line (from 1) that is forged or not true, or None when all are true."""
        for position, line in enumerate(self._lines(), start=1):
            try:
                number, digest = self._signer.loads(line)
            except BadSignature:
                return position
            found = connection.scalar(select(AuditSeal.digest).where(AuditSeal.number == number))
            if found is None or found.hex() != digest:
                return position
        return None

    def _lines(self) -> list[str]:
        return self.path.read_text("utf-8").split() if self.path.exists() else []
