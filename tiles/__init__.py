"""Vector tiles: layers declared once, one SQL file each; read only.

Imports only `backend.core` (token, settings) and knows the database's schema.
"""
