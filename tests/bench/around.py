"""What every page asks beside its own: who asks, and the row that says that they did."""

import re

AROUND = re.compile(r"set_config|ctx\.arrive|ctx\.touch_session|INSERT INTO audit_event|SAVEPOINT")
