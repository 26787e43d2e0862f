"""What handlers in Python may ask of layer:wsgi.

    from charms.layer import wsgi

    wsgi.restart()
    wsgi.set_environment('SECRET_KEY', key)
    wsgi.set_check('queue', 'age of the queue', ['check_file_age', '-f', '/srv/queue'])
    wsgi.set_process('worker', 'celery -A shop worker', count=2)

All of it comes about at the end of the hook, and only if the hook succeeds.
"""


def restart():
    """Restarts the application as safely as after any change: the new one is tried beside the old one first."""
    _order({'ask': 'restart'})


def set_environment(name, value):
    """Gives the application a variable, over those of relations and under the operator's own. None takes it away."""
    _order({'ask': 'environment', 'name': name, 'value': value})


def set_check(name, description, command):
    """Adds a check for Nagios, or replaces the one of that name, the layer's own too.

    :param list command: The program and its arguments. A program without a slash is one of Nagios' own plugins.
    """
    _order({'ask': 'check', 'name': name, 'check': {'description': description, 'command': list(command)}})


def remove_check(name):
    """Takes a check back."""
    _order({'ask': 'check', 'name': name, 'check': None})


def set_process(name, command, count=1):
    """Adds a process beside the web server, or replaces the one of that name, the Procfile's too.

    :param str command: For /bin/sh, in the application's folder, with its environment, as its user.
    :param int count: How many run on a unit; the operator's option `processes` wins.
    """
    _order({'ask': 'process', 'name': name, 'process': {'command': command, 'count': count}})


def remove_process(name):
    """Takes a process back."""
    _order({'ask': 'process', 'name': name, 'process': None})


def _order(message):
    # Not at the top: layer:basic imports this module before it has registered what it does at the end of a hook, and
    # charms.reactive, which does something there too, is not to come before it.
    from charms.layer.wsgi import bridge
    bridge.process.order(message)
