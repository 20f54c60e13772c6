// The names of a rack for machines without a name server of its own.
import type { Plan } from "../plan.ts";

/** Lines of `/etc/hosts`: address, full name, short name. */
export function renderHostsFile(plan: Plan): string {
  const width = Math.max(0, ...plan.dns.records.map((record) => record.address.length));
  return `${plan.dns.records.map((record) => `${record.address.padEnd(width)} ${record.fqdn} ${record.name}`).join("\n")}\n`;
}

/** The same for dnsmasq, which UniFi routers and many others run: forward and reverse records at once. */
export function renderDnsmasq(plan: Plan): string {
  return [
    `local=/${plan.zone}/`,
    ...plan.dns.records.map((record) => `host-record=${record.fqdn},${record.address}`),
  ].join("\n");
}
