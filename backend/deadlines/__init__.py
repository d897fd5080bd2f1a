"""Deadlines: computed, stored, and found again by a scan. No table of its own yet.

`due_at` is the one place that turns a category's limit into a moment; working calendars and the
four clock types will live here.
"""
