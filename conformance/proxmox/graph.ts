// What the program declares of Proxmox VE, as a graph for OpenTofu. Nothing is typed twice: resources, names, values and order are those of
// the program's own registrations, and how the provider spells them is read from the provider's own schema.

/** One registration of the program. */
export interface Registration {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Component it is a part of. */
  readonly parent?: string;
  readonly dependsOn: readonly string[];
  readonly ignoreChanges: readonly string[];
}

/** A block of a provider's schema, as `tofu providers schema -json` prints it. */
export interface Block {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly block_types?: Readonly<Record<string, { readonly block: Block; readonly nesting_mode: string }>>;
}
interface Attribute {
  readonly type?: unknown;
  readonly nested_type?: { readonly attributes: Readonly<Record<string, Attribute>>; readonly nesting_mode: string };
}

/** Schemas of all resources of the provider. */
export type ResourceSchemas = Readonly<Record<string, { readonly block: Block }>>;

/** A command on a host, which no provider of OpenTofu's runs. */
export interface HostCommand {
  readonly address: string;
  readonly script: string;
  readonly stdin?: string;
  /** What undoes it. */
  readonly undo?: string;
}

/** The graph. */
export interface Graph {
  /** Contents of main.tf.json. */
  readonly main: object;
  /** Commands by name; each is run by a resource of its own. */
  readonly commands: Readonly<Record<string, HostCommand>>;
  /** How many resources of the provider there are, by its type. */
  readonly counts: Readonly<Record<string, number>>;
}

const COMMAND = "command:remote:Command";
const PROXMOX = "proxmoxve:";

/** A value that is known only once another resource is there; stands in a registration where the value would. */
export const reference = (address: string): string => `@ref(${address})@`;

/** What a command printed; stands in a registration where the text would. */
export const outputOf = (command: string): string => `@stdout(${command})@`;

/** The commands whose output a text holds. */
export function outputsIn(text: string): string[] {
  return [...text.matchAll(/@stdout\(([^)]+)\)@/g)].flatMap(([, name]) => name ?? []);
}

const snake = (text: string): string => text.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/**
 * The provider's name for a token of the Pulumi package: those that it calls legacy are the long ones.
 * @throws when the provider has no such resource
 */
export function resourceType(token: string, schemas: ResourceSchemas): string {
  const [, path = "", name = ""] = token.split(":");
  const isLegacy = name.endsWith("Legacy");
  const words = path.split("/").map((part) => snake(part.replace(/Legacy$/, "")));
  const short = words.filter((part) => part !== "index").join("_");
  const type = isLegacy ? `proxmox_virtual_environment_${short}` : `proxmox_${short}`;
  if (schemas[type] === undefined) throw new Error(`${token} would be ${type}, which the provider does not have`);
  return type;
}

/** Address of a registered resource in the graph. */
export function addressOf({ type, name }: Pick<Registration, "type" | "name">, schemas: ResourceSchemas): string {
  return `${type === COMMAND ? "terraform_data" : resourceType(type, schemas)}.${name}`;
}

/** Turns registrations into a graph; `run` is the shell command that runs the named command on its host, or what undoes it. */
export function planGraph(
  registrations: readonly Registration[],
  schemas: ResourceSchemas,
  run: (command: string, step: "create" | "delete") => string,
): Graph {
  const kept = registrations.filter(({ type }) => isKept(type));
  const resource: Record<string, Record<string, object>> = {};
  const commands: Record<string, HostCommand> = {};
  const counts: Record<string, number> = {};
  for (const registration of kept) {
    const { name, type, inputs } = registration;
    const depends_on = dependencies(registration, registrations).map((other) => addressOf(other, schemas));
    const order = depends_on.length === 0 ? {} : { depends_on };
    if (type === COMMAND) {
      const command = hostCommand(inputs);
      commands[name] = command;
      const undo =
        command.undo === undefined ? [] : [{ "local-exec": { when: "destroy", command: run(name, "delete") } }];
      const provisioner = [{ "local-exec": { command: run(name, "create") } }, ...undo];
      resource["terraform_data"] = { ...resource["terraform_data"], [name]: { ...order, provisioner } };
      continue;
    }
    const own = resourceType(type, schemas);
    const block = schemas[own]?.block ?? {};
    const body = translate(inputs, block, name) as object;
    const ignored = registration.ignoreChanges.map((path) => translatePath(path, block, name));
    const lifecycle = ignored.length === 0 ? {} : { lifecycle: { ignore_changes: ignored } };
    resource[own] = { ...resource[own], [name]: { ...body, ...order, ...lifecycle } };
    counts[own] = (counts[own] ?? 0) + 1;
  }
  return {
    main: { terraform: { required_providers: { proxmox: { source: "bpg/proxmox" } } }, resource },
    commands,
    counts,
  };
}

