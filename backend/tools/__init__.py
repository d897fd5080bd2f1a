"""Equipment that knows accounts, areas and matters by their keys only; no domain is imported.

counters < media < search < importing < calendar < typesetting < notices.
"""
