"""A delivery report, as a mail system sends it when it took a mail and could not deliver it (RFC 3464)."""

from email.message import EmailMessage, MIMEPart
from email.utils import format_datetime, make_msgid

from portal import clock
from portal.demo.mail.kept import ADDED, Mail

SYSTEM = "mail.demo.example"
NOBODY = "<>"  # reports have no return address, so that no report is sent about a report


def delivery_report(mail: Mail, *, address: str) -> EmailMessage:
    """Say that `mail` could not be delivered to `address`, for good.

    The headers of the mail are in the report, as they usually are; its text is not.
    """
    report = EmailMessage()
    report["Return-Path"] = NOBODY
    report["From"] = f"Mail delivery <postmaster@{SYSTEM}>"
    report["To"] = mail.returns_to
    report["Subject"] = "Undelivered mail returned to sender"
    report["Date"] = format_datetime(clock.now())
    report["Message-ID"] = make_msgid(domain=SYSTEM)
    report["Auto-Submitted"] = "auto-replied"
    report.set_content(f"Your message could not be delivered to {address}: there is no such address.\n")
    report.make_mixed()
    report.attach(_status(address))
    report.attach(_headers_of(mail))
    report.replace_header("Content-Type", 'multipart/report; report-type="delivery-status"')
    return report


def _status(address: str) -> EmailMessage:
    about_server, about_address = MIMEPart(), MIMEPart()
    about_server["Reporting-MTA"] = f"dns; {SYSTEM}"
    about_address["Final-Recipient"] = f"rfc822; {address}"
    about_address["Action"] = "failed"
    about_address["Status"] = "5.1.1"
    about_address["Diagnostic-Code"] = "smtp; 550 5.1.1 There is no such address"
    part = EmailMessage()
    part["Content-Type"] = "message/delivery-status"
    part.set_payload([about_server, about_address])
    return part


def _headers_of(mail: Mail) -> EmailMessage:
    """The headers as they came; those that the mail server added stand in front and are left out."""
    lines = mail.source.partition(b"\r\n\r\n")[0].decode("ascii", "replace").split("\r\n")
    part = EmailMessage()
    part["Content-Type"] = "text/rfc822-headers"
    part.set_payload("\n".join(line for line in lines if not line.startswith(ADDED)) + "\n")
    return part
