"""Notices in console and phone, and messages that leave the house.

`writing` writes notices, at most one a person, matter and step; `queries` reads them; `sending`
sends what is due, at most twice; `gateways` are the ways out. Who is told of what, and in which
words, is decided in `matters/telling`. Tables: `notice`, `message`, `message_template`.
"""
