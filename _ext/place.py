"""Where in the sources a part of a page comes from."""


def nearest(node):
    """Return the node, or the nearest one around it that knows its line."""
    while not node.line and node.parent:
        node = node.parent
    return node
