"""What stands in the city and who answers for it: buildings, assets."""
