// command:remote:CopyToRemote: a file for a simulated host.
import { randomBytes } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { RackFiles } from "../../host/rack-files.ts";
import { type Connection, dial } from "../../host/ssh.ts";
import { resource } from "../../plugin/contract.ts";
import type { Asset } from "../../plugin/wire.ts";
import { rackNameFromProxy } from "../../rack/rack-name.ts";
import type { Rack } from "../../rack/store.ts";
import { waitForHost } from "./wait-for-host.ts";

interface CopyToRemote {
  readonly connection: Connection;
  readonly source: Asset;
  readonly remotePath: string;
}

function contentOf(source: Asset): string {
  if (source.text !== undefined) return source.text;
  if (source.path === undefined)
    throw new Error("the simulated hosts take assets of text or of a file; give a StringAsset or a FileAsset");
  if (statSync(source.path).isDirectory())
    throw new Error(`the simulated hosts take single files, and ${source.path} is a directory`);
  return readFileSync(source.path, "utf8");
}

function copy(rack: Rack, { connection, source, remotePath }: CopyToRemote): void {
  const files = new RackFiles(
    rack,
    waitForHost(() => dial(rack, connection)),
  );
  const name = source.path === undefined ? "asset" : basename(source.path);
  const target = files.isDirectory(remotePath) ? `${remotePath.replace(/\/$/, "")}/${name}` : remotePath;
  files.write(target, contentOf(source));
}

export const copyToRemote = resource<CopyToRemote>({
  rackName: (inputs) => rackNameFromProxy(inputs.connection?.proxy?.host),
  latencyMs: { create: 200, update: 200 },
  create({ rack, name }, inputs) {
    copy(rack, inputs);
    return { id: `${name}${randomBytes(4).toString("hex")}` };
  },
  // The official plug-in does not look at the remote file again either.
  read: (_context, _id, state) => ({ outputs: state }),
  update({ rack }, _id, inputs) {
    copy(rack, inputs);
    return {};
  },
  delete() {},
});
