"""Who holds which post: appointing and inviting, ending, many from a spreadsheet.

Who may appoint whom stands in `core.rights`, where a post may be in `placing`. No table of its own:
`post` and `invitation` are in `accounts`, because signing in reads them.
"""
