"""A backup can be restored, and brings back the same portal: rows, row security, reach, audit trail."""
