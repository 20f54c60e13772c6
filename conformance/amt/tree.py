"""tree.py <XML>: prints its tree as JSON: names with their namespaces, attributes, text, children."""
import json
import sys
from xml.etree import ElementTree


def tree(element):
    return {
        "name": element.tag,
        "attributes": dict(element.attrib),
        "text": (element.text or "").strip(),
        "children": [tree(child) for child in element],
    }


json.dump(tree(ElementTree.fromstring(sys.argv[1].encode())), sys.stdout)
