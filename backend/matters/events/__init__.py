"""Events: the matter being managed, from a report to its end.

Tables: `event`, `event_action` (append-only, hash-chained an event), `assignment` (one
organization's duty), `alarm` (what is expected by a moment), `event_contact` (who can be called
back), `external_reference` (its number where it came from), `reveal` (who saw a contact, why),
`supervision_serial` (how many numbers of supervisions a county has given in a year).

The rules are in `workflow` (one table, no I/O), with their words in `vocabulary` and what a step
waits for in `guards`, from the `facts` of the event. `visible_to` in `queries` is where reads
begin; `kin` knows what was merged into what, through any length, `whereabouts` where an event went
that changed its county, `sensitivity` who sees what is sensitive.

Rooms: `reading` < `promises` < `casework` < `intake`.
"""
