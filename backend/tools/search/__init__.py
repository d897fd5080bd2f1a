"""Finding things again: how alike two texts are."""
