"""Who hears of what happens to an event, and in which words.

`service` hears facts from the outbox and decides who is told (`occasions` is the table of which
step concerns whom, `people` who that is); `messages` queues what goes to those who left a number;
`templates` are the words, edited by administrators. No table of its own: it writes through
`tools/notices`.
"""
