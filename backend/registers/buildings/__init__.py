"""Houses that people live in. Table: `house`."""
