"""Mail for the demonstration and the tests: a server that sends nothing on, and a page that shows what came.

What the portal sends arrives here, whoever it is for. A tester can read it, follow its links, and answer as a
mail system would: refuse an address from now on, or send back a delivery report. Both listen on this machine
only.
"""

from portal.demo.mail.kept import Kept, listening
from portal.demo.mail.pages import create_mail_page

__all__ = ["Kept", "create_mail_page", "listening"]
