"""Saving what is being typed, in the background of a page where several may write."""

from collections.abc import Callable, Sequence

from flask import Response, make_response, render_template

from portal.changes.errors import Conflict, Versions
from portal.web.conflict import Difference
from portal.web.transaction import attempt


def autosave(
    save: Callable[[], int],
    *,
    differences: Callable[[Versions], Sequence[Difference]],
    stands: Callable[[], int],
    keep: str,
    write: str,
    heading: str = "Somebody else wrote in the same part",
) -> Response:
    """Save what is being typed; where somebody else wrote in the same place meanwhile, show both.

    Args:
        save: asks the service, and gives the number of this saving.
        differences: in what the two met, in words.
        stands: the number of the saving that stands after a conflict.
        keep: where what was typed here is saved by hand.
        write: where one writes on from what the other wrote.
    """
    try:
        with attempt():
            number = save()
    except Conflict as clash:
        both = {"heading": heading, "differences": differences(clash.versions), "number": stands()}
        return make_response(render_template("layouts/clash.html", **both, keep=keep, write=write), 409)
    return Response(status=204, headers={"X-Version": str(number)})
