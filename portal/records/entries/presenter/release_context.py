"""Whether words leave the portal with the answer to the present request, and how: as its route declares.

`@allow(…, releases="print")` and `releases="export"` say so of a route. Whatever shows entries asks here, so
that no page has to remember it.
"""

from flask import current_app, has_request_context, request

from portal.access.guard import rule_of
from portal.vocabulary.uses import Use

_USES = {"print": Use.PRINT, "export": Use.EXPORT}


def leaving() -> Use | None:
    """The use that the present answer makes of the words that it holds; none of a page that is read."""
    if not has_request_context() or request.endpoint is None:
        return None
    rule = rule_of(current_app, request.endpoint)
    return _USES.get(rule.releases) if rule and rule.releases else None
