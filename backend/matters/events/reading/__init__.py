"""Reading events: `whole` for the rules, `facts` from the log, `listing` and `showing` for screens,
`carried` for the item that one goes on as.

`auditing` and `revealing` are looks that leave a trace.
"""
