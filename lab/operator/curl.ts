// curl, as far as the program's scripts use it: a message to the AMT of a machine of the rack, with HTTP Digest. Nothing else is reached.
import { randomBytes } from "node:crypto";
import { AmtController } from "../amt-api/controller.ts";
import { digestResponse, digestValues } from "../amt-api/digest.ts";
import { CommandFailure, type HostCall } from "../host/host-command.ts";
import type { HostContext } from "../host/installed-command.ts";
import { amts, hearsUntagged } from "../rack/amt.ts";
import { hosts } from "../rack/hosts.ts";
import { OPERATOR, reach } from "../rack/reach.ts";

/** Options with a value. */
const valued = [
  "config",
  "noproxy",
  "connect-timeout",
  "max-time",
  "retry",
  "retry-delay",
  "header",
  "data-binary",
  "output",
  "write-out",
];
const switchesOnly = ["disable", "silent", "show-error", "digest", "insecure", "retry-all-errors"];

interface CurlLine {
  readonly options: ReadonlyMap<string, string>;
  readonly url: URL;
}

function readLine(args: readonly string[]): CurlLine {
  const options = new Map<string, string>();
  const urls: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? "";
    const name = argument.replace(/^--/, "");
    if (!argument.startsWith("-")) urls.push(argument);
    else if (switchesOnly.includes(name)) options.set(name, "");
    else if (valued.includes(name)) options.set(name, args[++index] ?? "");
    else throw new CommandFailure(`curl: option ${argument}: is unknown to the simulated curl`, 2);
  }
  const [url = ""] = urls;
  if (!URL.canParse(url)) throw new CommandFailure("curl: (3) URL using bad/illegal format or missing URL", 3);
  return { options, url: new URL(url) };
}

/** `user = "admin:…"` of a configuration on standard input, with its escapes. */
function credentials(text: string): { user: string; password: string } {
  const quoted = /^user = "((?:[^"\\]|\\.)*)"$/m.exec(text)?.[1] ?? "";
  const [, user = "", password = ""] = /^([^:]*):([\s\S]*)$/.exec(quoted.replace(/\\(.)/g, "$1")) ?? [];
  return { user, password };
}

/** The AMT behind an address and port that the operator's machine reaches. */
function connect({ rack }: HostContext, { hostname, port }: URL): AmtController {
  const failed = (why: string, status: number): CommandFailure =>
    new CommandFailure(
      `curl: (${status}) Failed to connect to ${hostname} port ${port} after 10000 ms: ${why}`,
      status,
    );
  const host = hosts(rack)
    .list()
    .find(({ body }) => body.outOfBand?.kind === "vpro" && body.outOfBand.address === hostname)?.id;
  const amt = host === undefined ? undefined : amts(rack).get(host);
  const nic = hosts(rack).get(host ?? "")?.outOfBand?.sharedNic;
  const isCabled = host !== undefined && (nic === undefined || hearsUntagged(rack, host, nic));
  if (host === undefined || amt === undefined || !isCabled || !reach(rack, { from: OPERATOR, to: hostname }).ok)
    throw failed("Timeout was reached", 28);
  if (!amt.isProvisioned || port !== (amt.tls ? "16993" : "16992")) throw failed("Connection refused", 7);
  return new AmtController(rack, host);
}

/** Runs curl. */
export function curl(context: HostContext, call: HostCall): number {
  const { options, url } = readLine(call.args);
  const option = (name: string): string => options.get(name) ?? "";
  const { user, password } = credentials(option("config") === "-" ? call.stdin.readAll() : "");
  const amt = connect(context, url);
  const isTls = url.protocol === "https:";
  if (isTls !== (url.port === "16993"))
    throw new CommandFailure("curl: (35) TLS connect error: wrong version number", 35);
  if (isTls && !options.has("insecure"))
    throw new CommandFailure("curl: (60) SSL certificate problem: self-signed certificate", 60);
  const file = option("data-binary").replace(/^@/, "");
  const body = context.files.read(call.shell.path(file)) ?? "";
  const request = { method: "POST", path: url.pathname };
  // As curl does it: without the body first, to be challenged.
  let reply = amt.answer({ ...request, body: "" });
  if (reply.status === 401 && options.has("digest")) {
    const { realm = "", nonce = "" } = digestValues(reply.headers["WWW-Authenticate"] ?? "");
    const cnonce = randomBytes(8).toString("hex");
    const given = { username: user, realm, nonce, uri: url.pathname, nc: "00000001", cnonce, qop: "auth" };
    const response = digestResponse(given, password, "POST");
    const quoted = Object.entries({ ...given, response }).map(([name, value]) => `${name}="${value}"`);
    reply = amt.answer({ ...request, body, authorization: `Digest ${quoted.join(", ")}` });
  }
  context.files.write(call.shell.path(option("output")), reply.body);
  call.stdout.write(option("write-out").replace("%{http_code}", String(reply.status)));
  return 0;
}
