"""What is kept for minutes alone is deleted."""

from sqlalchemy import Connection, delete

from portal import clock
from portal.models.documents import DocumentJob


def delete_documents(connection: Connection) -> int:
    """Long documents whose time is over, taken or not, made or not."""
    return connection.execute(delete(DocumentJob).where(DocumentJob.expires_at <= clock.now())).rowcount
