// What a simulated host refuses, in the words of the real one.
import assert from "node:assert/strict";
import { runRemoteScript } from "../../../lab/host/remote-script.ts";
import { setSshAccess } from "../../../lab/host/ssh.ts";
import { hosts } from "../../../lab/rack/hosts.ts";
import { linksOf } from "../../../lab/rack/links.ts";
import { setCable } from "../../../lab/rack/switches.ts";
import { type LabRack, labRack } from "../../support/lab-rack.ts";

const HOST = "pve-ms01-01";

describe("what a simulated host refuses", () => {
  let lab: LabRack;
  beforeEach(() => {
    lab = labRack();
  });
  afterEach(() => lab.close());

  /** Scripts that end with an error, and the text that says why. */
  const refused: Readonly<Record<string, readonly [script: string, message: RegExp]>> = {
    "a corosync link that is not its own": [
      "pvecm create lab --link0 10.8.16.99",
      /link0 address 10\.8\.16\.99 is not configured on pve-ms01-01/,
    ],
    "a second cluster": ["pvecm create lab && pvecm create lab", /corosync\.conf' already exists/],
    "to join a host that is in no cluster": [
      "printf '10.8.16.11 %s\\n' known > /root/.ssh/known_hosts; pvecm add 10.8.16.11 --use_ssh",
      /Host key verification failed/,
    ],
    "to join without a password and without SSH": ["pvecm add 10.8.16.11", /root\) password/],
    "Ceph's packages without a yes": ["pveceph install --repository no-subscription", /\[Y\/n\] Abort/],
    "an unknown release of Ceph": [
      "yes | pveceph install --version pacific",
      /does not have a value in the enumeration 'squid, tentacle'/,
    ],
    "Ceph where it is not installed": [
      "pveceph init --network 10.8.48.0/24",
      /binary not installed: \/usr\/bin\/ceph-mon/,
    ],
    "a monitor without an address on Ceph's network": [
      "yes | pveceph install --repository no-subscription && pveceph init --network 10.8.48.0/24 && pveceph mon create",
      /No active IP found for the requested ceph public network '10\.8\.48\.0\/24'/,
    ],
    "a second monitor on one host": [
      "yes | pveceph install && pveceph init --network 10.8.16.0/24 && pveceph mon create && pveceph mon create",
      /monitor 'pve-ms01-01' already exists/,
    ],
    "an OSD on a disk that is not there": [
      "yes | pveceph install && pveceph init --network 10.8.16.0/24 && pveceph mon create && pveceph osd create /dev/sdz",
      /no such block device on pve-ms01-01; it has \/dev\/disk\/by-id\/nvme-ms01-01-osd0/,
    ],
    "an OSD on the system's disk": [
      "yes | pveceph install && pveceph init --network 10.8.16.0/24 && pveceph mon create && pveceph osd create /dev/disk/by-id/nvme-ms01-01-system",
      /already in use: device is in use \(system\)/,
    ],
    "two OSDs on one disk": [
      "d=/dev/disk/by-id/nvme-ms01-01-osd0; yes | pveceph install && pveceph init --network 10.8.16.0/24 && pveceph mon create && pveceph osd create $d && pveceph osd create $d",
      /device is in use \(osd\.0\)/,
    ],
    "to wipe the system's disk": [
      "yes | pveceph install >/dev/null; ceph-volume lvm zap /dev/disk/by-id/nvme-ms01-01-system",
      /the system lies on it/,
    ],
    "ceph without monitors": ["ceph -s", /ObjectNotFound/],
    "a storage on a pool that is not there": ["pvesm add rbd fast --pool fast", /pool 'fast' does not exist/],
    "a network file that is none": [
      "echo nonsense > /etc/network/interfaces; ifreload -a",
      /interfaces: line1: error processing line 'nonsense'/,
    ],
    "a bond over a NIC that is not there": [
      "printf 'auto bond0\\niface bond0 inet manual\\n\\tbond-slaves enp9s0\\n' >> /etc/network/interfaces; ifreload -a",
      /unable to find slave 'enp9s0'/,
    ],
    "an address that somebody has": [
      "sed -i 's|10.8.16.10/24|10.8.16.11/24|' /etc/network/interfaces; ifreload -a",
      /address 10\.8\.16\.11\/24 is already in use by pve-ms01-02/,
    ],
    "a package that no repository has": [
      "apt-get install -y no-such-thing",
      /E: Unable to locate package no-such-thing/,
    ],
    "a service that is not there": ["systemctl restart nothing", /Unit nothing\.service not found/],
    "to write on a disk": [
      "echo x | tee /dev/disk/by-id/nvme-ms01-01-osd0",
      /the rack's disks are not written byte by byte/,
    ],
    "a command it does not have": ["curl https://example.org", /sh: curl: not found/],
  };
  for (const [what, [script, message]] of Object.entries(refused)) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(lab.on(HOST, script), message);
    });
  }

  it("leaves the network alone that it refuses", async () => {
    const before = linksOf(lab.rack, HOST);
    await assert.rejects(
      lab.on(HOST, "sed -i 's/enp87s0/enp9s0/' /etc/network/interfaces; ifreload -a"),
      /enp9s0: interface enp9s0 does not exist/,
    );
    assert.deepEqual(linksOf(lab.rack, HOST), before);
  });

  it("goes dark when a file takes away its management address, and stays so", async () => {
    const cut = "printf 'auto lo\\niface lo inet loopback\\n' > /etc/network/interfaces; ifreload -a; echo reloaded";
    await assert.rejects(lab.on(HOST, cut), /remote command exited without exit status or exit signal[\s\S]*reloaded/);
    await assert.rejects(lab.on(HOST, "true"), /dial tcp 10\.8\.16\.10:22: i\/o timeout/);
  });

  it("survives a file that takes away its management address when the script puts the former one back", async () => {
    const script = `cp /etc/network/interfaces /root/before
printf 'auto lo\\niface lo inet loopback\\n' > /etc/network/interfaces
ifreload -a
ping -c 1 10.8.16.1 >/dev/null || { cp /root/before /etc/network/interfaces; ifreload -a; echo back; }`;
    assert.equal((await lab.on(HOST, script)).stdout, "back");
  });

  it("does not answer without a cable, and says which", async () => {
    setCable(lab.rack, `${HOST}/enp87s0`, false);
    await assert.rejects(lab.on(HOST, "true"), /i\/o timeout \(.*enp87s0 on pve-ms01-01 has no link/);
  });

  it("answers nobody at an address that no host has", async () => {
    await assert.rejects(
      lab.on("10.8.16.77", "true"),
      /dial tcp 10\.8\.16\.77:22: i\/o timeout \(nobody answers at 10\.8\.16\.77\)/,
    );
  });

  it("refuses a connection without SSH on the other side", async () => {
    await lab.on(HOST, "systemctl stop ssh");
    await assert.rejects(lab.on(HOST, "true"), /connect: connection refused \(no SSH server on pve-ms01-01\)/);
  });

  it("refuses a key it does not know, and a host key that is not its own", async () => {
    const connect = (extra: object) =>
      runRemoteScript(lab.rack, { connection: { host: "10.8.16.10", ...extra }, script: "hostname" });
    await assert.rejects(connect({}), /unable to authenticate, attempted methods \[none\]/);
    await assert.rejects(connect({ privateKey: "k", user: "admin" }), /unable to authenticate/);
    setSshAccess(lab.rack, { acceptedKey: "right" });
    await assert.rejects(connect({ privateKey: "wrong" }), /attempted methods \[none publickey\]/);
    assert.equal((await connect({ privateKey: "right\n" })).stdout, HOST);
    await assert.rejects(connect({ privateKey: "right", hostKey: "ssh-ed25519 AAAAother" }), /ssh: host key mismatch/);
    const connection = { host: "10.8.16.10", privateKey: "right" };
    const { stdout: hostKey } = await runRemoteScript(lab.rack, {
      connection,
      script: "cat /etc/ssh/ssh_host_ed25519_key.pub",
    });
    assert.equal((await connect({ privateKey: "right", hostKey })).stdout, HOST);
  });

  it("writes nothing into the cluster's files without quorum", async () => {
    const known = (
      await lab.on(
        "pve-ms01-01",
        "pvecm create lab --link0 10.8.16.10 >/dev/null; cat /etc/ssh/ssh_host_ed25519_key.pub",
      )
    ).stdout;
    const key = (
      await lab.on(
        "pve-ms01-02",
        `echo '10.8.16.10 ${known}' > /root/.ssh/known_hosts; ssh-keygen -q -N '' -f /root/.ssh/id_rsa; cat /root/.ssh/id_rsa.pub`,
      )
    ).stdout;
    await lab.on("pve-ms01-01", `echo '${key}' > /root/.ssh/authorized_keys`);
    await lab.on("pve-ms01-02", "pvecm add 10.8.16.10 --use_ssh --link0 10.8.16.11");
    await lab.on("pve-ms01-02", "echo shared > /etc/pve/note");
    assert.equal((await lab.on("pve-ms01-01", "cat /etc/pve/note")).stdout, "shared");
    hosts(lab.rack).edit("pve-ms01-02", (body) => Object.assign(body, { powered: false }));
    await assert.rejects(
      lab.on("pve-ms01-01", "echo x > /etc/pve/note"),
      /cannot create \/etc\/pve\/note: Permission denied/,
    );
    await assert.rejects(lab.on("pve-ms01-01", "pvecm status | grep -q 'Quorate: *Yes'"), /status 1/);
  });
});
