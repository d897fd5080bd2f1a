"""By when something is due: `alarms` expects and silences, `jobs` scans for what became late."""
