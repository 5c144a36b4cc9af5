"""What somebody typed and a refused page would lose, because it has no form for it any more."""

from flask import g, request
from markupsafe import escape

from portal.access import form_tokens


def not_on(body: str) -> list[str]:
    """The words that were sent with this request and are not on the page that answers it.

    Only what a person wrote: a choice or a token is one word.
    """
    if request.method != "POST" or g.get("too_large"):  # what is too large was not read, and is not now
        return []
    sent = [
        value.strip()
        for name, value in request.form.items(multi=True)
        if name not in form_tokens.BESIDE and " " in value.strip()
    ]
    plain = body.replace("\r\n", "\n")
    return [value for value in dict.fromkeys(sent) if str(escape(value)).replace("\r\n", "\n") not in plain]
