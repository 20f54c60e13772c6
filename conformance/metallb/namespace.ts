// MetalLB's programs listen on every address of their machine, and one of them answers for addresses: each gets a machine of its own, a network
// namespace that only what is meant to leads out of.
import { capture } from "../../tools/engine/run-command.mjs";

/** Runs what follows in new network and mount namespaces with a loopback and a /run; for who is not root, as root of nothing else. */
export const inNamespace: readonly string[] = [
  ...["--map-root-user", "--net", "--mount", "--propagation", "private", "sh", "-c"],
  'ip link set lo up && mount -t tmpfs run /run && mkdir /run/netns && exec "$@"',
  "sh",
];

/** Whether there can be such namespaces; if not, the reason is on stderr. */
export async function canIsolate(): Promise<boolean> {
  const { code, stderr } = await capture("unshare", [...inNamespace, "true"]);
  if (code !== 0) console.error(`MetalLB cannot run, there can be no network namespace: ${stderr.trim()}`);
  return code === 0;
}
