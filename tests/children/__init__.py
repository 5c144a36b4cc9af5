"""Children: identity, record, statements, links."""
