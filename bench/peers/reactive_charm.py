"""A charm on charms.reactive with one trivial handler, as layer:basic's hooks run it."""
import os

os.environ.setdefault('JUJU_CHARM_DIR', os.environ.get('CHARM_DIR', '.'))
import charmhelpers.osplatform

# charmhelpers refuses every distribution but the two it knows.
charmhelpers.osplatform.get_platform = lambda: 'ubuntu'
from charms.reactive import main, when_not  # noqa: E402


@when_not('never.set')
def trivial():
    pass


main()
