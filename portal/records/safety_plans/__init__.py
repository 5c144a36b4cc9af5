"""Safety plans: what to do, who knows, until when."""
