"""Private PostgreSQL and Redis for one checkout: unix sockets only, no port, no root.

`place` says where they live, `postgres` and `redis` how each is made and started, `supervisor`
keeps a set of processes alive and ends them all with their parent.
"""
