"""Files on records, kept shut until they are checked."""