const isKept = (type: string): boolean => type === COMMAND || (type.startsWith(PROXMOX) && !type.includes("provider"));

/**
 * What a resource waits for: itself, and since a part is registered after its component, what its components wait for. Through those that
 * are not in the graph, what they wait for.
 */
function dependencies(of: Registration, all: readonly Registration[]): Registration[] {
  const found = new Map<string, Registration>();
  const seen = new Set<string>();
  const follow = (names: readonly string[]): void => {
    for (const name of names) {
      if (seen.has(name)) continue;
      seen.add(name);
      const other = all.find((candidate) => candidate.name === name && candidate !== of);
      if (other !== undefined && isKept(other.type)) found.set(name, other);
      else if (other !== undefined) follow([...other.dependsOn, ...(other.parent === undefined ? [] : [other.parent])]);
    }
  };
  for (let part: Registration | undefined = of; part !== undefined; ) {
    follow(part.dependsOn);
    const parent: string | undefined = part.parent;
    part = all.find(({ type, name }) => name === parent && !isKept(type));
  }
  return [...found.values()];
}

function hostCommand(inputs: Registration["inputs"]): HostCommand {
  const plain = revealed(inputs) as { connection: { host: string }; create: string; delete?: string; stdin?: string };
  return {
    address: plain.connection.host,
    script: plain.create,
    ...(plain.stdin === undefined ? {} : { stdin: plain.stdin }),
    ...(plain.delete === undefined ? {} : { undo: plain.delete }),
  };
}

/** Values without the marks of secrets. */
function revealed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== "object" || value === null) return value;
  if (Object.keys(value).join() === "secret") return revealed((value as { secret: unknown }).secret);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revealed(inner)]));
}

/** Values in the provider's spelling. */
function translate(value: unknown, block: Block, where: string): unknown {
  if (Array.isArray(value)) return value.map((item) => translate(item, block, where));
  if (typeof value !== "object" || value === null) return text(value);
  const entries = Object.entries(revealed(value) as object).flatMap(([key, inner]): [string, unknown][] => {
    if (inner === undefined) return [];
    const name = nameOf(key, block, where);
    const within = inside(block, name);
    const object = objectType(block.attributes?.[name]?.type);
    if (object !== undefined) return [[name, complete(inner, object, `${where}.${key}`)]];
    return [[name, within === undefined ? plain(inner) : translate(inner, within, `${where}.${key}`)]];
  });
  return Object.fromEntries(entries);
}

/** Names of a block: as they are, in the singular where the Pulumi package makes a list of it, and `id`, which is Pulumi's own, by another name. */
function nameOf(key: string, block: Block, where: string): string {
  const names = [...Object.keys(block.attributes ?? {}), ...Object.keys(block.block_types ?? {})];
  const name = snake(key);
  const found = [name, name.replace(/s$/, ""), name.replace(/ies$/, "y"), name.replace(/^resource_id$/, "id")].find(
    (candidate) => names.includes(candidate),
  );
  if (found === undefined)
    throw new Error(`${where}: the provider has no ${name} (there are ${names.sort().join(", ")})`);
  return found;
}

function inside(block: Block, name: string): Block | undefined {
  const nested = block.attributes?.[name]?.nested_type;
  return block.block_types?.[name]?.block ?? (nested && { attributes: nested.attributes });
}

/** Attributes of a list of objects: a few blocks are declared as one, and then each object has to have all of them. */
function objectType(type: unknown): readonly string[] | undefined {
  const [, element] = Array.isArray(type) ? (type as readonly unknown[]) : [];
  const [kind, attributes] = Array.isArray(element) ? (element as readonly unknown[]) : [];
  return kind === "object" ? Object.keys(attributes as object) : undefined;
}

function complete(value: unknown, names: readonly string[], where: string): unknown {
  if (Array.isArray(value)) return value.map((item) => complete(item, names, where));
  const block = { attributes: Object.fromEntries(names.map((name) => [name, {}])) };
  return { ...Object.fromEntries(names.map((name) => [name, null])), ...(translate(value, block, where) as object) };
}

const plain = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(plain)
    : typeof value === "object" && value !== null
      ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [snake(key), plain(inner)]))
      : text(value);

/** Text that is no template, but for references. */
const text = (value: unknown): unknown =>
  typeof value === "string"
    ? value.replace(/([$%])\{/g, "$1$1{").replace(/@ref\(([^)]+)\)@/g, (_, address: string) => `\${${address}}`)
    : value;

/** `disks[0].fileId` in the provider's spelling. */
function translatePath(path: string, block: Block, where: string): string {
  let within: Block | undefined = block;
  return path
    .split(".")
    .map((part) => {
      const [, key = "", index = ""] = /^(\w+)(.*)$/.exec(part) ?? [];
      const name = nameOf(key, within ?? {}, where);
      within = inside(within ?? {}, name);
      return `${name}${index}`;
    })
    .join(".");
}
