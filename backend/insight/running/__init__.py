"""What hangs, is parked or was given up, in sentences; and trying it again.

`queries` reads the jobs' last runs, the outbox and the messages; `service` makes sentences of them
for the page of the city's administrator and for `./onemap doctor`. No table of its own: who had
what tried again stands in the audit list.
"""
