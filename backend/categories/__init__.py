"""What events are about: versioned schemes of categories. Table: `category` (small, shared)."""
