// The script that names a host's USB4 ports, run on a test host: what it does the second time, and what udev makes of the files it leaves.
import { askedFile, runScript, standIns } from "./stand-ins.ts";
import type { TestHost } from "./test-host.ts";

/** Nothing on a test host is installed, and it has no Thunderbolt and no initial RAM disk. */
const tools = {
  "apt-get": '[ "$1" = update ] || touch /tmp/installed',
  "dpkg-query": "[ -e /tmp/installed ]",
  systemctl: '[ "$1" != is-enabled ] || [ -e /tmp/enabled ] || exit 1\ntouch /tmp/enabled',
  modprobe: "",
  "update-initramfs": "",
};

/** Files that a second run writes, and what it asks of the host. */
export async function secondRun(host: TestHost, script: string): Promise<{ written: string[]; asked: string[] }> {
  const { stdout } = await host.succeeds(
    [
      standIns({ ...tools, udevadm: "" }),
      runScript("links", script),
      `touch /tmp/mark\nsleep 0.05\n: >${askedFile}`,
      "sh /tmp/links.sh",
      `find /etc -newer /tmp/mark -type f\necho\ncat ${askedFile}`,
    ].join("\n"),
  );
  const [written = "", asked = ""] = stdout.trimEnd().split(/^\n/m);
  return { written: lines(written), asked: lines(asked) };
}

/** Objections of udev's to a file, and the commands with ifup that it would run when `en05` and `en06` appear. */
export async function udevSays(host: TestHost, script: string): Promise<{ objections: string[]; commands: string[] }> {
  const { stdout } = await host.succeeds(
    [
      standIns(tools),
      runScript("links", script),
      "ip link add en05 type veth peer name en06",
      "for port in en05 en06; do SYSTEMD_LOG_LEVEL=debug udevadm test --action=add /sys/class/net/$port 2>&1; done",
    ].join("\n"),
  );
  return {
    objections: [...new Set(lines(stdout).filter((line) => /^\/etc\/.*(ignoring|invalid|fail)/i.test(line)))],
    commands: lines(stdout).flatMap((line) => /^run: '(.*ifup .*)'$/.exec(line)?.[1] ?? []),
  };
}

const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");
