// Runs a piece of a program under Pulumi's mocks and keeps what it declared. A call is refused unless the test expects it.
import * as pulumi from "@pulumi/pulumi";

/** One declared resource, as the engine would be asked for it. */
export interface RecordedResource {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  /** Name of the parent; absent for those directly under the stack. */
  readonly parent?: string;
  /** Plain values; a secret is `{ secret: value }`. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** What it registered at its end; components only. */
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** Names of the resources it waits for, sorted. */
  readonly dependsOn: readonly string[];
  readonly protect: boolean;
  readonly secretOutputs: readonly string[];
  /** Inputs whose changes do not count. */
  readonly ignoreChanges: readonly string[];
  /** Name of its explicit provider. */
  readonly provider?: string;
}

/** One call of a provider function. */
export interface RecordedCall {
  readonly token: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What was declared, in the order of registration. */
export interface Recording {
  readonly resources: readonly RecordedResource[];
  readonly calls: readonly RecordedCall[];
  /** The one resource of that name; throws when there is none. */
  named(name: string): RecordedResource;
  /** Names of all resources of a type, sorted. */
  namesOf(type: string): readonly string[];
}

/** How the world answers. */
export interface RecordOptions {
  /** Whether the program is told that this is a preview. @default - no */
  readonly preview?: boolean;
  /** What a resource knows after creation besides its inputs. */
  readonly state?: (resource: { readonly type: string; readonly name: string }) => Readonly<Record<string, unknown>>;
  /** Id that a resource gets. @default - made of its name */
  readonly ids?: (resource: { readonly type: string; readonly name: string }) => string | undefined;
  /** Answers by function token. @default - every call throws */
  readonly calls?: Readonly<Record<string, (inputs: Readonly<Record<string, unknown>>) => Record<string, unknown>>>;
}

/** The parts of a registration request that mocks are not told. */
interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getProtect(): boolean;
  getProvider(): string;
  getDependenciesList(): string[];
  getAdditionalsecretoutputsList(): string[];
  getIgnorechangesList(): string[];
  getObject(): { toJavaScript(): unknown };
}
type Callback = (error: unknown, response: { getUrn(): string } | undefined) => void;

const stackType = "pulumi:pulumi:Stack";
const secretKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** Runs `declare` and waits until everything it started has settled. */
export async function recordResources(declare: () => unknown, options: RecordOptions = {}): Promise<Recording> {
  const calls: RecordedCall[] = [];
  const mocks: pulumi.runtime.Mocks = {
    newResource: ({ type, name, inputs }) => ({
      id: options.ids?.({ type, name }) ?? `${name}-id`,
      state: { ...inputs, ...options.state?.({ type, name }) },
    }),
    call: ({ token, inputs }) => {
      const answer = options.calls?.[token];
      if (answer === undefined) throw new Error(`unexpected call of ${token}`);
      const plain = withoutSignatures(inputs) as Record<string, unknown>;
      calls.push({ token, inputs: plain });
      return answer(plain);
    },
  };
  await pulumi.runtime.setMocks(mocks, "homelab", "test", options.preview ?? false);
  const resources: RecordedResource[] = [];
  const outputs = listen(resources);
  await declare();
  await pulumi.runtime.disconnect();
  const complete = resources.map((resource) => {
    const registered = outputs.get(resource.urn);
    return registered === undefined ? resource : { ...resource, outputs: registered };
  });
  return {
    resources: complete,
    calls,
    named: (name) => {
      const found = complete.filter((resource) => resource.name === name);
      const [one] = found;
      if (one === undefined || found.length > 1) {
        throw new Error(
          `${found.length} resources are named ${name}; there are ${complete.map((r) => r.name).join(", ")}`,
        );
      }
      return one;
    },
    namesOf: (type) => complete.flatMap((resource) => (resource.type === type ? [resource.name] : [])).sort(),
  };
}

/** The value of an output. */
export function settled<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply((value) => resolve(value as T));
  });
}

/** Looks over the mock monitor's shoulder. */
function listen(resources: RecordedResource[]): Map<string, Record<string, unknown>> {
  const monitor = pulumi.runtime.getMonitor() as unknown as {
    registerResource(request: RegisterRequest, callback: Callback): void;
    registerResourceOutputs(
      request: { getUrn(): string; getOutputs(): { toJavaScript(): unknown } | undefined },
      callback: Callback,
    ): void;
    registerResourceHook?: (request: unknown, callback: (error: null, response: object) => void) => void;
  };
  // The mocks know of no hooks; they take no part in what is declared.
  monitor.registerResourceHook ??= (_, callback) => callback(null, {});
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) =>
    register(request, (error, response) => {
      if (response !== undefined && request.getType() !== stackType)
        resources.push(recorded(request, response.getUrn()));
      callback(error, response);
    });
  const outputs = new Map<string, Record<string, unknown>>();
  const registerOutputs = monitor.registerResourceOutputs.bind(monitor);
  monitor.registerResourceOutputs = (request, callback) => {
    const values = request.getOutputs()?.toJavaScript();
    outputs.set(request.getUrn(), withoutSignatures(values) as Record<string, unknown>);
    registerOutputs(request, callback);
  };
  return outputs;
}

function recorded(request: RegisterRequest, urn: string): RecordedResource {
  const parent = request.getParent();
  const provider = request.getProvider();
  return {
    type: request.getType(),
    name: request.getName(),
    urn,
    inputs: withoutSignatures(request.getObject().toJavaScript()) as Record<string, unknown>,
    dependsOn: request.getDependenciesList().map(nameOf).sort(),
    protect: request.getProtect(),
    secretOutputs: [...request.getAdditionalsecretoutputsList()].sort(),
    ignoreChanges: request.getIgnorechangesList(),
    ...(parent === "" || parent.includes(stackType) ? {} : { parent: nameOf(parent) }),
    ...(provider === "" ? {} : { provider: nameOf(provider.slice(0, provider.lastIndexOf("::"))) }),
  };
}

const nameOf = (urn: string): string => urn.slice(urn.lastIndexOf("::") + 2);

/** The wire marks secrets by a signature; tests read `{ secret: … }`. */
function withoutSignatures(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSignatures);
  if (typeof value !== "object" || value === null) return value;
  const fields = value as Record<string, unknown>;
  if (fields[secretKey] === secretSignature) return { secret: withoutSignatures(fields["value"]) };
  return Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, withoutSignatures(field)]));
}
