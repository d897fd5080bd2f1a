"""What hangs, is parked or was given up, in sentences; and trying it again.

`service` looks at the jobs' last runs, the outbox, the messages and the workers, for the page of
the city's administrator, for `./onemap doctor`, and for the readiness answer. Table: `tried_again`,
who had what tried again.
"""
