// Network files and scripts of Proxmox hosts, by the tool that Proxmox VE applies them with.
import assert from "node:assert/strict";
import { renderManagementNetwork } from "../../components/host-scripts/management-network.ts";
import { quote } from "../../components/host-scripts/script.ts";
import { declareStack } from "../../conformance/declared.ts";
import { declaredScripts } from "../../conformance/host-scripts.ts";
import { completeInterfaces } from "../../conformance/hosts/complete-interfaces.ts";
import { afterScripts, plannedLinks, readInterfaces } from "../../conformance/hosts/ifupdown2.ts";
import { runTwice } from "../../conformance/hosts/run-twice.ts";
import { openTestHost } from "../../conformance/hosts/test-host.ts";
import { piece } from "../../conformance/piece.ts";
import { hardwareStacks } from "../../conformance/stacks.ts";
import { renderFirstBoot } from "../../plan/render/install-answer.ts";
import { onTestHost } from "../support/on-test-host.ts";
import type { Recording } from "../support/record-resources.ts";

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
    limit:
      "bonds and VLANs as such, for which the kernel of a test has no drivers: they are read and gone through in a dry run; a real switch at the other end; ifupdown2 as Proxmox VE builds it",
  },
  function () {
    this.timeout("1m");
    const on = onTestHost(host);

    for (const { stack, plan } of hardwareStacks().filter((one) => one.plan.platform === "proxmox")) {
      let declared: Recording;
      before(async () => {
        declared = await declareStack(plan);
      });
      /** Those of a host's scripts whose names end so. */
      const scripts = (host: string, end: string): string[] =>
        declaredScripts(declared).flatMap(({ name, text }) =>
          name.startsWith(`${host}-`) && name.endsWith(`${end} create`) ? [text] : [],
        );
      for (const planned of plan.hosts) {
        const { name } = planned;
        it(`${stack}: the network file of ${name}, with all that the API adds, has the planned links and nothing that ifupdown2 refuses`, async () => {
          const file = await afterScripts(on(), completeInterfaces(declared, planned), scripts(name, "-lacp-rate"));
          const { complaints, links, masters } = await readInterfaces(on(), file);
          assert.deepEqual(complaints, []);
          assert.deepEqual(links, plannedLinks(planned));
          const members = planned.bonds.flatMap((bond) => bond.members.map((nic) => [nic, bond.name]));
          assert.deepEqual(masters, Object.fromEntries(members));
        });
        it(`${stack}: the script of the first boot of ${name} leaves the planned file, however often it runs`, async () => {
          const { changed, said } = await runTwice(on(), {
            script: renderFirstBoot(planned),
            tools: {},
            before: write(lo),
            after: "cat /etc/network/interfaces",
          });
          assert.equal(said, planned.interfacesFile);
          assert.deepEqual(changed, []);
        });
        it(`${stack}: what the API adds to the network of ${name} does not make its scripts write the file again`, async () => {
          const all = [...scripts(name, "-interfaces"), ...scripts(name, "-lacp-rate")];
          assert.equal(all.length, 1 + planned.bonds.filter((bond) => bond.lacpRate === "fast").length);
          const file = await afterScripts(on(), completeInterfaces(declared, planned), scripts(name, "-lacp-rate"));
          const link = `ip link add ${planned.managementInterface} type veth peer name other\nip addr add ${planned.managementAddress}/24 dev ${planned.managementInterface}\n`;
          assert.equal(await afterScripts(on(), file, all, link), file);
        });
      }
    }
    it("a network file with a value that there is not is told so", async () => {
      const broken = bridge("192.0.2.10").replace("bridge-stp off", "bridge-stp maybe");
      assert.match((await readInterfaces(on(), broken)).complaints.join("\n"), /bridge-stp: invalid value "maybe"/);
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
