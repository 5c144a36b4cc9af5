"""Every component on a few pages, for looking at and for axe. Not part of the app: no route of it is here."""
