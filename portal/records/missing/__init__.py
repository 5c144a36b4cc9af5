"""Missing episodes, and what repeated ones ask for."""
