"""Public assets with whoever answers for them. Table: `asset`.

What stands near a place is in `queries`, the spreadsheet in `register`.
"""
