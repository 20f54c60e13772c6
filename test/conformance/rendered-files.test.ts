// Files that are rendered for people to put where they belong: a name server's, /etc/hosts, the installer's answers.
import assert from "node:assert/strict";
import { answerFileErrors, pythonWithToml } from "../../conformance/hosts/answer-file.ts";
import { askForBoot, type DhcpOffer, type DhcpQuestion } from "../../conformance/hosts/dhcp-server.ts";
import { type Answers, askNames, nameFiles } from "../../conformance/hosts/name-server.ts";
import { openTestHost } from "../../conformance/hosts/test-host.ts";
import { piece } from "../../conformance/piece.ts";
import { hardwareStacks } from "../../conformance/stacks.ts";
import type { ProvisioningPlan } from "../../plan/plan.ts";
import { renderInstallAnswer } from "../../plan/render/install-answer.ts";
import { renderPxeDnsmasq } from "../../plan/render/pxe-guide.ts";
import { planOf } from "../support/configs.ts";
import { homelabPlan } from "../support/homelab-plan.ts";

const host = await openTestHost("dnsmasq-base");
const python = await pythonWithToml();

piece(
  {
    subject: "names for routers and machines",
    against: host === undefined ? "dnsmasq" : `dnsmasq ${host.version("dnsmasq-base")} and the C library's resolver`,
    limit:
      "the name server of the router at hand; UniFi's forms and RouterOS' script, for which no registry has a reader, are rendered only",
  },
  function () {
    this.timeout("1m");
    before(function () {
      if (host === undefined) this.skip();
    });
    for (const { stack, plan } of hardwareStacks()) {
      let answers: Answers;
      const byName = (key: "fqdn" | "name") =>
        Object.fromEntries(plan.dns.records.map((record) => [record[key], record.address]));
      before(async () => {
        assert.ok(host);
        answers = await askNames(host, plan, nameFiles(plan));
      });
      it(`${stack}: dnsmasq accepts its lines and answers every name with its address`, () => {
        assert.deepEqual(answers.address, byName("fqdn"));
      });
      it(`${stack}: dnsmasq answers every address with one of its names`, () => {
        for (const { address } of plan.dns.records) {
          const names = plan.dns.records.flatMap((record) => (record.address === address ? [record.fqdn] : []));
          assert.ok(names.includes(answers.name[address] ?? ""), `${address}: ${answers.name[address]}`);
        }
      });
      it(`${stack}: a name of the zone that nobody has stays unanswered`, () => {
        assert.equal(answers.unknown, "");
      });
      it(`${stack}: the C library finds every short name in the lines for /etc/hosts`, () => {
        assert.deepEqual(answers.short, byName("name"));
      });
    }
    it("a line that dnsmasq does not know is refused", async () => {
      assert.ok(host);
      const plan = homelabPlan();
      const files = nameFiles(plan);
      const dnsmasq = files.dnsmasq.replace("host-record=", "host-recrd=");
      await assert.rejects(askNames(host, plan, { ...files, dnsmasq }), /bad option at line 2/);
    });
    it("a name that is left out is missed, and so is one with another address", async () => {
      assert.ok(host);
      const plan = homelabPlan();
      const files = nameFiles(plan);
      const dnsmasq = files.dnsmasq.replace(/^host-record=dashboard.*\n/m, "").replace("10.8.31.12", "10.8.31.99");
      const { address } = await askNames(host, plan, { ...files, dnsmasq });
      assert.equal(address["dashboard.lab.local"], "");
      assert.equal(address["grafana.lab.local"], "10.8.31.99");
    });
  },
);

