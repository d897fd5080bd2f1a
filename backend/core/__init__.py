"""What every domain shares, and no domain: settings, database, errors, who is asking, steps,
journals, the city's day, jobs, log.

Nothing here imports a domain. Tables of its own: `outbox`, `client_key`.
"""
