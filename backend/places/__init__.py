"""Fixed things that people live and work in. Table: `house`."""
