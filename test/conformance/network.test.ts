// Network files and scripts of Proxmox hosts, by the tool that Proxmox VE applies them with.
import assert from "node:assert/strict";
import { renderManagementNetwork } from "../../components/host-scripts/management-network.ts";
import { quote } from "../../components/host-scripts/script.ts";
import { openTestHost, type TestHost } from "../../conformance/network/test-host.ts";
import { piece } from "../../conformance/piece.ts";
import { hardwareStacks } from "../../conformance/stacks.ts";

const host = await openTestHost("ifupdown2");

/** Two ends of a cable: one is the host's NIC, the other one stands for the switch. */
const wired = "ip link add nic0 type veth peer name switch0\nip link set switch0 up\n";
const lo = "auto lo\niface lo inet loopback\n";
const bridge = (address: string): string =>
  `${lo}\niface nic0 inet manual\n\nauto vmbr0\niface vmbr0 inet static\n\taddress ${address}/24\n\tbridge-ports nic0\n\tbridge-stp off\n\tbridge-fd 0\n\tmtu 1500\n\nsource /etc/network/interfaces.d/*\n`;
const write = (text: string): string => `printf '%s' ${quote(text)} >/etc/network/interfaces\n`;
const state = "cat /etc/network/interfaces; ip -4 -br addr show dev vmbr0; ip route";

piece(
  {
    subject: "network files and scripts of Proxmox hosts",
    against: host === undefined ? "ifupdown2" : `ifupdown2 ${host.version("ifupdown2")} in a network namespace`,
    limit: "bonds and VLANs with a real switch at the other end",
  },
  () => {
    const on = (): TestHost => {
      assert.ok(host);
      return host;
    };
    before(function () {
      if (host === undefined) this.skip();
    });

    for (const { stack, plan } of hardwareStacks()) {
      for (const { name, interfacesFile } of plan.platform === "proxmox" ? plan.hosts : []) {
        it(`${stack}: the network file of ${name} has no value that ifupdown2 refuses`, async () => {
          const { stdout, stderr } = await on().run(`${write(interfacesFile)}ifreload --syntax-check --all`);
          assert.deepEqual(complaints(`${stdout}\n${stderr}`), []);
        });
      }
    }
    it("a network file with a value that there is not is told so", async () => {
      const broken = bridge("192.0.2.10").replace("bridge-stp off", "bridge-stp maybe");
      const { stdout, stderr } = await on().run(`${write(broken)}ifreload --syntax-check --all`);
      assert.match(complaints(`${stdout}\n${stderr}`).join("\n"), /bridge-stp: invalid value "maybe"/);
    });

    const script = renderManagementNetwork({
      host: "pve-a",
      address: "192.0.2.10",
      interface: "vmbr0",
      interfacesFile: bridge("192.0.2.10"),
      keptInterfaces: [],
    });
    const step = `cat >/tmp/network.sh <<'SCRIPT'\n${script}\nSCRIPT\n`;

    it("the management network comes up from a bare host, and a second run changes nothing", async function () {
      this.timeout("3m");
      const { stdout, stderr } = await on().succeeds(
        `${wired}${step}${write(lo)}sh /tmp/network.sh\n(${state}) >/tmp/first\nsh /tmp/network.sh\n(${state}) >/tmp/second\ncmp /tmp/first /tmp/second\ncat /tmp/second`,
      );
      assert.match(stderr, /pve-a, management network: done: vmbr0 has 192\.0\.2\.10/);
      assert.match(stderr, /pve-a, management network: nothing to do: vmbr0 has 192\.0\.2\.10/);
      assert.match(stdout, /vmbr0 .* 192\.0\.2\.10\/24/);
    });

    it("a host moves from one address to another", async function () {
      this.timeout("3m");
      const { stdout } = await on().succeeds(
        `${wired}${step}${write(bridge("192.0.2.99"))}ifreload --all\nsh /tmp/network.sh\n${state}`,
      );
      assert.match(stdout, /vmbr0 .* 192\.0\.2\.10\/24/);
      assert.doesNotMatch(stdout, /192\.0\.2\.99/);
    });
  },
);

/**
 * What ifupdown2 objects to. That it was not installed by dpkg and what this machine lacks is no objection to the file; nor is the MTU of a
 * bridge, which Proxmox VE's own build sets and writes and Debian's leaves to the ports.
 */
function complaints(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => /^(warning|error):/.test(line))
    .filter((line) => !/current version using dpkg|: missing - |brctl|bridge inherits mtu from its ports/.test(line));
}
