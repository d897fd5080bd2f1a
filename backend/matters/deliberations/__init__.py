"""Village decisions (五步议事法, 四议两公开): a motion goes through the steps of a procedure.

Tables: `procedure` (versioned templates: steps, quorum and majority as data), `deliberation` with
its append-only, hash-chained log `deliberation_action`, `sitting` and `sitting_person` (assemblies
that were held), `objection` (against what was put on notice), `roll_member` (who belongs to an
assembly). The arithmetic of quorum and majority is in `procedures`, whose step is which in
`workflow`; both know no I/O. What is on public notice is read by strangers through one database
function that shows nothing else.
"""
