"""Documents: signing them behind one small interface."""
