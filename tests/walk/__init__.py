"""Every page of the demonstration as nine people get it, recorded, and two such records compared."""