piece(
  {
    subject: "PXE: what machines are offered at their first boot",
    against: host === undefined ? "dnsmasq" : `dnsmasq ${host.version("dnsmasq-base")}, asked over a cable`,
    limit: "the firmware of the machine at hand, iPXE, and what the image factory serves",
  },
  function () {
    this.timeout("1m");
    before(function () {
      if (host === undefined) this.skip();
    });
    const ask = (provisioning: ProvisioningPlan, questions: readonly DhcpQuestion[]): Promise<DhcpOffer[]> => {
      assert.ok(host);
      return askForBoot(host, renderPxeDnsmasq(provisioning), provisioning.server.address, questions);
    };
    const uefi = { architecture: 7, isIpxe: false };
    for (const { stack, plan } of hardwareStacks()) {
      const { provisioning } = plan;
      if (provisioning === undefined) continue;
      const { machines, server } = provisioning;
      it(`${stack}: each machine is offered its address, and no router`, async () => {
        const offers = await ask(
          provisioning,
          machines.map(({ mac }) => ({ mac, ...uefi })),
        );
        assert.deepEqual(
          offers,
          machines.map(({ address }) => ({ address, file: "snponly.efi", router: false })),
        );
      });
      it(`${stack}: firmware is offered the iPXE that it can run, and iPXE the image`, async () => {
        const [mac = ""] = machines.map((machine) => machine.mac);
        const offers = await ask(provisioning, [
          { mac, architecture: 0, isIpxe: false },
          { mac, architecture: 9, isIpxe: false },
          { mac, architecture: 7, isIpxe: true },
        ]);
        assert.deepEqual(
          offers.map(({ file }) => file),
          ["undionly.kpxe", "snponly.efi", `http://${server.address}/boot.ipxe`],
        );
      });
      it(`${stack}: a machine that nobody described is offered an address and nothing to boot`, async () => {
        const [offer] = await ask(provisioning, [{ mac: "02:00:00:00:00:01", ...uefi }]);
        assert.equal(offer?.file, "");
        assert.ok(!machines.some(({ address }) => address === offer.address), offer.address);
      });
    }
    it("a machine whose address is left out is missed", async () => {
      const { provisioning } = planOf("datacenter");
      const [first, ...machines] = provisioning?.machines ?? [];
      assert.ok(provisioning && first);
      const [offer] = await ask({ ...provisioning, machines }, [{ mac: first.mac, ...uefi }]);
      assert.notEqual(offer?.address, first.address);
      assert.equal(offer?.file, "");
    });
  },
);

piece(
  {
    subject: "answers for the Proxmox installer",
    against: `TOML as Python ${python ?? "3.11"} reads it, and the keys of pve-installer`,
    limit: "proxmox-auto-install-assistant, which is in no registry, and whether the filters find the NIC and the disk",
  },
  () => {
    before(function () {
      if (python === undefined) this.skip();
    });
    for (const { stack, plan } of hardwareStacks().filter((one) => one.plan.platform === "proxmox")) {
      for (const planned of plan.hosts) {
        it(`${stack}: the file of ${planned.name} has all that is needed and nothing that there is not`, async () => {
          assert.deepEqual(await answerFileErrors(renderInstallAnswer(plan, planned)), []);
        });
      }
    }
    it("a host whose management network has no gateway gets a file that the installer takes", async () => {
      const plan = homelabPlan();
      const [planned] = plan.hosts;
      assert.ok(planned);
      const bridges = planned.bridges.map((bridge) => ({
        ...bridge,
        vlanInterfaces: bridge.vlanInterfaces.map(({ gateway: _, ...link }) => link),
      }));
      assert.deepEqual(await answerFileErrors(renderInstallAnswer(plan, { ...planned, bridges })), []);
    });
    const mistakes = [
      { what: "a misspelt key", from: "root-ssh-keys", to: "root-ssh-key", reason: /^global.root-ssh-keys: .*/ },
      { what: "an address without a length", from: /^(cidr = "[^/]+)\/24/m, to: "$1", reason: /^network.cidr: / },
      { what: "a file without a gateway", from: /^gateway = .*\n/m, to: "", reason: /^network.gateway: / },
      { what: "a time that there is not", from: "before-network", to: "before-net", reason: /^first-boot.ordering: / },
      { what: "a quote that is not closed", from: '"ext4"', to: '"ext4', reason: /TOMLDecodeError: .*line/ },
    ];
    for (const { what, from, to, reason } of mistakes) {
      it(`${what} is told`, async () => {
        const plan = homelabPlan();
        const [planned] = plan.hosts;
        assert.ok(planned);
        const errors = await answerFileErrors(renderInstallAnswer(plan, planned).replace(from, to));
        assert.match(errors.join("\n"), reason);
      });
    }
  },
);
