// The simulated command plug-in behind the provider protocol: which script runs when, what is kept secret, and what is refused.
import assert from "node:assert/strict";
import { Kernel } from "../../lab/plugin/kernel.ts";
import { Asset, type Properties, Secret } from "../../lab/plugin/wire.ts";
import { commandProvider } from "../../lab/providers/command/provider.ts";
import { readJournal } from "../../lab/rack/journal.ts";
import { type LabRack, labRack } from "../support/lab-rack.ts";

const connection = { host: "10.8.16.10", privateKey: "key", proxy: { host: "ssh.test.rack.invalid" } };

function subject(token: string, name = "note") {
  return { token, name, urn: `urn:pulumi:lab::homelab::${token}::${name}` };
}

const REMOTE = subject("command:remote:Command");

describe("the simulated command plug-in", () => {
  let lab: LabRack;
  let kernel: Kernel;
  beforeEach(() => {
    lab = labRack();
    kernel = new Kernel(commandProvider);
  });
  afterEach(() => lab.close());

  async function create(inputs: Properties, token = REMOTE) {
    const checked = await kernel.check(token, inputs, {});
    assert.deepEqual(checked.failures, []);
    return kernel.create(token, checked.inputs, false);
  }
  const file = async (path: string) => (await lab.on("pve-ms01-01", `cat ${path}`)).stdout;

  it("runs the create script on the host and gives back what it printed, without the last line's end", async () => {
    const { id, outputs } = await create({ connection, create: "hostname; echo careful >&2" });
    assert.match(id, /^note[0-9a-f]{8}$/);
    assert.deepEqual([outputs["stdout"], outputs["stderr"]], ["pve-ms01-01", "careful"]);
  });

  it("runs update, or create where there is none, and hands it what was printed before", async () => {
    const inputs = { connection, create: "echo one", update: 'echo "after $PULUMI_COMMAND_STDOUT"' };
    const { id, outputs } = await create(inputs);
    assert.equal((await kernel.update(REMOTE, id, outputs, inputs, false))["stdout"], "after one");
    const silent = { ...inputs, addPreviousOutputInEnv: false };
    assert.equal((await kernel.update(REMOTE, id, outputs, silent, false))["stdout"], "after ");
    const onlyCreate = { connection, create: "echo two" };
    assert.equal((await kernel.update(REMOTE, id, outputs, onlyCreate, false))["stdout"], "two");
  });

  it("runs the delete script when the resource goes, and nothing where there is none", async () => {
    const inputs = { connection, create: "true", delete: "echo gone > /root/note" };
    const { id, outputs } = await create(inputs);
    await kernel.delete(REMOTE, id, outputs, inputs);
    assert.equal(await file("/root/note"), "gone");
    await kernel.delete(REMOTE, id, { connection, create: "exit 1" }, { connection, create: "exit 1" });
  });

  it("gives the script its stdin and environment", async () => {
    const { outputs } = await create({
      connection,
      create: 'read -r line; echo "$line $COLOUR"',
      stdin: "first\n",
      environment: { COLOUR: "red" },
    });
    assert.equal(outputs["stdout"], "first red");
  });

  it("does not run anything in a preview", async () => {
    const { outputs } = await kernel.create(REMOTE, { connection, create: "echo x > /root/note" }, true);
    assert.equal(outputs["create"], "echo x > /root/note");
    await assert.rejects(lab.on("pve-ms01-01", "cat /root/note"), /No such file/);
  });

  it("replaces when a trigger changes, and updates when a script does", async () => {
    const olds = { connection, create: "true", triggers: ["1"] };
    const replaced = kernel.diff(REMOTE, olds, { ...olds, triggers: ["2"] });
    assert.deepEqual(
      replaced.changes.map(({ replaces }) => replaces),
      [true],
    );
    const updated = kernel.diff(REMOTE, olds, { ...olds, create: "false" });
    assert.deepEqual(updated.changes, [{ path: "create", kind: "update", replaces: false }]);
    assert.deepEqual(kernel.diff(REMOTE, olds, olds).changes, []);
  });

  it("words a failing script as the official plug-in does, with everything it printed", async () => {
    await assert.rejects(create({ connection, create: "echo out; echo err >&2; exit 3" }), {
      message: 'Process exited with status 3: running "echo out; echo err >&2; exit 3":\nout\nerr\n',
    });
  });

  it("keeps the connection secret, but no output by itself: that takes additionalSecretOutputs, as with the official one", async () => {
    const { outputs } = await create({ connection, create: "echo word", environment: new Secret({ TOKEN: "hush" }) });
    assert.ok(outputs["connection"] instanceof Secret);
    assert.ok(outputs["environment"] instanceof Secret);
    assert.equal(outputs["stdout"], "word");
  });

  it("refuses a connection that does not name a rack, before anything runs", async () => {
    for (const proxy of [undefined, { host: "bastion.example.org" }]) {
      const inputs = {
        connection: { host: "10.8.16.10", privateKey: "key", ...(proxy ? { proxy } : {}) },
        create: "true",
      };
      await assert.rejects(
        kernel.check(REMOTE, inputs, {}),
        /this plug-in drives simulated racks only, and connection\.proxy\.host .*; set it to ssh\.<rack>\.rack\.invalid/,
      );
    }
    assert.deepEqual(readJournal(lab.rack), []);
  });

  it("refuses properties that the official one does not know", async () => {
    const { failures } = await kernel.check(REMOTE, { connection, created: "true" }, {});
    assert.deepEqual(
      failures.map(({ property }) => property),
      ["created"],
    );
  });

  it("copies text and files to a host", async () => {
    const copy = subject("command:remote:CopyToRemote", "copy");
    await create({ connection, source: new Asset("asset", { text: "hello\n" }), remotePath: "/etc/motd" }, copy);
    assert.equal(await file("/etc/motd"), "hello");
    await create({ connection, source: new Asset("asset", { path: "package.json" }), remotePath: "/tmp" }, copy);
    assert.match(await file("/tmp/package.json"), /"name"/);
    const folder = { connection, source: new Asset("asset", { path: "lab" }), remotePath: "/tmp" };
    await assert.rejects(create(folder, copy), /single files, and lab is a directory/);
  });

  it("runs local commands only where a rack is named", async () => {
    const local = subject("command:local:Command", "local");
    await assert.rejects(
      kernel.check(local, { create: "echo hi" }, {}),
      /environment\.HTTPS_PROXY is not set; set it to http:/,
    );
    const { outputs } = await create(
      { create: "echo hi", environment: { HTTPS_PROXY: "http://test.rack.invalid" } },
      local,
    );
    assert.equal(outputs["stdout"], "hi");
    await assert.rejects(
      create({ create: "exit 4", environment: { HTTPS_PROXY: "http://test.rack.invalid" } }, local),
      /^Error: exit status 4: running "exit 4":/,
    );
  });
});
