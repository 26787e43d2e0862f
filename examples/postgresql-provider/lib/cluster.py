"""Two PostgreSQL servers on one machine: a primary, and a hot standby that follows it."""

import glob
import json
import os
import secrets
import shutil
import subprocess
import time

ROOT = os.environ.get("WSGI_ROOT", "")
HOME = f"{ROOT}/var/lib/postgresql-provider"
UNITS = f"{ROOT}/etc/systemd/system"


class Problem(Exception):
    """What the operator can mend, in a sentence."""


class Server:
    """One of the two servers, in a folder and under a systemd unit of its own."""

    def __init__(self, name, host, port):
        self.name, self.host, self.port = name, host, port
        self.unit = f"postgresql-provider-{name}.service"
        self.folder = f"{HOME}/{name}"

    @property
    def exists(self):
        return os.path.exists(f"{self.folder}/PG_VERSION")

    def write_unit(self):
        command = [*as_server(), program("postgres"), "-D", self.folder, "-p", str(self.port)]
        for setting in (f"listen_addresses={self.host}", "unix_socket_directories=", "wal_retrieve_retry_interval=200ms"):
            command += ["-c", setting]
        text = f"""[Unit]
Description=PostgreSQL of the provider charm, server {self.name}
After=network-online.target

[Service]
ExecStart={" ".join(command)}
KillMode=mixed
KillSignal=SIGINT
TimeoutStopSec=30
Restart=on-failure

[Install]
WantedBy=multi-user.target
"""
        path = f"{UNITS}/{self.unit}"
        if read(path) != text:
            os.makedirs(UNITS, exist_ok=True)
            write(path, text)
            systemctl("daemon-reload")
            systemctl("enable", self.unit)
            return True
        return False

    def start(self, password, changed=False):
        """Returns once it answers; says whether it was started anew because something about it has changed."""
        changed = self.write_unit() or changed
        systemctl("restart" if changed else "start", self.unit)
        deadline = time.monotonic() + 60
        while subprocess.run(self.psql("postgres"), input="select", env=environment(password), **QUIET).returncode != 0:
            if time.monotonic() > deadline:
                raise Problem(f"PostgreSQL does not answer on port {self.port}: see journalctl -u {self.unit}")
            time.sleep(0.05)
        return changed

    def psql(self, database):
        address = ["-h", self.host, "-p", str(self.port), "-U", "postgres", "-d", database]
        return [program("psql"), "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", *address]


# For the charm itself and the standby, by whatever address the machine has: initdb's own rules are for loopback alone.
SUPERUSER_RULES = ("host all postgres all scram-sha-256", "host replication postgres all scram-sha-256")


