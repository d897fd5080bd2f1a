"""The working calendar, four clocks, and what is due when.

`clocks` is the arithmetic, without I/O; `service` reads and publishes calendars and keeps the
stretches in which an event's clock ran; `stages` says how long an event may stay in each state.
Tables: `calendar_version`, `calendar_day` (small, shared), `clock_segment`.
"""
