"""wsgidav on a free port of the loopback. Prints the port, and ends with standard input.

Arguments: the password of `user`, and the folder that is served, which goes with the server.
"""

import logging
import os
import shutil
import sys
import threading

from cheroot import wsgi
from wsgidav.wsgidav_app import WsgiDAVApp

logging.disable(logging.CRITICAL)
password, folder = sys.argv[1:]
app = WsgiDAVApp(
    {
        "provider_mapping": {"/": folder},
        "simple_dc": {"user_mapping": {"*": {"user": {"password": password}}}},
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
