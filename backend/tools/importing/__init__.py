"""Files that come in and go out: `sheets` reads and writes tables, with faults that say where."""
