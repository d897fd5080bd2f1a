"""Cases that come in from elsewhere. No table of its own: they become events.

`importing` takes whole files of past cases, through the same placing as everything else.
"""
