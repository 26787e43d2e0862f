"""A charm on the ops framework with one trivial observer."""
import ops


class Charm(ops.CharmBase):
    def __init__(self, framework):
        super().__init__(framework)
        framework.observe(self.on.update_status, self._on_update_status)

    def _on_update_status(self, event):
        pass


ops.main(Charm)
