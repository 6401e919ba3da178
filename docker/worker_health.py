"""Health check: exits 0 if the Celery worker of this container answers.

It imports only Celery: `celery inspect ping` would import all of Airflow twice a minute.
"""

import os
import socket
import sys

from celery import Celery


def main() -> int:
    """Ping only the worker of this container."""
    worker = f"celery@{socket.gethostname()}"
    control = Celery(broker=os.environ["AIRFLOW__CELERY__BROKER_URL"]).control
    answered = control.ping(destination=[worker], timeout=5)
    print(worker, "answers" if answered else "does not answer")
    return int(not answered)


if __name__ == "__main__":
    sys.exit(main())
