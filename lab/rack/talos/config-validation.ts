// What Talos refuses in a configuration that decodes (v1alpha1_validation.go and the documents' own Validate).
import { parseAddress } from "../../../plan/ipv4.ts";
import { type Fields, isFields, type Node } from "./config-documents.ts";

function text(fields: Node | undefined, ...path: string[]): string | undefined {
  const value = path.reduce<Node | undefined>((at, key) => (isFields(at) ? at[key] : undefined), fields);
  return value === undefined || value === null || typeof value === "object" ? undefined : String(value);
}

function list(value: Node | undefined): Node[] {
  return Array.isArray(value) ? value : [];
}

function mainProblems(main: Fields | undefined): string[] {
  if (!main) return ["v1alpha1 configuration document is missing"];
  const problems: string[] = [];
  const type = text(main, "machine", "type");
  if (type !== "controlplane" && type !== "worker") problems.push(`invalid machine type: "${type ?? ""}"`);
  const endpoint = text(main, "cluster", "controlPlane", "endpoint");
  if (endpoint === undefined) problems.push('[config.controlPlane.endpoint] "": required');
  else if (!/^https:\/\/[^/:]+:\d+$/.test(endpoint)) problems.push(`invalid cluster endpoint: "${endpoint}"`);
  if (text(main, "machine", "ca", "crt") === undefined) problems.push("issuing CA is required");
  if (text(main, "machine", "token") === undefined) problems.push("machine token is required");
  const install = isFields(main["machine"]) ? main["machine"]["install"] : undefined;
  if (isFields(install) && install["grubUseUKICmdline"] === true && list(install["extraKernelArgs"]).length > 0) {
    problems.push("install.extraKernelArgs and install.grubUseUKICmdline can't be used together");
  }
  return problems;
}

function hostnameProblems(documents: readonly Fields[], main: Fields | undefined): string[] {
  const document = documents.find((candidate) => candidate["kind"] === "HostnameConfig");
  if (!document) return [];
  const { hostname, auto } = document;
  if (text(main, "machine", "network", "hostname") !== undefined)
    return ["static hostname is already set in v1alpha1 config"];
  if (hostname !== undefined && auto !== undefined && auto !== "off")
    return ["'auto' and 'hostname' cannot be set at the same time"];
  if (hostname === undefined && auto === "off") return ["either 'auto' or 'hostname' must be set"];
  return [];
}

function addressProblem(kind: string, value: string): string[] {
  const slash = value.indexOf("/");
  const address = slash < 0 ? value : value.slice(0, slash);
  const parsed = parseAddress(address);
  if (parsed.ok) return slash < 0 && kind !== "Layer2VIPConfig" ? [`netip.ParsePrefix("${value}"): no '/'`] : [];
  const tooLarge = address.split(".").some((part) => Number(part) > 255);
  return [`ParseAddr("${address}"): ${tooLarge ? "IPv4 field has value >255" : "unable to parse IP"}`];
}

