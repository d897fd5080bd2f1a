"""What can be done to events. Callers own the transaction; nothing here commits.

`stepping` takes one step; `effects` are what steps change beyond the state; `passing` and `handing`
carry on what belongs to another event or another person.
"""
