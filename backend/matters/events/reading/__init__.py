"""Reading events: `whole` for the rules, `facts` from the log, `listing` and `showing` for screens.

`auditing` and `revealing` are looks that leave a trace.
"""
