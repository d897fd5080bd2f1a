"""Fixed things: houses that people live in, and public assets with whoever answers for them.

Tables: `house`, `asset`. What is near a place is in `assets`, the spreadsheet in `register`.
"""
