"""What a city has to do with: events, list items, village decisions, meetings.

categories < items < events < routing < deliberations < lists < reviews < telling: each imports
what stands before it.
"""
