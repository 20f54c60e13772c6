// Switches the firewall of a Proxmox cluster off before its rules and sets are deleted.
import { renderScript } from "./script.ts";

/** What a host is told when the firewall is made, and when it goes. */
export interface FirewallOff {
  readonly script: string;
  readonly undo: string;
}

/**
 * Nothing now, and the firewall's options back to what the installer left when the resource goes.
 *
 * Uses: printf, pvesh.
 */
export function renderFirewallOff(host: string): FirewallOff {
  const step = "firewall";
  const options = "enable,policy_in,policy_out,policy_forward,ebtables,log_ratelimit";
  return {
    script: renderScript({ host, step }, `say "on; it is switched off again before its rules are deleted"\n`),
    undo: renderScript({ host, step }, `pvesh set /cluster/firewall/options --delete ${options}\nsay "off"\n`),
  };
}
