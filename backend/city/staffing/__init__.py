"""Who holds which post: appointing and inviting, ending, many from a spreadsheet.

The table of rights (who may appoint whom) is in `appointing`. No table of its own: `post` and
`invitation` are in `accounts`, because signing in reads them.
"""
