// What Prometheus asks a host for: interfaces, bonds, packet loss and disks, by Debian's node-exporter.
import { nodeExporterPort } from "../../plan/ingress.ts";
import { quote, renderScript } from "./script.ts";

const unit = "prometheus-node-exporter";

/**
 * Installs the exporter and binds it to the management address. It starts after the network: an address that is not there yet cannot be bound.
 *
 * Uses: apt-get, dpkg-query, grep, mkdir, printf, sleep, systemctl, tee, timeout.
 */
export function renderNodeExporter(args: { readonly host: string; readonly address: string }): string {
  const settings = `ARGS="--web.listen-address=${args.address}:${nodeExporterPort}"`;
  const start = "[Unit]\nWants=network-online.target\nAfter=network-online.target";
  return renderScript(
    { host: args.host, step: "metrics" },
    String.raw`
# The package starts the service, so its settings come first.
printf '%s\n' ${quote(settings)} | tee /etc/default/${unit} >/dev/null
mkdir -p /etc/systemd/system/${unit}.service.d
printf '%s\n' ${quote(start)} | tee /etc/systemd/system/${unit}.service.d/network.conf >/dev/null

if ! dpkg-query -W -f ${quote("${db:Status-Status}")} ${unit} 2>/dev/null | grep -q '^installed$'; then
  export DEBIAN_FRONTEND=noninteractive
  bounded 300 apt-get -q update >&2
  bounded 900 apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold --no-install-recommends install ${unit} >&2
fi
systemctl daemon-reload
systemctl enable --quiet ${unit}
# Always: an earlier run may have been cut off between the file and this.
systemctl restart ${unit}
wait_for "the service" 5 2 systemctl is-active ${unit}
say "done"
`,
  );
}
