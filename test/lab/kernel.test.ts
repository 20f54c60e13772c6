import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fn, InitializationFailed, NotYet, type Provider, resource } from "../../lab/plugin/contract.ts";
import { Kernel } from "../../lab/plugin/kernel.ts";
import type { ProviderTable } from "../../lab/plugin/table.ts";
import { Secret, UNKNOWN } from "../../lab/plugin/wire.ts";
import { addFault } from "../../lab/rack/faults.ts";
import { readJournal } from "../../lab/rack/journal.ts";
import { rackNameFromEndpoint } from "../../lab/rack/rack-name.ts";
import { createRack, type Rack } from "../../lab/rack/store.ts";

interface Box {
  name: string;
  size: number;
  password?: string;
  parts?: { kind: string }[];
  labels?: Record<string, string>;
}

const TABLE: ProviderTable = {
  name: "shelf",
  version: "1.0.0",
  config: { endpoint: { type: "string" } },
  resources: {
    "shelf:index:Box": {
      inputs: {
        name: { type: "string", required: true, replace: true },
        size: { type: "integer", default: 3 },
        password: { type: "string", secret: true },
        parts: { type: "#Part[]" },
        labels: { type: "{string}" },
      },
      outputs: { weight: { type: "number", computed: true } },
    },
  },
  functions: { "shelf:index:count": { inputs: {}, outputs: { boxes: { type: "integer" } } } },
  types: { Part: { kind: { type: "string", required: true } } },
};

function shelf(): Provider {
  return {
    name: "shelf",
    version: "1.0.0",
    table: TABLE,
    rackName: (config) => rackNameFromEndpoint(config["endpoint"] as string | undefined),
    replacements: { "shelf:index:Box": ["parts[*].kind"] },
    resources: {
      "shelf:index:Box": resource<Box, Box & { weight: number }>({
        volatile: ["weight"],
        create({ rack }, inputs) {
          rack.collection<Box>("box").put(inputs.name, inputs);
          if (inputs.size > 90) throw new Error("500 Internal Server Error: the shelf is too small");
          if (inputs.size > 80) throw new InitializationFailed(inputs.name, { weight: 0 }, ["the lid does not close"]);
          if (inputs.size > 70 && !rack.collection("crane").get("1")) throw new NotYet("no crane", 60);
          return { id: inputs.name, outputs: { weight: inputs.size * 2 } };
        },
        read({ rack }, id) {
          const box = rack.collection<Box>("box").get(id);
          return box && { outputs: { ...box, weight: box.size * 2 } };
        },
        update({ rack }, id, inputs) {
          rack.collection<Box>("box").put(id, inputs);
          return { weight: inputs.size * 2 };
        },
        delete({ rack }, id) {
          rack.collection("box").delete(id);
        },
      }),
    },
    functions: {
      "shelf:index:count": fn<object, { boxes: number }>({
        call: ({ rack }) => ({ boxes: rack.collection("box").list().length }),
      }),
    },
  };
}

const BOX = { token: "shelf:index:Box", urn: "urn:pulumi:test::test::shelf:index:Box::one", name: "one" };

