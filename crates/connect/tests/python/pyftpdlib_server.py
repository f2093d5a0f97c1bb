"""pyftpdlib on a free port of the loopback. Prints the port, and ends with standard input.

Arguments: the password of `user`, and a folder that goes with the server: its `tree` is served, and a `server.pem` in
it, key and certificate, makes the server want TLS.
"""

import logging
import os
import shutil
import sys
import threading

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
from pyftpdlib.servers import FTPServer

logging.disable(logging.CRITICAL)
password, folder = sys.argv[1:]
authorizer = DummyAuthorizer()
authorizer.add_user("user", password, os.path.join(folder, "tree"), perm="elradfmwMT")
handler = FTPHandler
certificate = os.path.join(folder, "server.pem")
if os.path.exists(certificate):
    handler = TLS_FTPHandler
    handler.certfile = certificate
    handler.tls_control_required = True
    handler.tls_data_required = True
handler.authorizer = authorizer
server = FTPServer(("127.0.0.1", 0), handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.address[1], flush=True)
sys.stdin.read()
shutil.rmtree(folder, ignore_errors=True)
os._exit(0)
