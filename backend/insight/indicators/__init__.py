"""What leaders see: indicators by area, read from counters, each defined once. No table."""
