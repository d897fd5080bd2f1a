"""Telling people: notices in the console and on the phone. Table: `notice`.

Notices are written by jobs that hear facts from the outbox; at most one a person, event and step.
"""
