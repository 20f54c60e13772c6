// The API of a Talos node as a client meets it: whether it answers at all, and whether it trusts the client and the client trusts it.
import { NotYet } from "../../plugin/contract.ts";
import { calendar, jumpTo, operatorAheadMs, operatorCalendar, simulatedNow } from "../clock.ts";
import type { Rack } from "../store.ts";
import { endOf, isIssuedBy, isKeyOf, startOf } from "./certificate.ts";
import { answersTo, reaches } from "./ingress.ts";
import { listNodes, nodeAt, type TalosNode } from "./nodes.ts";
import { operatorReaches, ports } from "./reach.ts";
import { type ClientConfiguration, decode } from "./secrets.ts";

/** The official provider retries everything but InvalidArgument for ten minutes. */
export const RETRY_SEC = 600;

/** Refused for good: the provider does not retry. */
export class InvalidArgument extends Error {
  constructor(message: string) {
    super(`rpc error: code = InvalidArgument desc = ${message}`);
  }
}

/** An answer that the provider retries until its timeout, and then reports. */
export function retryable(code: string, message: string, timeoutSec = RETRY_SEC): NotYet {
  return new NotYet(`rpc error: code = ${code} desc = ${message}`, timeoutSec);
}

/** Waits until a moment has come; where nobody sleeps it comes at once. */
export function awaitMoment(rack: Rack, moment: number, otherwise: () => NotYet): void {
  jumpTo(rack, moment);
  if (simulatedNow(rack) < moment) throw otherwise();
}

function dial(address: string, why: string, timeoutSec: number): NotYet {
  return retryable(
    "Unavailable",
    `connection error: desc = "transport: Error while dialing: dial tcp ${address}:50000: connect: ${why}"`,
    timeoutSec,
  );
}

/** The node that answers at an address, whatever its stage. */
function dialNode(rack: Rack, address: string, timeoutSec: number): TalosNode {
  const node = nodeAt(rack, address);
  if (!node || node.stage === "off" || !operatorReaches(rack, node, address, ports.talosApi))
    throw dial(address, "no route to host", timeoutSec);
  if (node.stage === "broken")
    throw dial(address, `connection refused (console of ${node.hostname}: ${node.problem})`, timeoutSec);
  if (node.stage === "booting" && node.installation) {
    awaitMoment(rack, node.installation.runsFrom, () => dial(address, "connection refused", timeoutSec));
    return nodeAt(rack, address) ?? node;
  }
  if (node.stage === "running" && !hasCertificate(rack, node)) {
    const why = `connection refused (console of ${node.hostname}: apid waits for a certificate: no control plane's trustd answers on port ${ports.trustd})`;
    throw dial(address, why, timeoutSec);
  }
  return node;
}

/** Whether a worker's Talos API has a certificate: a control plane's trustd signs it, for a day at a time. Control planes sign their own. */
function hasCertificate(rack: Rack, node: TalosNode): boolean {
  if (node.config?.type !== "worker") return true;
  return listNodes(rack).some(
    (other) =>
      other.stage === "running" &&
      other.config?.type === "controlplane" &&
      other.config.clusterId === node.config?.clusterId &&
      // A certificate is good for a day.
      reaches(rack, node, other, ports.trustd),
  );
}

function handshake(rack: Rack, node: TalosNode, client: ClientConfiguration, timeoutSec: number): void {
  const authority = node.config?.osAuthority ?? "";
  const failed = (text: string) => retryable("Unavailable", `connection error: desc = "${text}"`, timeoutSec);
  // Node certificates are issued by the node's own authority: the client must have been given the same one.
  if (decode(client.caCertificate) !== authority) {
    throw failed(
      "transport: authentication handshake failed: tls: failed to verify certificate: x509: certificate signed by unknown authority",
    );
  }
  const certificate = decode(client.clientCertificate);
  if (!isIssuedBy(certificate, authority))
    throw failed("error reading server preface: remote error: tls: unknown certificate authority");
  const behindMs = -operatorAheadMs(rack);
  // The node issues its own certificate when it starts.
  const age = simulatedNow(rack) - (node.installation?.runsFrom ?? 0);
  if (behindMs > age) {
    const [now, start] = [operatorCalendar(rack), new Date(calendar(rack).getTime() - age)];
    throw failed(
      `transport: authentication handshake failed: tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time ${now.toISOString()} is before ${start.toISOString()}`,
    );
  }
  // The alert is the same for both ends (crypto/tls, handshake_server.go).
  if (endOf(certificate) < calendar(rack) || startOf(certificate) > calendar(rack))
    throw failed("error reading server preface: remote error: tls: expired certificate");
  if (!isKeyOf(decode(client.clientKey), certificate)) throw new Error("tls: private key does not match public key");
}

/** How a call is addressed. */
export interface TalosCall {
  readonly node: string;
  /** Node that passes the call on. */
  readonly endpoint?: string | undefined;
  readonly client: ClientConfiguration;
  readonly timeoutSec?: number | undefined;
}

/** Opens a node for a call that maintenance mode answers too (without any certificate). */
export function openAny(rack: Rack, call: TalosCall): TalosNode {
  const timeoutSec = call.timeoutSec ?? RETRY_SEC;
  const endpoint = dialNode(rack, call.endpoint ?? call.node, timeoutSec);
  if (endpoint.stage === "maintenance") return endpoint;
  handshake(rack, endpoint, call.client, timeoutSec);
  if (call.endpoint === undefined || call.endpoint === call.node) return endpoint;
  const node = dialNode(rack, call.node, timeoutSec);
  if (answersTo(rack, node, endpoint.machine, call.node, ports.talosApi)) return node;
  throw dial(call.node, `i/o timeout (from ${endpoint.hostname})`, timeoutSec);
}

/** Opens a node for a call that only a configured node answers. */
export function openConfigured(rack: Rack, call: TalosCall, what: string): TalosNode {
  const node = openAny(rack, call);
  if (node.stage === "maintenance")
    throw retryable("Unimplemented", `${what} is not implemented in maintenance mode`, call.timeoutSec);
  return node;
}
