"""Documents for an agency's own system: accessible PDFs of what one reader may read.

A document is one function that gathers what queries return for its reader, block by block, and a Typst
template below `portal/templates/documents`: `record` lays blocks out, others have a form of their own.
"""

from portal.documents.document import LARGEST, LONGEST, Document, NoDocument, Taker, TooLong, render

__all__ = ["LARGEST", "LONGEST", "Document", "NoDocument", "Taker", "TooLong", "render"]
