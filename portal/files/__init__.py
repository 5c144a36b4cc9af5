"""What a file is by what is in it, whether it is taken, and the virus scanner. Neither web nor database."""

#: What is taken, in words for whoever chose something else.
ACCEPTED = (
    "a PDF, a Word document (.docx), a picture (JPEG, PNG, WebP or HEIC), or a saved e-mail (.eml or .msg)"
)


class Unacceptable(ValueError):
    """A file that is not taken.

    Args:
        reason: a sentence that says what is wrong and what to do.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
