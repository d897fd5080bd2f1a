"""The city itself: its areas, its organizations, and the people who hold posts in them.

areas < organizations < accounts < staffing < duty: each imports what stands before it.
"""
