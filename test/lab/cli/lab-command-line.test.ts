// The lab's command line as a person uses it.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runLab } from "../../../lab/cli/main.ts";
import { addVolume, GIB } from "../../../lab/rack/storage.ts";
import { openRack } from "../../../lab/rack/store.ts";
import { vms } from "../../../lab/rack/vms.ts";
import { labStacks } from "../../../tools/engine/lab-stacks.ts";

const DIRECTORY = join(import.meta.dirname, "../../..");

describe("the lab's command line", () => {
  let home: string;
  const before = process.env["RACK_HOME"];
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), "lab-cli-"));
    process.env["RACK_HOME"] = home;
    await lab("prepare");
  });
  afterEach(() => {
    rmSync(home, { recursive: true, force: true });
    if (before === undefined) delete process.env["RACK_HOME"];
    else process.env["RACK_HOME"] = before;
  });

  async function lab(command: string, worker?: string) {
    const lines: string[] = [];
    const errors: string[] = [];
    const code = await runLab(command.split(" "), {
      directory: DIRECTORY,
      stacks: labStacks(),
      workerOn: () => worker,
      print: (text) => lines.push(text),
      complain: (text) => errors.push(text),
    });
    return { code, out: lines.join("\n"), err: errors.join("\n") };
  }
  const status = async () => JSON.parse((await lab("status --json")).out);

  function addVm(): void {
    const rack = openRack("lab");
    const volumeId = addVolume(rack, "pve-ms01-01", "local-lvm", {
      name: "vm-100-disk-0",
      content: "images",
      sizeBytes: GIB,
    });
    const nics = [{ bridge: "vmbr0", mac: "02:00:00:00:00:01", firewall: false, disconnected: false, vlanId: 16 }];
    vms(rack).put("100", {
      vmid: 100,
      uuid: "7b6a",
      name: "box",
      host: "pve-ms01-01",
      cores: 2,
      memoryMiB: 2048,
      running: true,
      nics,
      disks: [{ interface: "scsi0", volumeId, sizeGiB: 1 }],
      addresses: [{ address: "10.8.16.60/24", gateway: "10.8.16.1" }],
      dnsServers: [],
      tags: [],
      onBoot: true,
      protection: false,
      config: {},
      bootCount: 1,
    } as never);
    rack.close();
  }

  it("shows a rack on which nothing has been built", async () => {
    const { code, out } = await lab("status");
    assert.equal(code, 0);
    assert.match(out, /^Rack lab\n\nHosts\n/);
    assert.match(out, /pve-ms01-01 +Minisforum MS-01 +on +reachable +quorate +disks ok/);
    assert.match(out, /Talos nodes\n {2}none yet/);
    assert.match(out, /grafana\.lab\.local +10\.8\.31\.12 +service +DEAD +nobody has this address/);
    assert.match(out, /Ceph\n {2}not set up$/);
  });

  it("pulls a cable, shows it, and plugs it in again", async () => {
    assert.match(
      (await lab("cable pull pve-ms01-01/enp87s0")).out,
      /^pulled: pve-ms01-01\/enp87s0--usw-enterprise-8-poe-server\/2$/,
    );
    const { out } = await lab("status");
    assert.match(out, /pve-ms01-01 +Minisforum MS-01 +on +UNREACHABLE/);
    assert.match(out, /pve-ms01-01 +enp87s0 +nic +NO CABLE/);
    assert.match(out, /Pulled cables\n {2}cable\n {2}pve-ms01-01\/enp87s0--/);
    await lab("cable plug pve-ms01-01/enp87s0");
    assert.deepEqual((await status()).pulledCables, []);
  });

  it("switches a host off with its VMs, and on again", async () => {
    addVm();
    assert.match((await lab("power off pve-ms01-01")).out, /^pve-ms01-01 is off\n {2}and with it box \(100\)$/);
    assert.equal((await status()).vms[0].running, false);
    assert.match((await lab("power on pve-ms01-01")).out, /^pve-ms01-01 is on\n {2}started box \(100\)$/);
    assert.equal((await status()).vms[0].running, true);
    assert.equal((await lab("power on pve-ms01-01")).out, "pve-ms01-01 is on already");
  });

  it("lets a disk fail and be replaced", async () => {
    await lab("disk fail pve-ms01-01/osd0");
    assert.deepEqual((await status()).hosts[1].failedDisks, ["osd0"]);
    assert.match((await lab("status")).out, /FAILED: osd0/);
    await lab("disk replace pve-ms01-01/osd0");
    assert.deepEqual((await status()).hosts[1].failedDisks, []);
  });

  it("changes things behind the program's back", async () => {
    addVm();
    assert.match((await lab("drift list")).out, /lab drift vm-memory <VM> <MiB> +another amount of memory in a VM/);
    assert.match(
      (await lab("drift vm-memory box 1024")).out,
      /^box: 1024 MiB, was 2048\nseen by: npm run pulumi -- refresh/,
    );
    assert.equal((await status()).vms[0].memoryMiB, 1024);
    await lab("drift vm-delete box");
    assert.deepEqual((await status()).vms, []);
  });

  it("injects, lists and clears faults", async () => {
    assert.equal((await lab("fault list")).out, "no faults");
    assert.equal((await lab("fault add create*Vm* fail --times 2 --text busy")).out, 'fault 1: fail at "create*Vm*"');
    assert.match((await lab("fault list")).out, /1 +fail +2 times +create\*Vm\* +busy/);
    await lab("fault clear 1");
    assert.deepEqual(JSON.parse((await lab("fault list --json")).out), []);
  });

  it("lets time pass", async () => {
    assert.equal((await lab("time pass 6h")).out, "nothing was due");
    assert.equal((await lab("time")).out, "0d 06:00 since the rack was put up");
  });

  it("shows the journal", async () => {
    assert.equal((await lab("journal")).out, "nothing was asked yet");
    assert.deepEqual(JSON.parse((await lab("journal --json")).out), []);
  });

  it("clears the rack, but not under somebody who works on it", async () => {
    const refused = await lab("reset", "process 4711");
    assert.deepEqual(
      [refused.code, refused.err],
      [2, "error: stack lab is being worked on by process 4711; wait for it to end"],
    );
    assert.match((await lab("reset")).out, /^rack lab is empty/);
    const { code, err } = await lab("status");
    assert.equal(code, 1);
    assert.match(
      err,
      /^error: rack "lab" has no hardware in it .*prepare it with "npx lab prepare lab", or start with "npm run up"$/,
    );
    assert.match((await lab("prepare lab")).out, /^rack lab: put in pve-aimax-01, pve-ms01-01, pve-ms01-02$/);
  });

  /** Command lines that are wrong, and what is said about them. */
  const wrong: Readonly<Record<string, RegExp>> = {
    statsu: /^error: no command "statsu"; did you mean status\?\n {2}- lab help$/,
    "status --jsn": /^error: unknown option --jsn; did you mean --json\?/,
    "status --rack lob": /^error: there is no rack "lob"; did you mean lab\?$/,
    "status --stack homelab": /^error: stack "homelab" stands on real hardware; simulated racks have: .*lab/,
    "status --stack nothing": /^error: stack "nothing" is not there/,
    "cable pull pve-ms01-01/enp87s": /did you mean pve-ms01-01\/enp87s0\?$/,
    "cable cut x": /^error: a cable is pulled or plugged, at one of its ends\n {2}- lab cable pull <host>\/<nic>/,
    "power off pve-ms01-3": /^error: there is no host, VM or switch "pve-ms01-3"; did you mean pve-ms01-01\?$/,
    "disk fail pve-ms01-01/ods0": /did you mean pve-ms01-01\/osd0\?$/,
    "drift vm-memry box 1": /^error: no drift "vm-memry"; did you mean vm-memory\?/,
    "drift vm-memory box 1": /^error: there is no VM "box"\n {2}there is none at all$/,
    "fault add x explode": /^error: no behaviour "explode"\n {2}there is: fail, hang/,
    "fault clear 9": /^error: there is no fault 9/,
    "fault upgrade talos-k8s-01": /^error: there is no node "talos-k8s-01"\n {2}there is none at all$/,
    "time pass soon": /^error: say how much time is to pass\n {2}- lab time\n {2}- lab time pass <6h/,
    "journal --last many": /^error: --last takes a whole number, not "many"/,
  };
  for (const [command, message] of Object.entries(wrong)) {
    it(`says what is wrong with: lab ${command}`, async () => {
      const { code, out, err } = await lab(command);
      assert.deepEqual([code, out], [2, ""]);
      assert.match(err, message);
    });
  }

  it("helps", async () => {
    assert.match((await lab("help")).out, /lab status +the rack as it is/);
    assert.match((await lab("help cable")).out, /lab cable pull <host>\/<nic>/);
    assert.match((await lab("power --help")).out, /lab power off/);
  });
});
