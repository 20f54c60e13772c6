// `ceph osd …`: where OSDs are, and whether Ceph can do without one.
import { addressesIn } from "../../rack/between-hosts.ts";
import { type CephOsd, cephCluster, cephOsds, cephPools, osdIsUp } from "../../rack/ceph.ts";
import type { Rack } from "../../rack/store.ts";
import { CommandFailure } from "../host-command.ts";

interface Answer {
  readonly json: unknown;
  readonly text: string;
}

function found(rack: Rack, id: string): CephOsd {
  const osd = cephOsds(rack).get(id);
  if (!osd) throw new CommandFailure(`Error ENOENT: osd.${id} does not exist`, 2);
  return osd;
}

function addresses(rack: Rack, osd: CephOsd): { front: string; back: string } {
  const network = cephCluster(rack).get("cluster")?.publicNetwork ?? "";
  const vector = (address: string, port: number) => `[v2:${address}:${port}/1,v1:${address}:${port + 1}/1]`;
  const front = addressesIn(rack, osd.host, network)[0] ?? "0.0.0.0";
  return { front: vector(front, 6800), back: vector(osd.clusterAddress || front, 6802) };
}

/** `ceph osd dump`: each OSD with its front and its back address. */
export function osdDump(rack: Rack): Answer {
  const osds = cephOsds(rack)
    .list()
    .map(({ id, body }) => ({ id, body, isUp: osdIsUp(rack, id), ...addresses(rack, body) }));
  const lines = osds.map(
    ({ id, body, isUp, front, back }) =>
      `osd.${id} ${isUp ? "up  " : "down"} in  weight 1 up_from 8 up_thru 20 down_at 0 last_clean_interval [0,0) ${front} ${back} exists,${isUp ? "up" : "down"} ${body.uuid}\n`,
  );
  return {
    json: { osds: osds.map(({ id, isUp }) => ({ osd: Number(id), up: Number(isUp), in: 1 })) },
    text: lines.join(""),
  };
}

/** `ceph osd metadata <id>` */
export function osdMetadata(rack: Rack, id: string): Answer {
  const osd = found(rack, id);
  const { front, back } = addresses(rack, osd);
  const json = { id: Number(id), back_addr: back, front_addr: front, hostname: osd.host };
  return { json, text: `${JSON.stringify(json, undefined, 4)}\n` };
}

/** `ceph osd ok-to-stop <id>`: whether every pool can be written to without it. */
export function okToStop(rack: Rack, id: string): Answer {
  found(rack, id);
  const left = cephOsds(rack)
    .list()
    .filter((osd) => osd.id !== id && osdIsUp(rack, osd.id));
  const hosts = new Set(left.map(({ body }) => body.host)).size;
  const short = cephPools(rack)
    .list()
    .filter(({ body }) => body.minSize > hosts);
  if (osdIsUp(rack, id) && short.length > 0)
    throw new CommandFailure(
      `Error EBUSY: unsafe to stop osd(s) at this time (${short.reduce((sum, { body }) => sum + body.pgNum, 0)} PGs are or would become offline)`,
      16,
    );
  const json = { ok_to_stop: true, osds: [Number(id)] };
  return { json, text: `${JSON.stringify(json)}\n` };
}
