"""The mail server: takes everything, except for addresses of which a tester said that they do not exist."""

from asyncio import Server
from collections.abc import Iterator
from contextlib import contextmanager

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.demo.mail.kept import Kept

HOST = "127.0.0.1"
NO_SUCH_ADDRESS = "550 5.1.1 There is no such address here"


class _Handler:
    """What the server does with an address and with a mail; aiosmtpd gives these methods their names."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd looks for this name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address.lower() in self._kept.gone():
            return NO_SUCH_ADDRESS
        envelope.rcpt_tos.append(address.lower())
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 -- aiosmtpd looks for this name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.original_content or b""
        name = self._kept.keep(content, to=tuple(envelope.rcpt_tos), returns_to=envelope.mail_from or "")
        return f"250 2.0.0 Kept as {name}"


@contextmanager
def listening(kept: Kept, *, port: int = 0) -> Iterator[int]:
    """Take mail on this machine, in a thread of its own. Gives the port.

    Args:
        port: 0 for any that is free.
    """
    controller = _Controller(_Handler(kept), hostname=HOST, port=port, server_hostname="demo.example")
    controller.start()
    try:
        yield controller.chosen_port
    finally:
        controller.stop()


class _Controller(Controller):
    """A controller that finds out which port it was given when any would do."""

    @property
    def chosen_port(self) -> int:
        assert isinstance(self.server, Server)  # noqa: S101 -- it has started
        port: int = self.server.sockets[0].getsockname()[1]
        return port

    def _trigger_server(self) -> None:
        self.port = self.chosen_port
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd does not say
