"""Why a file is not taken, in words for whoever chose it."""

ACCEPTED = "a PDF, a Word document (.docx), or a picture (JPEG, PNG or WebP)"


class Unacceptable(ValueError):
    """A file that is not taken.

    Args:
        reason: a sentence that says what is wrong and what to do.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
