// A login for tests of what runs commands on hosts.
import type { SshAccess } from "../../components/ssh.ts";

/** Root by way of a jump host, with a key that must never show in the clear. */
export const ssh: SshAccess = {
  user: "root",
  privateKey: "very private",
  hostKeys: { "pve-a": "ssh-ed25519 AAAA" },
  proxyHost: "jump.example.test",
};

const login = { port: 22, user: "root", privateKey: "very private", dialErrorLimit: 25, perDialTimeout: 6 };

/** The connection that {@link ssh} makes to an address, as it is recorded. */
export function connectionTo(address: string, hostKey?: string): object {
  const key = hostKey === undefined ? {} : { hostKey };
  return { secret: { host: address, ...login, proxy: { host: "jump.example.test", ...login }, ...key } };
}
