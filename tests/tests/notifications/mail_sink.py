"""A mail server that prints each mail that it takes as a line of JSON. Its only account is on the command
line: user, password. The first line is the port on which it listens."""

import email
import email.policy
import json
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


class Print:
    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = {kind: mail.get_body((kind,)).get_content() for kind in ("plain", "html")}
        print(json.dumps({"to": envelope.rcpt_tos, "from": envelope.mail_from, "subject": mail["Subject"], **parts}), flush=True)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    account = [part.encode() for part in sys.argv[1:3]]
    is_right = isinstance(data, LoginPassword) and [data.login, data.password] == account
    return AuthResult(success=is_right, handled=False)


class AnyPort(Controller):
    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


controller = AnyPort(
    Print(),
    hostname="127.0.0.1",
    port=0,
    authenticator=authenticate,
    auth_required=True,
    auth_require_tls=False,
    # Its way to ask for names is not the one that Alertmanager answers.
    auth_exclude_mechanism=["LOGIN"],
)
controller.start()
print(controller.port, flush=True)
sys.stdin.read()  # until the test has gone
controller.stop()
