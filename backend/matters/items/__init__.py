"""List items: what goes on for longer than an event. Problems, developments, tasks.

Tables: `item`, `item_action` (append-only, hash-chained an item), `item_event` (the events that it
goes back to or carries on), `milestone`. The rules are in `workflow` (one table, no I/O). An item
knows events by their keys only, so that `events` can ask whether an item may carry one on; what
needs both is in `matters/lists`.
"""
