"""wsgidav on a free port of the loopback, over a folder of its own. Prints the port, and ends with standard input.

The one argument is the password of `user`.
"""

import logging
import os
import shutil
import sys
import tempfile
import threading

from cheroot import wsgi
from wsgidav.wsgidav_app import WsgiDAVApp

logging.disable(logging.CRITICAL)
folder = tempfile.mkdtemp(prefix="syncline-wsgidav-")
app = WsgiDAVApp(
    {
        "provider_mapping": {"/": folder},
        "simple_dc": {"user_mapping": {"*": {"user": {"password": sys.argv[1]}}}},
        "http_authenticator": {"accept_basic": True, "accept_digest": False, "default_to_digest": False},
        "verbose": 0,
    }
)
server = wsgi.Server(("127.0.0.1", 0), app, numthreads=16)
server.prepare()
threading.Thread(target=server.serve, daemon=True).start()
print(server.bind_addr[1], flush=True)
sys.stdin.read()
shutil.rmtree(folder)
# The server's threads would go on waiting for requests.
os._exit(0)