describe("the kernel of the lab's plug-ins", () => {
  let home: string;
  let rack: Rack;
  let kernel: Kernel;
  const before = process.env["RACK_HOME"];

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "rack-"));
    process.env["RACK_HOME"] = home;
    rack = createRack("test");
    rack.collection("host").put("h1", {});
    rack.settings = { latencyScale: 0, patienceMs: 200 };
    kernel = new Kernel(shelf());
    kernel.configure({ endpoint: "https://test.rack.invalid:8006/" });
  });

  afterEach(() => {
    rack.close();
    rmSync(home, { recursive: true });
    if (before === undefined) delete process.env["RACK_HOME"];
    else process.env["RACK_HOME"] = before;
  });

  it("refuses a configuration that does not name a rack", () => {
    const refusal =
      /this plug-in drives simulated racks only, and endpoint names pve.example.com; set it to https:\/\/<rack>.rack.invalid:8006\//;
    assert.match(kernel.checkConfig({ endpoint: "https://pve.example.com:8006/" })[0]?.reason ?? "", refusal);
    assert.match(kernel.checkConfig({})[0]?.reason ?? "", /endpoint is not set/);
    assert.deepEqual(kernel.checkConfig({ endpoint: "https://test.rack.invalid:8006/", version: "8.3.0" }), []);
  });

  it("refuses a rack that was never prepared", () => {
    assert.throws(
      () => kernel.configure({ endpoint: "https://other.rack.invalid:8006/" }),
      /rack "other" has no hardware in it .*"npx lab prepare other"/,
    );
  });

  it("names the property of everything that Check refuses", async () => {
    const news = { size: "much", colour: "red", parts: [{ kind: "lid" }, { type: "x" }] };
    const { failures } = await kernel.check(BOX, news, {});
    assert.deepEqual(
      failures.map(({ property, reason }) => [property, reason.split(";")[0]]),
      [
        ["size", 'expected a whole number, got "much"'],
        ["colour", "Invalid or unknown key"],
        ["parts[1].type", "Invalid or unknown key"],
        ["parts[1].kind", 'Missing required argument: The argument "kind" is required, but no definition was found'],
        ["name", 'Missing required argument: The argument "name" is required, but no definition was found'],
      ],
    );
    assert.deepEqual((await kernel.check(BOX, { name: UNKNOWN, size: UNKNOWN }, {})).failures, []);
  });

  it("previews a creation with defaults, and leaves unknown what the rack decides", async () => {
    const { outputs } = await kernel.create(BOX, { name: "a", password: "sesame" }, true);
    assert.deepEqual(outputs, { name: "a", size: 3, password: new Secret("sesame"), weight: UNKNOWN });
    assert.deepEqual(rack.collection("box").list(), []);
  });

  it("creates, and keeps secret what was secret", async () => {
    const { id, outputs } = await kernel.create(BOX, { name: "a", size: new Secret(4), password: "sesame" }, false);
    assert.equal(id, "a");
    assert.deepEqual(outputs, { name: "a", size: new Secret(4), password: new Secret("sesame"), weight: 8 });
    assert.deepEqual(rack.collection("box").get("a"), { name: "a", size: 4, password: "sesame" });
  });

  it("keeps what is secret in a map, and nothing else of it", async () => {
    const labels = { open: "a", hidden: new Secret("b") };
    const { outputs } = await kernel.create(BOX, { name: "a", labels }, false);
    assert.deepEqual(outputs["labels"], labels);
  });

  it("rolls back what a failing handler did", async () => {
    await assert.rejects(kernel.create(BOX, { name: "a", size: 91 }, false), /the shelf is too small/);
    assert.deepEqual(rack.collection("box").list(), []);
  });

  it("keeps what a partial failure did", async () => {
    await assert.rejects(kernel.create(BOX, { name: "a", size: 81 }, false), (error: unknown) => {
      assert.ok(error instanceof InitializationFailed);
      assert.deepEqual([error.id, error.outputs["size"], error.reasons], ["a", 81, ["the lid does not close"]]);
      return true;
    });
    assert.equal(rack.collection("box").list().length, 1);
  });

  it("waits for what another operation brings, and no longer than its patience", async () => {
    const waiting = kernel.create(BOX, { name: "a", size: 71 }, false);
    setTimeout(() => rack.collection("crane").put("1", {}), 60);
    assert.equal((await waiting).id, "a");
    rack.collection("crane").delete("1");
    await assert.rejects(kernel.create(BOX, { name: "b", size: 71 }, false), /no crane/);
  });

  it("tells what changes, and what that replaces", () => {
    const olds = { name: "a", size: 3, parts: [{ kind: "lid" }] };
    const change = (news: Parameters<Kernel["diff"]>[2]) => kernel.diff(BOX, olds, news).changes;
    assert.deepEqual(change({ name: "a", parts: [{ kind: "lid" }] }), []);
    assert.deepEqual(change({ ...olds, size: new Secret(3) }), []);
    assert.deepEqual(change({ ...olds, size: 4 }), [{ path: "size", kind: "update", replaces: false }]);
    assert.deepEqual(change({ ...olds, name: UNKNOWN }), [{ path: "name", kind: "update", replaces: true }]);
    assert.deepEqual(change({ ...olds, parts: [{ kind: "rim" }] }), [
      { path: "parts[0].kind", kind: "update", replaces: true },
    ]);
    assert.deepEqual(change({ ...olds, parts: [{ kind: "lid" }, { kind: "rim" }] }), [
      { path: "parts[1]", kind: "add", replaces: false },
    ]);
  });

  it("previews an update: what the update may change is unknown", async () => {
    const state = { name: "a", size: 3, weight: 6, password: new Secret("sesame") };
    assert.deepEqual(await kernel.update(BOX, "a", state, { name: "a", size: 4 }, true), {
      name: "a",
      size: 4,
      weight: UNKNOWN,
    });
    assert.deepEqual(await kernel.update(BOX, "a", state, { name: "a", size: 4 }, false), {
      name: "a",
      size: 4,
      weight: 8,
    });
  });

  it("shows drift in the inputs, and only drift", async () => {
    const inputs = { name: "a", password: new Secret("sesame") };
    const { outputs } = await kernel.create(BOX, inputs, false);
    const calm = await kernel.read(BOX, "a", outputs, inputs);
    assert.deepEqual(calm.inputs, inputs);
    assert.deepEqual(calm.outputs, outputs);
    rack.collection<Box>("box").edit("a", (box) => {
      box.size = 9;
    });
    assert.deepEqual((await kernel.read(BOX, "a", outputs, inputs)).inputs, { ...inputs, size: 9 });
    rack.collection("box").delete("a");
    assert.equal((await kernel.read(BOX, "a", outputs, inputs)).id, "");
  });

  it("imports by id", async () => {
    rack.collection<Box>("box").put("a", { name: "a", size: 5 });
    const { inputs, outputs } = await kernel.read(BOX, "a", {}, {});
    assert.deepEqual(inputs, { name: "a", size: 5 });
    assert.deepEqual(outputs, { name: "a", size: 5, weight: 10 });
  });

  it("injects faults as often as told, and writes everything into the journal", async () => {
    addFault(rack, { pattern: "create *Box one", behaviour: "fail", remaining: 1, text: "can't lock file" });
    addFault(rack, { pattern: "create *", behaviour: "answer-lost", remaining: 1 });
    await assert.rejects(kernel.create(BOX, { name: "a" }, false), /can't lock file/);
    assert.equal(rack.collection("box").list().length, 0);
    await assert.rejects(kernel.create(BOX, { name: "a" }, false), /connection reset/);
    assert.equal(rack.collection("box").list().length, 1);
    await kernel.create(BOX, { name: "a" }, false);
    assert.deepEqual((await kernel.invoke("shelf:index:count", {}, false)).result, { boxes: 1 });
    assert.deepEqual(
      readJournal(rack).map(({ operation, outcome, id }) => [operation, outcome, outcome === "ok" ? id : undefined]),
      [
        ["create", "fault", undefined],
        ["create", "fault", undefined],
        ["create", "ok", "a"],
        ["invoke", "ok", undefined],
      ],
    );
  });

  it("ends a hanging call when the run is cancelled", async () => {
    addFault(rack, { pattern: "delete *", behaviour: "hang", remaining: -1 });
    const hanging = kernel.delete(BOX, "a", {}, {});
    setTimeout(() => kernel.cancel(), 20);
    await assert.rejects(hanging, /cancelled/);
  });
});