class Cluster:
    """Which server is the primary, and the superuser's password, are remembered in a file."""

    def __init__(self, config, host):
        self.state = json.loads(read(f"{HOME}/state.json") or "null") or {
            "primary": "a",
            "password": secrets.token_urlsafe(24),
            "clients": {},
        }
        self.tls = config["tls"]
        self.host = host
        ports = {"a": config["port"], "b": config["standby_port"]}
        self.servers = {name: Server(name, host, port) for name, port in ports.items()}

    @property
    def primary(self):
        return self.servers[self.state["primary"]]

    @property
    def standby(self):
        return next(server for server in self.servers.values() if server is not self.primary)

    @property
    def password(self):
        return self.state["password"]

    @property
    def version(self):
        return self.sql("show server_version").split()[0]

    def save(self):
        os.makedirs(HOME, mode=0o700, exist_ok=True)
        write(f"{HOME}/state.json", json.dumps(self.state), mode=0o600)

    def ensure_running(self):
        self.save()
        if not self.primary.exists:
            self._create(self.primary)
        changed = self.primary.start(self.password, changed=self._set_tls())
        if self.standby.exists and not changed:
            self.standby.start(self.password)
        else:
            self.make_standby(self.standby)

    def sql(self, text, database="postgres", server=None):
        """Runs SQL as superuser, on the primary if not told; it goes through stdin, for passwords are in it."""
        command = (server or self.primary).psql(database)
        done = subprocess.run(command, input=text, env=environment(self.password), text=True, capture_output=True)
        if done.returncode != 0:
            # The message alone: psql repeats the statement, and with it passwords, in the lines after.
            raise Problem("PostgreSQL: " + (done.stderr.splitlines() or ["psql failed"])[0])
        return done.stdout.strip()

    def admit(self, clients):
        """Lets the users of clients in, each to its database; what is not named here is locked out."""
        kind = "hostssl" if self.tls else "host"
        rules = list(SUPERUSER_RULES)
        rules += [f'{kind} {name(c["database"])} {name(c["user"])} all scram-sha-256' for c in clients]
        for server in self.servers.values():
            path = f"{server.folder}/pg_hba.conf"
            text = "\n".join(rules) + "\n"
            if server.exists and read(path) != text:
                write(path, text)
                self.sql("select pg_reload_conf()", server=server)

    def fail_over(self):
        old, new = self.primary, self.standby
        systemctl("stop", old.unit)
        self.state["primary"] = new.name
        self.sql("select pg_promote()")
        self.save()

    def make_standby(self, server):
        """Copies the primary anew; what the server held is gone."""
        systemctl("stop", server.unit)
        shutil.rmtree(server.folder, ignore_errors=True)
        source = ["-h", self.primary.host, "-p", str(self.primary.port), "-U", "postgres"]
        command = ["pg_basebackup", "-D", server.folder, "-R", "--checkpoint=fast", "--no-sync", *source]
        server_program(command, env=environment(self.password))
        server.start(self.password)

    def _create(self, server):
        password_file = f"{HOME}/initial-password"
        write(password_file, self.password, mode=0o600)
        options = ["-U", "postgres", "--pwfile", password_file, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        server_program(["initdb", "-D", server.folder, "--auth=scram-sha-256", *options])
        os.unlink(password_file)
        # Before its first start: the charm itself connects by the machine's address.
        write(f"{server.folder}/pg_hba.conf", "\n".join(SUPERUSER_RULES) + "\n")

    def _set_tls(self):
        """Writes the setting, which the standby copies; returns whether the primary has to start anew for it."""
        if self.tls and not self.certificate:
            self._make_certificate()
        path = f"{self.primary.folder}/postgresql.auto.conf"
        lines = [line for line in (read(path) or "").splitlines() if not line.startswith("ssl ")]
        text = "\n".join([*lines, f"ssl = {'on' if self.tls else 'off'}", ""])
        changed = read(path) != text
        if changed:
            write(path, text, mode=0o600)
        return changed

    def _make_certificate(self):
        """A certificate of the address, signed by itself, that is at once the CA to check it with."""
        made = ["-keyout", f"{self.primary.folder}/server.key", "-out", f"{self.primary.folder}/server.crt"]
        subject = ["-days", "3650", "-subj", "/CN=postgresql-provider", "-addext", f"subjectAltName=IP:{self.host}"]
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *made, *subject]
        subprocess.run(command, check=True, **QUIET)

    @property
    def certificate(self):
        return read(f"{self.primary.folder}/server.crt") if self.tls else None

    @staticmethod
    def stop_all():
        for path in glob.glob(f"{UNITS}/postgresql-provider-*.service"):
            unit = os.path.basename(path)
            systemctl("stop", unit)
            systemctl("disable", unit)


QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "text": True}


def as_server():
    """PostgreSQL refuses to run as root: in a user namespace it is somebody else, with the same files."""
    return ["/usr/bin/unshare", "--user", "--map-user=postgres", "--map-group=postgres"] if os.geteuid() == 0 else []


def server_program(command, env=None):
    argv = [*as_server(), program(command[0]), *command[1:]]
    done = subprocess.run(argv, env=env, capture_output=True, text=True)
    if done.returncode != 0:
        raise Problem(f"{command[0]} failed: " + (done.stderr.splitlines() or ["no message"])[-1])


def install():
    """The distribution's own cluster is not wanted: this charm makes two of its own."""
    if not glob.glob("/usr/lib/postgresql/*/bin/postgres"):
        os.makedirs(f"{ROOT}/etc/postgresql-common/createcluster.d", exist_ok=True)
        write(f"{ROOT}/etc/postgresql-common/createcluster.d/provider.conf", "create_main_cluster = false\n")
        subprocess.run(["apt-get", "install", "-y", "postgresql", "openssl"], check=False)


def program(name_of_program):
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name_of_program}"))
    if not found:
        raise Problem("PostgreSQL is not installed: apt-get install postgresql")
    return found[-1]


def environment(password):
    return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PGPASSWORD": password, "PGCONNECT_TIMEOUT": "5"}


def systemctl(*args):
    subprocess.run(["systemctl", *args], check=args[0] in ("start", "restart", "daemon-reload"))


def name(text):
    """An SQL identifier; pg_hba.conf quotes alike."""
    return '"' + text.replace('"', '""') + '"'


def literal(text):
    return "'" + text.replace("'", "''") + "'"


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


def write(path, text, mode=0o644):
    with open(os.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(f"{path}.new", path)
