"""What can be done to events. Callers own the transaction; nothing here commits.

`reporting` takes reports in, `placing` finds their place, `stepping` moves events along, `facts`
reads from the log what the rules must know, `showing` puts an event together for its reader.
"""
