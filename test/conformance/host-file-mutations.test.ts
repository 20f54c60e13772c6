// Breaks scripts that write files on hosts, on purpose, and looks whether the programs that read them notice.
import assert from "node:assert/strict";
import { declareStack } from "../../conformance/declared.ts";
import { declaredScripts } from "../../conformance/host-scripts.ts";
import {
  aptSources,
  corosyncLinks,
  hostTools,
  introduction,
  metrics,
  timeServers,
} from "../../conformance/hosts/host-files.ts";
import { openTestHost, type TestHost } from "../../conformance/hosts/test-host.ts";
import { piece } from "../../conformance/piece.ts";
import { homelabPlan } from "../support/homelab-plan.ts";

const about = {
  subject: "the check of files that scripts write on Proxmox hosts: broken on purpose",
  against: "what the check must say",
  limit: "nothing: this is about the checks themselves",
};

piece(about, function () {
  this.timeout("1m");
  const plan = homelabPlan();
  const cluster = plan.proxmoxCluster;
  const [planned] = plan.hosts;
  assert.ok(cluster && planned);
  const [last] = cluster.members.slice(-1);
  let host: TestHost;
  const scripts = new Map<string, string>();
  before(async function () {
    const opened = await openTestHost(...hostTools);
    if (opened === undefined) return this.skip();
    host = opened;
    for (const { name, text } of declaredScripts(await declareStack(plan))) scripts.set(name, text);
  });
  function broken(name: string, from: string | RegExp, to: string): string {
    const text = scripts.get(`${name} create`) ?? "";
    assert.notEqual(text.replace(from, to), text, `nothing to break: ${name} has no ${from}`);
    return text.replace(from, to);
  }
  const whole = (name: string): string => scripts.get(`${name} create`) ?? "";
  const links = (script: string) =>
    corosyncLinks(host, {
      ...{ name: cluster.name, members: cluster.members, script },
      admission: whole(`cluster-${last?.host}-admit`),
    });

  it("a misspelt server is none of chrony's", async () => {
    const { sources } = await timeServers(host, broken(`${planned.name}-ntp`, /server (?=\d)/, "servr "));
    assert.notDeepEqual(sources, [...plan.cluster.ntpServers].sort());
  });
  it("Debian's own servers that are left are seen", async () => {
    const { sources } = await timeServers(host, broken(`${planned.name}-ntp`, "(pool|server|peer)", "(peer)"));
    assert.notDeepEqual(sources, [...plan.cluster.ntpServers].sort());
  });
  it("a repository that stays enabled is asked by apt", async () => {
    const { uris } = await aptSources(host, broken(`${planned.name}-package-sources`, "Enabled: no", "Enabled: yes"));
    assert.match(uris.join(), /enterprise\.proxmox\.com/);
  });
  it("a script that adds to its file at every run is seen", async () => {
    const script = broken(`${planned.name}-ntp`, /grep -q "\^sourcedir [^|]*\|\| /, "");
    assert.deepEqual((await timeServers(host, script)).changed, ["/etc/chrony/chrony.conf"]);
  });
  it("an exporter at another address, and a metric that it does not have, are missed", async () => {
    const { managementAddress: address, name } = planned;
    const elsewhere = broken(`${name}-metrics`, `listen-address=${address}`, "listen-address=127.0.0.1");
    const needed = ["node_network_up"];
    assert.deepEqual((await metrics(host, elsewhere, address, needed)).missing, needed);
    const made = await metrics(host, whole(`${name}-metrics`), address, [...needed, "node_network_mood"]);
    assert.deepEqual(made.missing, ["node_network_mood"]);
  });
  it("a misspelt setting of a unit is told by systemd", async () => {
    const script = broken(`${planned.name}-metrics`, "Wants=", "Wnats=");
    const { objections } = await metrics(host, script, planned.managementAddress, []);
    assert.match(objections.join("\n"), /network\.conf:2: Unknown key.* 'Wnats'/);
  });
  it("a file that corosync cannot read is refused by it", async () => {
    await assert.rejects(
      links(broken("corosync-configuration", "linknumber: ", "linknumber ")),
      /corosync|parse|Line is not/i,
    );
  });
  it("a member without its second link is refused by corosync", async () => {
    const member = cluster.members[1];
    const line = `${member?.host} 1 ${member?.links[1]}\n`;
    await assert.rejects(links(broken("corosync-configuration", line, "")), /number of links|ring1_addr|nodelist/i);
  });
  it("a key under another address is not found by OpenSSH", async () => {
    const firstAddress = cluster.members.find((member) => member.host === cluster.first)?.links[0] ?? "";
    const { isKnown } = await introduction(host, {
      introduce: broken(`cluster-${last?.host}-introduce`, `${firstAddress} `, "192.0.2.1 "),
      admit: whole(`cluster-${last?.host}-admit`),
      firstAddress,
    });
    assert.equal(isKnown, false);
  });
});
