// The names of a rack as dnsmasq and the C library answer them.
import type { Plan } from "../../plan/plan.ts";
import { renderDnsmasq, renderHostsFile } from "../../plan/render/hosts-file.ts";
import type { TestHost } from "./test-host.ts";

/** The files that are rendered for a router and for machines. */
export interface NameFiles {
  readonly dnsmasq: string;
  readonly hosts: string;
}

/** As the plan has them. */
export const nameFiles = (plan: Plan): NameFiles => ({ dnsmasq: renderDnsmasq(plan), hosts: renderHostsFile(plan) });

/** What each name came to: by the DNS, by its reverse, and by the file. */
export interface Answers {
  /** By full name. */
  readonly address: Readonly<Record<string, string>>;
  /** By address: any of its names. */
  readonly name: Readonly<Record<string, string>>;
  /** By short name, from the file. */
  readonly short: Readonly<Record<string, string>>;
  /** What the name server says of a name that nobody has; empty when it does not ask elsewhere. */
  readonly unknown: string;
}

/**
 * Asks for every name of the plan.
 * @throws when dnsmasq refuses its file
 */
export async function askNames(host: TestHost, plan: Plan, files: NameFiles): Promise<Answers> {
  const ask = (kind: string, service: string, key: string): string =>
    `printf '%s|%s|%s\\n' ${kind} ${key} "$(getent -s ${service} hosts ${key} | head -n 1)"`;
  const { records } = plan.dns;
  const { stdout } = await host.succeeds(
    [
      `cat >/tmp/dnsmasq.conf <<'FILE'\n${files.dnsmasq}\nFILE`,
      `cat >/tmp/hosts <<'FILE'\n${files.hosts}FILE`,
      "mount --bind /tmp/hosts /etc/hosts 2>/dev/null || cp /tmp/hosts /etc/hosts",
      "ip link set lo up\ndnsmasq --test --conf-file=/tmp/dnsmasq.conf",
      "dnsmasq --conf-file=/tmp/dnsmasq.conf --no-hosts --no-resolv --user=root --pid-file=/tmp/pid --listen-address=127.0.0.1",
      "rm -f /etc/resolv.conf; echo 'nameserver 127.0.0.1' >/etc/resolv.conf",
      ...records.flatMap((record) => [
        ask("address", "dns", record.fqdn),
        ask("name", "dns", record.address),
        ask("short", "files", record.name),
      ]),
      ask("unknown", "dns", `nobody.${plan.zone}`),
    ].join("\n"),
  );
  const answers: Record<"address" | "name" | "short" | "unknown", Record<string, string>> = {
    ...{ address: {}, name: {}, short: {}, unknown: {} },
  };
  for (const line of stdout.split("\n")) {
    const [kind = "", key = "", answer = ""] = line.split("|");
    const [address = "", name = ""] = answer.split(/\s+/);
    if (kind in answers) answers[kind as keyof typeof answers][key] = kind === "name" ? name : address;
  }
  return { ...answers, unknown: Object.values(answers.unknown).join() };
}
