"""Photos: checked, re-encoded, stripped of what they know about their maker; and documents.

Table: `media`. A photo or document belongs to its uploader until a step of an event, item or
village decision takes it, and from then on is seen by exactly those who see that. Files have random
names; no user text is in any path.
"""
