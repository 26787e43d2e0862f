// Made by `wsgi-charm check`, `build` and `pack` from metadata.yaml, config.yaml and actions.yaml: change those.

/** Options with the types of their values. Those without a default may be absent. */
export interface Options {
  /** TCP port that the application is served on, 1 to 65535. */
  port: number;
  /** Where the WSGI callable is, in Python notation: the module's path, a colon, the callable's name. */
  wsgi_module: string;
  /** Command to run before the application is (re)started, for example ./manage.py migrate. */
  provision_command: string;
  /** Which units run provision_command: every, or leader for the leader alone. */
  provision_on: string;
  /** Seconds that provision_command may take before it and everything that it started is ended. */
  provision_timeout: number;
  /** Environment variables for the application, in Bash assignment syntax, separated by spaces or newlines. */
  environment_variables: string;
  /** URIs of Juju secrets, separated by spaces or commas, as juju add-secret prints them. */
  environment_secrets: string;
  /** Variables of relations under names that the application reads, separated by spaces or newlines. */
  environment_from: string;
  /** How many of each process of the application's Procfile run on a unit, separated by spaces, for example worker=2 mailer=0; 1 where nothing is said. */
  processes: string;
  /** Processes of the Procfile that run at certain times instead of all the time, on the leader and one at a time, with an expression of systemd's OnCalendar, for example cleanup=daily report="Mon *-*-* 06:00". */
  schedules: string;
  /** Seconds that a process is given to finish its work when it is stopped, by SIGTERM, before it is ended. */
  process_stop_timeout: number;
  /** Debian packages that the application needs, separated by spaces. */
  apt_dependencies: string;
  /** Seconds to wait for another program that is installing packages. */
  apt_lock_timeout: number;
  /** What the application writes within itself, separated by spaces: folders such as media or instance, and files such as db.sqlite3. */
  data_paths: string;
  /** The file within the application that names what is installed into its virtual environment: a requirements file, pylock.toml, uv.lock or pyproject.toml. */
  requirements_path: string;
  /** A folder within the application that holds the packages to install. */
  pip_cache_dir: string;
  /** Seconds that each step of the installation, by pip or by uv, may take. */
  pip_timeout: number;
  /** The Python that runs the application: a path such as /usr/bin/python3.12, for one that apt_dependencies installs, or a version such as 3.13, which uv installs on the unit where the machine has none. */
  python: string;
  /** File that holds the logs of gunicorn and all that the application prints, next to the journal; under /var/log or the application root. */
  wsgi_logfile_path: string;
  /** How gunicorn writes its own lines and those of access_log: text, or json for one JSON object a line. */
  log_format: string;
  /** Number of gunicorn's worker processes. */
  workers: number;
  /** Kind of gunicorn's workers: sync or gthread; asgi for an ASGI application (FastAPI, Starlette, Django's asgi.py) with gunicorn 24 or newer; gevent, tornado or a class in Python notation, such as uvicorn_worker.UvicornWorker, where the requirements install it. */
  worker_class: string;
  /** Number of threads in each worker. */
  threads: number;
  /** Seconds after which a worker that no longer shows signs of life is replaced. */
  timeout: number;
  /** Seconds that requests in flight are given to finish at a restart. */
  graceful_timeout: number;
  /** Seconds that an idle connection is kept open for the next request. */
  keepalive: number;
  /** Number of requests after which a worker is replaced by a new one, against leaks of memory. */
  max_requests: number;
  /** Each worker adds a random number up to this one to max_requests, so that not all are replaced at once. */
  max_requests_jitter: number;
  /** Addresses of the proxies whose X-Forwarded-Proto and similar headers are believed, separated by commas; * for all. */
  forwarded_allow_ips: string;
  /** Whether each request is logged. */
  access_log: boolean;
  /** Path that must be answered, with a status below 500, before a new version takes the place of the old one. */
  health_path: string;
  /** Seconds that the application may take to answer health_path after it was started. */
  start_timeout: number;
  /** Seconds for which the application's main process must stay the same, after it first answered, to count as started. */
  settle_time: number;
  /** Name of the database to ask related database applications for. */
  database_name: string;
  /** Roles to ask PostgreSQL for, separated by commas. */
  database_roles: string;
  /** Extensions to ask PostgreSQL for, separated by commas. */
  database_extensions: string;
  /** Path of the application to which an identity provider sends users back, with the relation oauth. */
  oauth_redirect_path: string;
  /** What the application asks an identity provider for, with the relation oauth; separated by blanks. */
  oauth_scopes: string;
  /** Protocol of the service behind manager-service, http or https. */
  manager_service_protocol: string;
  /** Path of the page that Nagios asks for. */
  nagios_index_path: string;
  /** Text that Nagios must find in that page. */
  nagios_index_content: string;
  /** HTTP status that Nagios must be answered with. */
  nagios_index_status: number;
  /** Prefix of this unit's host name in Nagios, used where the related subordinate names no host. */
  nagios_context: string;
  /** Nagios service groups that the checks belong to, separated by commas. */
  nagios_servicegroups: string;
  /** Host name that the check of the verify relation sends in its request. */
  verify_hostname: string;
  /** Path that the check of the verify relation asks for. */
  verify_path: string;
  /** Text that the check of the verify relation must find in the answer. */
  verify_content: string;
  /** Text that the status line of the answer to the check of the verify relation must hold. */
  verify_status: string;
  /** Name of a variable in which every unit is given the same random key, for example SECRET_KEY. */
  secret_key_variable: string;
  /** How a change of options, build or charm reaches the units: at-once (every unit as its hook comes), one-by-one (a unit hands over when the unit before it serves the change), or canary (the first unit hands over, and the others wait for the action promote-release). */
  rollout: string;
  /** Folders of the application that gunicorn's workers serve to browsers themselves, as URL=FOLDER, separated by spaces. */
  static_files: string;
  /** What the page says. */
  greeting: string;
}

/** The names of this charm, for `typed<Charm, WsgiApi>()` of layer-wsgi/reactive. */
export interface Charm {
  options: Options;
  endpoints:
    | 'website'
    | 'wsgi-file'
    | 'nrpe-external-master'
    | 'verify'
    | 'cos-agent'
    | 'haproxy-route'
    | 'ingress'
    | 'postgres'
    | 'postgresql'
    | 'mysql'
    | 'mongo'
    | 'mongodb'
    | 'redis'
    | 'valkey'
    | 'rabbitmq'
    | 's3'
    | 'smtp'
    | 'oauth'
    | 'saml'
    | 'openfga'
    | 'tracing'
    | 'receive-ca-certs'
    | 'webservice'
    | 'manager-service'
    | 'fleet';
  storage: never;
  actions:
    | 'rollback'
    | 'restart'
    | 'show-environment'
    | 'provision'
    | 'run'
    | 'list-processes'
    | 'check'
    | 'doctor'
    | 'plan'
    | 'promote-release'
    | 'halt-release'
    | 'rotate-secret-key';
  actionParams: {
    rollback: object;
    restart: object;
    "show-environment": { reveal: boolean };
    provision: object;
    run: { command: string; timeout: number };
    "list-processes": object;
    check: object;
    doctor: object;
    plan: { options: string };
    "promote-release": object;
    "halt-release": object;
    "rotate-secret-key": object;
  };
  layerFlags:
    | 'wsgi.source.available'
    | 'wsgi.system.ready'
    | 'wsgi.configured'
    | 'wsgi.ready'
    | 'wsgi.active'
    | 'wsgi.available'
    | 'wsgi.process.changed';
}
