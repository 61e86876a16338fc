"""`python -m helpline.staff`: the staff console on STAFF_HOST and STAFF_PORT."""

from __future__ import annotations

import sys

import settings
from helpline.shared import logs
from helpline.shared.server import serve
from helpline.staff.app import create_app


def main() -> int:
    """Serve until told to stop; return 2 when a setting cannot be used."""
    try:
        values = settings.load()
        logs.configure(values.log_level)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    serve(create_app(values), values.staff_host, values.staff_port)
    return 0


if __name__ == "__main__":
    sys.exit(main())