function documentProblems(document: Fields): string[] {
  const kind = String(document["kind"] ?? "");
  const problems: string[] = [];
  const named = ![
    "",
    "HostnameConfig",
    "ResolverConfig",
    "TimeSyncConfig",
    "NetworkDefaultActionConfig",
    "KubeSpanConfig",
    "KubeSpanEndpointsConfig",
    "EnvironmentConfig",
    "EventSinkConfig",
    "OOMConfig",
    "WatchdogTimerConfig",
    "SideroLinkConfig",
    "ZswapConfig",
  ].includes(kind);
  if (named && text(document, "name") === undefined) problems.push(`${kind}: name must be specified`);
  for (const item of list(document["addresses"])) problems.push(...addressProblem(kind, text(item, "address") ?? ""));
  if (kind === "Layer2VIPConfig") {
    problems.push(...addressProblem(kind, text(document, "name") ?? ""));
    if (text(document, "link") === undefined) problems.push("link must be specified");
  }
  if (kind === "RoutingRuleConfig") {
    const priority = Number(text(document, "name"));
    if (
      !Number.isInteger(priority) ||
      priority < 1 ||
      priority > 32_765 ||
      priority === 32_500 ||
      priority === 32_501
    ) {
      problems.push(
        `invalid routing rule name "${text(document, "name") ?? ""}": must be a priority between 1 and 32765, and not 32500 or 32501`,
      );
    }
    if (text(document, "table") === undefined) problems.push("table must be specified");
  }
  if (kind === "VLANConfig") {
    const id = Number(document["vlanID"]);
    if (!Number.isInteger(id) || id < 1 || id > 4094) problems.push("vlanID must be between 1 and 4094");
    if (text(document, "parent") === undefined) problems.push("parent must be specified");
  }
  if (kind === "NetworkDefaultActionConfig" && !["accept", "block"].includes(text(document, "ingress") ?? ""))
    problems.push(`${text(document, "ingress") ?? ""} does not belong to DefaultAction values`);
  if (kind === "NetworkRuleConfig") problems.push(...ruleProblems(document));
  if (kind === "VolumeConfig") problems.push(...volumeProblems(document));
  if (kind === "BondConfig" && list(document["links"]).length === 0)
    problems.push("at least one link must be specified");
  return problems;
}

function ruleProblems(document: Fields): string[] {
  const selector = isFields(document["portSelector"]) ? document["portSelector"] : {};
  const ranges = list(selector["ports"]).map((item) => {
    const [from, to = from] = String(item).split("-").map(Number);
    return { from: from ?? Number.NaN, to: to ?? Number.NaN, text: String(item) };
  });
  const sorted = [...ranges].sort((a, b) => a.from - b.from);
  const overlap = sorted.find(({ from }, i) => i > 0 && from <= (sorted[i - 1]?.to ?? 0));
  return [
    ...(ranges.length === 0 ? ["portSelector.ports is required"] : []),
    ...ranges.filter(({ from, to }) => !(from <= to)).map(({ text: range }) => `invalid port range: ${range}`),
    ...(overlap === undefined ? [] : [`invalid port range: ${overlap.text}, overlaps with another range`]),
    ...list(document["ingress"]).flatMap((item) => addressProblem("NetworkRuleConfig", text(item, "subnet") ?? "")),
  ];
}

function volumeProblems({ name, encryption }: Fields): string[] {
  if (!["STATE", "EPHEMERAL", "IMAGECACHE"].includes(String(name)))
    return ['only ["STATE" "EPHEMERAL" "IMAGECACHE"] volumes are supported'];
  if (!isFields(encryption)) return [];
  const keys = list(encryption["keys"]).filter(isFields);
  const slots = keys.map(({ slot }) => slot);
  return [
    ...(encryption["provider"] === "luks2"
      ? []
      : [`unsupported encryption provider: ${text(encryption, "provider") ?? "none"}`]),
    ...(keys.length === 0 ? ["encryption keys are required"] : []),
    ...slots.filter((slot, i) => slots.indexOf(slot) !== i).map((slot) => `duplicate key slot ${String(slot)}`),
    ...keys
      .filter((key) => !["static", "nodeID", "kms", "tpm"].some((kind) => key[kind] !== undefined))
      .map(({ slot }) => `at least one encryption key type must be specified for slot ${String(slot)}`),
    ...(name === "STATE" && keys.some((key) => key["lockToState"] === true)
      ? ['state-locked key is not allowed for the "STATE" volume']
      : []),
  ];
}

/** Throws what a node answers to a configuration that it cannot accept. */
export function checkConfiguration(documents: readonly Fields[]): void {
  const main = documents.find((document) => document["kind"] === undefined);
  const problems = [
    ...mainProblems(main),
    ...hostnameProblems(documents, main),
    ...documents.flatMap(documentProblems),
  ];
  if (problems.length === 0) return;
  const count = problems.length === 1 ? "1 error" : `${problems.length} errors`;
  throw new Error(
    `configuration validation failed: ${count} occurred:\n${problems.map((problem) => `\t* ${problem}`).join("\n")}`,
  );
}
