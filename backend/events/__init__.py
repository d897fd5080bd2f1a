"""Events: the matter being managed, from a report to its end.

Tables: `event`, `event_action` (append-only, hash-chained an event), `assignment` (one
organization's duty), `event_contact` (who can be called back), `reveal` (who saw a contact, why).
The rules are in `workflow` (one table, no I/O), with their words in `vocabulary` and what a step
waits for in `guards`. `visible_to` in `queries` is where reads begin.
"""
