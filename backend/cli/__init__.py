"""The command line: every verb of `./onemap`, one file a group.

`environment` readies the private servers and the settings; the verbs build on it.
"""

from backend.cli.app import app

__all__ = ["app"]
