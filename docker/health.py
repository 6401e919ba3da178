"""Health check: exits 0 if Airflow reports that the component named on the command line is healthy.

The API server has every component's heartbeat. A request to it takes milliseconds; `airflow jobs check` would
import all of Airflow in every container six times a minute.
"""

import json
import sys
import urllib.request

URL = "http://api-server:8080/api/v2/monitor/health"


def main(component: str) -> int:
    """Print the component's status; the exit code is 0 if it is healthy."""
    # Ignore a proxy from the environment: this request stays between containers.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(URL, timeout=8) as answer:
        status = json.load(answer)[component]["status"]
    print(status)
    return int(status != "healthy")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
