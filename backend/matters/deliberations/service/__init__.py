"""What can be done with village decisions: (session, actor, ...) in, never commits."""
