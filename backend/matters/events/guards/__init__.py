"""What a step waits for: guards that answer what is missing, by where they are asked. No I/O."""
