"""Python's requests: a session, which keeps its connection."""

import sys
import time

import requests

base_url, prefix, count, _, ca_file = sys.argv[1:]
session = requests.Session()
session.trust_env = False
session.headers["x-api-key"] = "bench-key"
session.verify = ca_file or True


def delete(number):
    response = session.delete(f"{base_url}/v2/photo_avatar/{prefix}{number}", timeout=30)
    return response.status_code == 200 and response.json()["code"] == 100


deleted = delete(0)
cpu, start = time.process_time(), time.monotonic()
for number in range(1, int(count) + 1):
    deleted += delete(number)
print(int(deleted), time.process_time() - cpu, time.monotonic() - start)
