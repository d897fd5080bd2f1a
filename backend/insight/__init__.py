"""What is seen of all of it: figures by area, the year."""
