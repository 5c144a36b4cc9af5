"""The chronology of a case and of a child, over the records themselves."""
