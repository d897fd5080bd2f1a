"""``python -m backend`` is the command line that `./onemap` hands over to."""

from backend.cli import app

app(prog_name="./onemap")
