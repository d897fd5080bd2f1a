"""Numbers kept as things happen: deltas appended in the event's own transaction, rolled up later.

Tables: `counter_delta` (appended, never updated in place), `counter` (their sums, by area of every
level). One hot counter row would cost 78 % of the insert rate in a storm; a delta costs 12 %.
"""
