"""Who looked at a case, and what somebody looked at, took out and changed: the audit trail, for people."""
