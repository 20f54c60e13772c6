// Whom a host asks for the time. The Proxmox API sets the zone only.
import { quote, renderScript } from "./script.ts";

/**
 * Makes chrony ask these servers and nobody else, and waits for the first answer: Ceph's monitors and etcd stop when clocks disagree by
 * less than a second, so a server that does not answer is better known now.
 *
 * Uses: chronyc, grep, mkdir, printf, sed, sleep, systemctl, tee.
 */
export function renderTimeServers(args: { readonly host: string; readonly servers: readonly string[] }): string {
  const lines = args.servers.map((server) => `server ${server} iburst`);
  return renderScript(
    { host: args.host, step: "time" },
    String.raw`
conf=/etc/chrony/chrony.conf
sources=/etc/chrony/sources.d
wanted=${quote(lines.join("\n"))}

sed -i -E 's/^[[:space:]]*(pool|server|peer)[[:space:]]/# &/' "$conf"
grep -q "^sourcedir $sources" "$conf" || printf 'sourcedir %s\n' "$sources" | tee -a "$conf" >/dev/null
mkdir -p "$sources"
printf '%s\n' "$wanted" | tee "$sources/rack.sources" >/dev/null
systemctl enable --quiet chrony
# Always: an earlier run may have been cut off between the file and this.
systemctl restart chrony
wait_for ${quote(`the time from ${args.servers.join(" or ")}`)} 12 5 chronyc waitsync 1
say "done"
`,
  );
}
