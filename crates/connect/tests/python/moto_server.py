"""moto's S3 on a free port of the loopback, with one empty bucket, `bucket`. Prints the port, and ends with standard
input."""

import logging
import os
import sys
import urllib.request

from moto.server import ThreadedMotoServer

logging.disable(logging.CRITICAL)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
_, port = server.get_host_and_port()
urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/bucket", method="PUT")).close()
print(port, flush=True)
sys.stdin.read()
os._exit(0)
