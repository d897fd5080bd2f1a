"""How matters become events: reported, taken down at a desk, or imported. No table of its own.

`reporting` takes one report in (its statement is `report.sql`), `placing` finds where it lies;
`desk` takes down calls and visits, `importing` whole files of past cases, `suggesting` proposes a
category from words and from past cases; `public` opens a report by its number and code.
"""
