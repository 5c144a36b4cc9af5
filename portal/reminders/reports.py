"""Reading a delivery report (RFC 3464): whether mail could not be delivered for good, and to whom."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses

_parse = BytesParser(policy=policy.compat32)  # the lenient one: a report comes from anybody's machine
_FOR_GOOD = re.compile(r"5\.\d{1,3}\.\d{1,3}\b")  # what follows may be a comment, with names in it
_TO = ("To", "Delivered-To", "X-Original-To", "Envelope-To")


@dataclass(frozen=True)
class Failure:
    """A mail that will never be delivered.

    Args:
        returned_to: the addresses that the report came to, one of which holds the message's token.
        receivers: the addresses that it names as those that failed, in lower case.
        status: such as `5.1.1`.
    """

    returned_to: tuple[str, ...]
    receivers: frozenset[str]
    status: str


def permanent_failure(source: bytes) -> Failure | None:
    """What a mail in the return mailbox reports, if it reports that something failed for good.

    Delays, successes, automatic replies and letters from people are none.
    """
    mail = _parse.parsebytes(source)
    if mail.get_content_type() != "multipart/report":
        return None
    failed = [one for one in _receivers(mail) if _failed(one)]
    if not failed:
        return None
    named = [address for one in failed for address in _addresses(one)]
    return Failure(
        returned_to=tuple(
            address for name in _TO for _, address in getaddresses([str(v) for v in mail.get_all(name, [])])
        ),
        receivers=frozenset(named),
        status=_status(failed[0]),
    )


def _receivers(mail: Message) -> Iterator[Message]:
    """The groups of lines about one receiver each; the first group is about the server."""
    for part in mail.walk():
        if part.get_content_type() == "message/delivery-status":
            groups = part.get_payload()
            if isinstance(groups, list):
                yield from (one for one in groups[1:] if isinstance(one, Message))
            return


def _failed(receiver: Message) -> bool:
    return _text(receiver, "Action").lower() == "failed" and bool(_status(receiver))


def _status(receiver: Message) -> str:
    """The code alone, where it says that something failed for good."""
    found = _FOR_GOOD.match(_text(receiver, "Status"))
    return found.group() if found else ""


def _addresses(receiver: Message) -> Iterator[str]:
    for name in ("Original-Recipient", "Final-Recipient"):
        _, _, address = _text(receiver, name).partition(";")
        if address.strip():
            yield address.strip().strip("<>").lower()


def _text(lines: Message, name: str) -> str:
    return " ".join(str(lines.get(name, "")).split())
