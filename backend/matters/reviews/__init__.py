"""Review meetings (事件研判会): on the map, on a projector and at home at the same time.

Tables: `review`, `review_entry` (its agenda), `review_person` (who signed in), `review_vote`,
`review_line` (everything that happened, numbered and hash-chained: what a screen that was away
reads to catch up, and what the minutes are written from).

Decisions are made in the meeting and take effect at its end, each as one transition of the event's
own workflow: until then any of them can be taken back.
"""
