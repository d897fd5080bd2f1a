"""Inside an organization: its teams, who is away and who stands in, whose work it is today.

No table of its own: `leave` is in `accounts`, `team` in `organizations`.
"""
