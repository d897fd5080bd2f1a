"""Telling people: notices in console and phone, and messages that leave the house.

`service` writes notices when it hears facts from the outbox, at most one a person, event and step,
and queues `messages` for those who left a number. `templates` are the words, edited by
administrators; `gateways` are the ways out; `sending` sends what is due, at most twice.
Tables: `notice`, `message`, `message_template`.
"""
