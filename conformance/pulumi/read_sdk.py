"""Reads what a provider accepts and returns from its official Python package, without running any of it.

Usage: read_sdk.py <wheel>. Prints JSON: {resources, functions, types}; a resource or function has inputs and outputs, a property has a
type (the language of lab/tables: "string", "integer[]", "{string}", "#Name", "any"), and may be required or secret.
"""

import ast
import json
import sys
import zipfile

PLAIN = {"str": "string", "bool": "boolean", "int": "integer", "float": "number", "Any": "any"}


def type_text(node):
    """The type of an annotation; Input, Output, Optional and Awaitable say nothing about the value."""
    if isinstance(node, ast.Constant):
        if not isinstance(node.value, str):
            return "any"
        return type_text(ast.parse(node.value, mode="eval").body) if "[" in node.value else reference(node.value)
    if isinstance(node, ast.Attribute):
        return PLAIN.get(node.attr) or reference(node.attr)
    if isinstance(node, ast.Name):
        return PLAIN.get(node.id) or reference(node.id)
    if isinstance(node, ast.Subscript):
        outer = node.value.attr if isinstance(node.value, ast.Attribute) else node.value.id
        inner = node.slice
        if outer in ("Input", "Output", "Optional", "Awaitable"):
            return type_text(inner)
        if outer == "Sequence":
            return f"{type_text(inner)}[]"
        if outer == "Mapping":
            return "{" + type_text(inner.elts[1]) + "}"
        if outer == "Union":
            return type_text(inner.elts[0])
    return "any"


def reference(name):
    """A type of the package itself; assets are not looked into."""
    last = name.split(".")[-1]
    return "asset" if last in ("Asset", "Archive") else f"#{last}"


def camel_name(function):
    """The wire's name of a getter, or None for anything else."""
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and getattr(decorator.func, "attr", "") == "getter":
            return next((k.value.value for k in decorator.keywords if k.arg == "name"), function.name)
        if getattr(decorator, "attr", "") == "getter":
            return function.name
    return None


def getters(cls):
    """Python name -> (wire name, type) of a class."""
    found = {}
    for item in cls.body:
        if isinstance(item, ast.FunctionDef) and item.returns is not None:
            name = camel_name(item)
            if name is not None:
                found[item.name] = (name, type_text(item.returns))
    return found


def required_names(cls):
    """Python names that the constructor has no default for."""
    for item in cls.body:
        if isinstance(item, ast.FunctionDef) and item.name == "__init__" and not is_overload(item):
            arguments = item.args
            if arguments.kwonlyargs:
                return {a.arg for a, default in zip(arguments.kwonlyargs, arguments.kw_defaults) if default is None}
            positional = arguments.args[1:]
            return {a.arg for a in positional[: len(positional) - len(arguments.defaults)]}
    return set()


def is_overload(function):
    return any(getattr(d, "id", "") == "overload" for d in function.decorator_list)


def properties(cls):
    required = required_names(cls)
    return {
        wire: {"type": kind, **({"required": True} if python in required else {})}
        for python, (wire, kind) in sorted(getters(cls).items(), key=lambda item: item[1][0])
    }


def token_of(cls):
    """The token that a resource class hands to its base, and the outputs it marks as secret."""
    token, secrets = None, []
    for node in ast.walk(cls):
        if not isinstance(node, ast.Call):
            continue
        if getattr(node.func, "attr", "") == "__init__" and node.args and isinstance(node.args[0], ast.Constant):
            token = node.args[0].value
        for keyword in node.keywords:
            if keyword.arg == "additional_secret_outputs" and isinstance(keyword.value, ast.List):
                secrets = [e.value for e in keyword.value.elts]
    return token, secrets


def read_class(cls, folder, classes, schema):
    base = next((getattr(b, "attr", "") for b in cls.bases), "")
    if base in ("CustomResource", "ProviderResource"):
        token, secrets = token_of(cls)
        inputs = classes.get(f"{cls.name}Args")
        outputs = {name: {"type": kind} for name, kind in getters(cls).values()}
        entry = {"inputs": properties(inputs) if inputs else {}, "outputs": outputs}
        for side in entry.values():
            for name in secrets:
                if name in side:
                    side[name]["secret"] = True
        if base == "ProviderResource":
            schema["config"] = entry["inputs"]
        elif token:
            schema["resources"][token] = entry
    elif any(getattr(d, "attr", "") in ("input_type", "output_type") for d in cls.decorator_list):
        schema["types"][f"{folder}/{cls.name}"] = properties(cls)


def double_optional(annotation):
    """Whether an argument of a function's `_output` form may be left out: Input[Optional[Optional[…]]]."""
    depth = 0
    for node in ast.walk(annotation):
        if isinstance(node, ast.Name) and node.id == "Optional":
            depth += 1
    return depth > 1


def read_function(function, functions, classes, schema):
    token, wire_names = None, {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript) and isinstance(node.value, ast.Name):
            target = node.targets[0]
            if getattr(target.value, "id", "") == "__args__":
                wire_names[node.value.id] = target.slice.value
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("invoke_output", "invoke") and node.args:
            if isinstance(node.args[0], ast.Constant):
                token = node.args[0].value
    late = functions.get(f"{function.name}_output")
    if token is None or late is None:
        return
    inputs = {}
    for argument in late.args.args:
        if argument.arg in wire_names:
            optional = double_optional(argument.annotation)
            inputs[wire_names[argument.arg]] = {"type": type_text(argument.annotation), **({} if optional else {"required": True})}
    result = late.returns.slice
    name = (result.value if isinstance(result, ast.Constant) else getattr(result, "id", getattr(result, "attr", ""))) if late.returns else ""
    outputs = {wire: {"type": kind} for wire, kind in getters(classes[name]).values()} if name in classes else {}
    schema["functions"][token] = {"inputs": inputs, "outputs": outputs}


def read_wheel(path):
    schema = {"resources": {}, "functions": {}, "types": {}, "config": {}}
    with zipfile.ZipFile(path) as wheel:
        for name in sorted(wheel.namelist()):
            if not name.endswith(".py"):
                continue
            folder = name.rpartition("/")[0]
            tree = ast.parse(wheel.read(name))
            classes = {n.name: n for n in tree.body if isinstance(n, ast.ClassDef)}
            functions = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef)}
            for cls in classes.values():
                read_class(cls, folder, classes, schema)
            for function in functions.values():
                read_function(function, functions, classes, schema)
            qualify(schema, folder)
    return schema


def qualify(schema, folder):
    """Types are named by module: two modules may use one name. What this module added gets its module's name."""
    for group in ("resources", "functions"):
        for entry in schema[group].values():
            for side in entry.values():
                qualify_properties(side, folder)
    for entry in [schema["config"], *schema["types"].values()]:
        qualify_properties(entry, folder)


def qualify_properties(entry, folder):
    for item in entry.values():
        start = item["type"].find("#")
        if start >= 0 and "/" not in item["type"]:
            item["type"] = item["type"][: start + 1] + f"{folder}/" + item["type"][start + 1 :]


if __name__ == "__main__":
    json.dump(read_wheel(sys.argv[1]), sys.stdout, indent=1, sort_keys=True)
