"""What can be done with list items: (session, actor, ...) in, never commits."""
