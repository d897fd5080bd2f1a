"""The API, the domain rules, the jobs, and the command line."""
