"""The three lists as people meet them: pages, hot spots, who is told, what ends with its events.

Table: `hot_spot` (a place where the same kind of matter comes back). Items themselves, their states
and their log are in `matters/items`.
"""
