"""Photos: checked, re-encoded, stripped of what they know about their maker.

Table: `media`. A photo belongs to its uploader until a step of an event takes it, and from then on
is seen by exactly those who see the event. Files have random names; no user text is in any path.
"""
