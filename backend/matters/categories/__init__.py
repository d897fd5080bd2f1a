"""What events are about: versioned schemes of categories, with their filing conditions.

Tables (small, shared): `category_scheme`, `category`, `filing_condition`. A scheme before it is
published is in `schemes`, its spreadsheet in `sheet`, what a category asks in `questions`.
"""
