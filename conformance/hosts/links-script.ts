// What udev makes of the files that a script leaves which names a host's USB4 ports.
import { runScript, standIns } from "./stand-ins.ts";
import type { TestHost } from "./test-host.ts";

/** Nothing on a test host is installed, and it has no Thunderbolt and no initial RAM disk. */
export const linksTools = {
  "apt-get": '[ "$1" = update ] || touch /tmp/installed',
  "dpkg-query": "[ -e /tmp/installed ]",
  systemctl: '[ "$1" != is-enabled ] || [ -e /tmp/enabled ] || exit 1\ntouch /tmp/enabled',
  modprobe: "",
  "update-initramfs": "",
};

/** Objections of udev's to a file, and the commands with ifup that it would run when `en05` and `en06` appear. */
export async function udevSays(host: TestHost, script: string): Promise<{ objections: string[]; commands: string[] }> {
  const { stdout } = await host.succeeds(
    [
      standIns(linksTools),
      runScript("links", script),
      "ip link add en05 type veth peer name en06",
      "for port in en05 en06; do SYSTEMD_LOG_LEVEL=debug udevadm test --action=add /sys/class/net/$port 2>&1; done",
    ].join("\n"),
  );
  const lines = stdout.split("\n");
  return {
    objections: [...new Set(lines.filter((line) => /^\/etc\/.*(ignoring|invalid|fail)/i.test(line)))],
    commands: lines.flatMap((line) => /^run: '(.*ifup .*)'$/.exec(line)?.[1] ?? []),
  };
}
