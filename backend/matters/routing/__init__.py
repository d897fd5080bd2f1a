"""Where a filed event should go, by rules that explain themselves. Table: `routing_rule`.

`rules` is the arithmetic of rules, without I/O: which one fires and why, which can never fire.
`service` keeps them, tries them on what happened, and sends out what an automatic rule decides.
"""
