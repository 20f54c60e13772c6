import assert from "node:assert/strict";
import { request } from "node:https";
import { type PveApi, servePveApi } from "../../lab/pve-api/server.ts";
import { type LabRack, labRack } from "../support/lab-rack.ts";

const apiToken = "root@pam!pulumi=simulated";
const HOST = "pve-ms01-01";

interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly body: { readonly data: unknown; readonly errors?: Readonly<Record<string, string>> };
}

describe("Proxmox VE's HTTP API over the rack", () => {
  let lab: LabRack;
  let api: PveApi;
  beforeEach(async () => {
    lab = labRack();
    api = await servePveApi({ rack: lab.rack, host: HOST, apiToken });
  });
  afterEach(async () => {
    await api.close();
    lab.close();
  });

  const ask = (method: string, path: string, form: Record<string, string> = {}, token = apiToken): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `PVEAPIToken=${token}`, "content-type": "application/x-www-form-urlencoded" };
      // The certificate is checked, as by a client that was given it.
      const options = { method, headers, ca: api.certificate, agent: false };
      const call = request(new URL(`api2/json${path}`, api.endpoint), options, (response) => {
        let text = "";
        response.on("data", (chunk) => {
          text += String(chunk);
        });
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, reason: response.statusMessage ?? "", body: JSON.parse(text) });
        });
      });
      call.on("error", reject);
      call.end(new URLSearchParams(form).toString());
    });
  const network = `/nodes/${HOST}/network`;
  const wait = async (upid: unknown) => {
    const { body } = await ask("GET", `/nodes/${HOST}/tasks/${encodeURIComponent(String(upid))}/status`);
    return (body.data as { exitstatus: string }).exitstatus;
  };

  it("answers the owner of the token, by a certificate for this machine's own address", async () => {
    const { status, body } = await ask("GET", "/version");
    assert.equal(status, 200);
    assert.deepEqual(body.data, { version: "9.1.3", release: "9.1", repoid: "5ac30304265fbd8e" });
  });

  it("refuses every other token before anything else", async () => {
    assert.deepEqual(await ask("GET", "/no/such/thing", {}, "root@pam!pulumi=guess"), {
      status: 401,
      reason: "invalid token value!",
      body: { data: null },
    });
  });

  it("says of an endpoint that it does not have which one it is", async () => {
    const { status, reason } = await ask("GET", "/nodes/pve-ms01-01/lxc");
    assert.equal(status, 501);
    assert.equal(reason, "Method 'GET /nodes/pve-ms01-01/lxc' not implemented");
  });

  it("refuses parameters that Proxmox VE does not know, and misses those that it needs", async () => {
    const { status, reason, body } = await ask("POST", network, { type: "bond", colour: "red" });
    assert.equal(status, 400);
    assert.equal(reason, "Parameter verification failed.");
    assert.deepEqual(body.errors, {
      colour: "property is not defined in schema and the schema does not allow additional properties",
      iface: "property is missing and it is not optional",
    });
  });

  it("writes an interface first, and makes it live with the reload", async () => {
    const bond = {
      iface: "bond0",
      type: "bond",
      slaves: "enp2s0f0np0 enp2s0f1np1",
      bond_mode: "802.3ad",
      autostart: "1",
    };
    assert.equal((await ask("POST", network, bond)).status, 200);
    assert.equal((await ask("POST", network, bond)).body.errors?.["iface"], "interface already exists");
    const seen = async () => {
      const all = (await ask("GET", network)).body.data as { iface: string; exists?: number }[];
      return all.find(({ iface }) => iface === "bond0");
    };
    assert.equal((await seen())?.exists, undefined);
    assert.equal(await wait((await ask("PUT", network)).body.data), "OK");
    assert.equal((await seen())?.exists, 1);
  });

  it("refuses what the host would refuse, in its words, and takes back what was only written", async () => {
    const { status, reason } = await ask("POST", network, { iface: "bond0", type: "bond", slaves: "eth7" });
    assert.equal(status, 500);
    assert.match(reason, /bond 'bond0' - unable to find slave 'eth7'/);
    await ask("POST", network, { iface: "bond0", type: "bond", slaves: "enp2s0f0np0" });
    assert.equal((await ask("DELETE", network)).status, 200);
    assert.equal((await ask("DELETE", network)).reason, "no network changes to revert");
  });

  it("ends a task that fails with its reason, and leaves nothing of it", async () => {
    const vm = { vmid: "100", name: "a", memory: "512", scsi0: "local-lvm:0,import-from=local:import/none.qcow2" };
    const { body } = await ask("POST", `/nodes/${HOST}/qemu`, vm);
    assert.equal(await wait(body.data), "volume 'local:import/none.qcow2' does not exist");
    assert.match((await ask("GET", `/nodes/${HOST}/qemu/100/config`)).reason, /does not exist$/);
  });

  it("keeps a fabric with its nodes, each with all its interfaces, and refuses to apply what is not there", async () => {
    const fabric = "/cluster/sdn/fabrics/fabric";
    const node = `/cluster/sdn/fabrics/node/ring/${HOST}`;
    const made = { id: "ring", protocol: "openfabric", ip_prefix: "10.8.49.0/24", hello_interval: "1" };
    assert.equal((await ask("POST", fabric, made)).status, 200);
    assert.match((await ask("POST", fabric, made)).reason, /fabric 'ring' already exists/);
    const member = { node_id: HOST, protocol: "openfabric", ip: "10.8.49.1" };
    const interfaces = "interfaces=name%3Den05&interfaces=name%3Den06";
    assert.equal((await ask("POST", `/cluster/sdn/fabrics/node/ring?${interfaces}`, member)).status, 200);
    assert.deepEqual((await ask("GET", `${fabric}/ring?pending=1`)).body.data, { ...made, hello_interval: 1 });
    assert.deepEqual((await ask("GET", node)).body.data, {
      ...{ fabric_id: "ring", interfaces: ["name=en05", "name=en06"] },
      ...member,
    });
    assert.match(await wait((await ask("PUT", "/cluster/sdn")).body.data), /install the frr-pythontools package/);
    assert.match((await ask("DELETE", `${fabric}/ring`)).reason, /still has nodes/);
    assert.equal((await ask("DELETE", node)).status, 200);
    assert.equal((await ask("DELETE", `${fabric}/ring`)).status, 200);
    assert.match((await ask("GET", `${fabric}/ring`)).reason, /fabric 'ring' does not exist/);
  });

  it("says of a machine what the rack says, spelled as it was given", async () => {
    const net0 = "virtio=02:dd:8d:3d:e2:6b,bridge=vmbr0,tag=16,firewall=1";
    const vm = { vmid: "100", name: "a", memory: "512", cores: "2", scsi0: "local-lvm:8,ssd=1", net0, onboot: "1" };
    assert.equal(await wait((await ask("POST", `/nodes/${HOST}/qemu`, vm)).body.data), "OK");
    lab.rack.collection<{ cores: number }>("vm").edit("100", (body) => {
      body.cores = 1;
    });
    const { data } = (await ask("GET", `/nodes/${HOST}/qemu/100/config`)).body;
    const { cores, memory, scsi0, net0: seen, onboot } = data as Record<string, unknown>;
    assert.deepEqual(
      { cores, memory, scsi0, net0: seen, onboot },
      { cores: 1, memory: "512", scsi0: "local-lvm:vm-100-disk-0,ssd=1,size=8G", net0, onboot: 1 },
    );
  });

  it("puts a new rule before the others, and moves rules where it is told", async () => {
    const rules = "/cluster/firewall/rules";
    for (const dport of ["1", "2", "3"])
      assert.equal((await ask("POST", rules, { type: "in", action: "ACCEPT", proto: "tcp", dport })).status, 200);
    const order = async () => ((await ask("GET", rules)).body.data as { dport: string }[]).map(({ dport }) => dport);
    assert.deepEqual(await order(), ["3", "2", "1"]);
    await ask("PUT", `${rules}/2`, { moveto: "0" });
    assert.deepEqual(await order(), ["1", "3", "2"]);
    assert.equal((await ask("GET", `${rules}/3`)).reason, "no rule at position 3");
  });

  it("does not answer any more when the firewall was switched on without a way in", async () => {
    const shut = { enable: "1", policy_in: "DROP" };
    await assert.rejects(ask("PUT", "/cluster/firewall/options", shut), /socket hang up|ECONNRESET/);
    await assert.rejects(ask("GET", "/cluster/options"), /socket hang up|ECONNRESET/);
  });
});
