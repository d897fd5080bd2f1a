"""Cases that come in from elsewhere. No table of its own: they become events.

`importing` takes whole files of past cases; `desk` takes down calls and visits; `suggesting`
proposes a category from words and from past cases. All go through the same placing and reporting.
"""
