// A freshly installed host gets packages that everybody may have, the planned time servers, and metrics: the program's real scripts.
import assert from "node:assert/strict";
import { renderNodeExporter } from "../../../components/host-scripts/node-exporter.ts";
import { renderPackageSources } from "../../../components/host-scripts/package-sources.ts";
import { renderTimeServers } from "../../../components/host-scripts/time-servers.ts";
import { operatingSystem } from "../../../lab/host/operating-system.ts";
import { proxmoxHosts } from "../../../lab/rack/hosts.ts";
import { type LabRack, labRack } from "../../support/lab-rack.ts";

const HOST = "pve-ms01-01";
const SOURCES = "/etc/apt/sources.list.d/pve-enterprise.sources";

describe("a freshly installed host", () => {
  let lab: LabRack;
  beforeEach(() => {
    lab = labRack();
  });
  afterEach(() => lab.close());

  /** Runs a script twice: the second run leaves the rack as it is. */
  async function twice(script: string): Promise<void> {
    await lab.on(HOST, script);
    const look = () => lab.snapshot().replaceAll(/startedCount\W+\d+/g, "");
    const before = look();
    await lab.on(HOST, script);
    assert.ok(look() === before, "a second run changed the rack");
  }
  const sources = renderPackageSources({ host: HOST });
  const exporter = renderNodeExporter({ host: HOST, address: "10.8.16.10" });
  const time = (...servers: string[]) => renderTimeServers({ host: HOST, servers });

  it("is refused by the enterprise repositories, and by none any more when they are switched off", async () => {
    await assert.rejects(lab.on(HOST, "apt-get update"), /enterprise\.proxmox\.com.*401 {2}Unauthorized/);
    await twice(sources);
    const repositories = proxmoxHosts(lab.rack).get(HOST)?.repositories ?? [];
    assert.deepEqual(repositories.map(({ handle, isEnabled }) => [handle, isEnabled]).sort(), [
      ["ceph-squid-enterprise", false],
      ["enterprise", false],
    ]);
    await lab.on(HOST, "apt-get update");
  });

  it("keeps every other repository as it is", async () => {
    const free =
      "Types: deb\nURIs: http://download.proxmox.com/debian/pve\nSuites: trixie\nComponents: pve-no-subscription\n";
    await lab.on(HOST, `printf '%s' '${free}' | tee /etc/apt/sources.list.d/proxmox.sources`);
    await twice(sources);
    assert.equal((await lab.on(HOST, "cat /etc/apt/sources.list.d/proxmox.sources")).stdout, free.trimEnd());
    assert.match((await lab.on(HOST, `cat ${SOURCES}`)).stdout, /^Types: deb\n[\s\S]*\nEnabled: no$/);
  });

  it("switches off one-line sources of older releases too", async () => {
    const file = "/etc/apt/sources.list.d/pve-enterprise.list";
    await lab.on(HOST, `echo 'deb https://enterprise.proxmox.com/debian/pve bookworm pve-enterprise' | tee ${file}`);
    await twice(sources);
    assert.match((await lab.on(HOST, `cat ${file}`)).stdout, /^# deb https:/);
  });

  it("asks the planned servers for the time and nobody else", async () => {
    await twice(time("10.8.16.1", "time.example.test"));
    const settings = operatingSystem(lab.rack, HOST).services["chrony"]?.settings ?? "";
    assert.deepEqual(settings.match(/^(server|pool) .*/gm), [
      "server 10.8.16.1 iburst",
      "server time.example.test iburst",
    ]);
    await twice(time("10.8.16.1"));
    assert.match(operatingSystem(lab.rack, HOST).services["chrony"]?.settings ?? "", /^server 10\.8\.16\.1 iburst$/m);
  });

  it("says so when no time server answers", async () => {
    await assert.rejects(
      lab.on(HOST, time("10.8.16.77")),
      /pve-ms01-01, time: gave up waiting for the time from 10\.8\.16\.77; last answer: try: 1/,
    );
  });

  it("answers for its metrics on the management address, once it may have packages", async () => {
    await assert.rejects(lab.on(HOST, exporter), /401 {2}Unauthorized/);
    await lab.on(HOST, sources);
    await twice(exporter);
    const service = operatingSystem(lab.rack, HOST).services["prometheus-node-exporter"];
    assert.deepEqual([service?.enabled, service?.active], [true, true]);
    assert.equal(service?.settings, `ARGS="--web.listen-address=10.8.16.10:9100"\n`);
    await lab.on(HOST, "systemctl stop prometheus-node-exporter");
    await lab.on(HOST, exporter);
    assert.equal(operatingSystem(lab.rack, HOST).services["prometheus-node-exporter"]?.active, true);
  });
});
