"""Tables of no noun: duties, messages, documents under way, the audit trail."""
