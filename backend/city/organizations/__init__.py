"""Organizations: who work is given to. Table: `organization` (small, shared by all counties)."""
