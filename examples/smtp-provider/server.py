"""Take mail over STARTTLS from those who log in, and keep it: server.py ADDRESS PORT FOLDER.

FOLDER has server.crt and server.key, and in clients/USER.password the password of each user.
"""

import pathlib
import ssl
import sys
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import AuthResult

address, port, folder = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3])


def authenticate(_server, _session, _envelope, _mechanism, login):
    known = {path.stem: path.read_text() for path in (folder / "clients").glob("*.password")}
    return AuthResult(success=known.get(login.login.decode()) == login.password.decode())


context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(folder / "server.crt", folder / "server.key")
Controller(
    Mailbox(folder / "mails"),
    hostname=address,
    port=port,
    authenticator=authenticate,
    auth_required=True,
    require_starttls=True,
    tls_context=context,
).start()
threading.Event().wait()
