"""What charms.reactive finds for an interface that the layer speaks itself.

charms.reactive looks for a library for every endpoint of a charm, and calls it an error when there is none, in every hook.
"""
from importlib import import_module
from inspect import isclass

from charms.reactive.relations import RelationFactory


class LeftToLayer(RelationFactory):
    """The relation has no object: the layer's handlers read and write it."""

    @classmethod
    def from_name(cls, relation_name):
        return None

    @classmethod
    def from_flag(cls, flag):
        return None


def implementation(role, interface):
    """The interface's own library where the charm includes it, so that its author has the use of it as ever."""
    try:
        module = import_module('relations.{}.{}'.format(interface, role))
    except ImportError:
        return LeftToLayer
    found = [value for value in vars(module).values() if isclass(value) and value.__module__ == module.__name__]
    return next((value for value in found if issubclass(value, RelationFactory)), LeftToLayer)
