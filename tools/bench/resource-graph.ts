// The graph of a stack, from its state, as OpenTofu would have it: as many resources, with the same edges and the same inputs.

/** What is read of a resource in a state. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly parent?: string;
  readonly inputs?: unknown;
  readonly dependencies?: readonly string[];
}

/** Configuration (in OpenTofu's JSON syntax) of as many `terraform_data` as there are resources. */
export function openTofuProgram(resources: readonly StateResource[]): {
  resource: { terraform_data: Record<string, object> };
} {
  const names = new Map(resources.map(({ urn }, index) => [urn, `r${index}`]));
  const entries = resources.map(({ urn, inputs, parent, dependencies = [] }) => {
    const before = [...new Set([...dependencies, ...(parent === undefined ? [] : [parent])])].flatMap((other) => {
      const name = names.get(other);
      return name === undefined ? [] : [`terraform_data.${name}`];
    });
    // A string of its JSON: inputs may hold `\${…}`, which is no template here.
    const input = JSON.stringify(inputs ?? {}).replace(/[$%](?=\{)/g, "$&$&");
    return [names.get(urn) ?? "", { input, ...(before.length > 0 ? { depends_on: before } : {}) }] as const;
  });
  return { resource: { terraform_data: Object.fromEntries(entries) } };
}
