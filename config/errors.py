"""What stops the start of a deployment."""


class SettingError(RuntimeError):
    """A setting is missing or cannot be right."""
