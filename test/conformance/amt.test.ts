// The first boot by AMT: our messages against those of AMT's maker, the script with a real curl, and the lab's AMT under a client that others wrote.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { renderAmtFirstBoot } from "../../components/operator-scripts/amt-first-boot.ts";
import {
  bootOnceMessage,
  powerOnMessage,
  powerStateMessage,
  pxeFirstMessage,
} from "../../components/operator-scripts/amt-messages.ts";
import { amtClient, clientVersion, libraryVersion, makersMessages, treeOf } from "../../conformance/amt/clients.ts";
import { type OperatorStandIn, operatorStandIn } from "../../conformance/amt/run-script.ts";
import { type ServedAmt, servedAmt } from "../../conformance/amt/served-amt.ts";
import { piece } from "../../conformance/piece.ts";
import type { AmtReply } from "../../lab/amt-api/controller.ts";
import { amts, FORCE_PXE } from "../../lab/rack/amt.ts";
import { planOf } from "../support/configs.ts";
import { type LabRack, labRack } from "../support/lab-rack.ts";

const host = "ms01-02";
const ours = {
  powerState: powerStateMessage,
  pxeFirst: pxeFirstMessage,
  bootOnce: bootOnceMessage,
  powerOn: powerOnMessage,
};
const limit = "whether AMT of the machine at hand takes it, and what its firmware then starts from";
let lab: LabRack;
let amt: ServedAmt | undefined;

/** A rack whose machine is off, for every test of a piece. */
function freshRack(): void {
  beforeEach(() => {
    lab = labRack("amt", planOf("metal-amt"));
  });
  afterEach(async () => {
    await amt?.close();
    amt = undefined;
    lab.close();
  });
}

piece(
  {
    subject: "the messages of a first boot by AMT",
    against: `the library of AMT's maker, wsman-messages ${libraryVersion}`,
    limit,
  },
  () => {
    let makers: Awaited<ReturnType<typeof makersMessages>>;
    before(async function () {
      this.timeout("5m");
      makers = await makersMessages();
    });

    for (const [name, message] of Object.entries(ours)) {
      it(`${name}: the same elements in the same order`, async () => {
        assert.deepEqual(await treeOf(message), await treeOf(makers[name as keyof typeof ours]));
      });
    }

    it("broken on purpose: another class, another key, or no role is noticed", async () => {
      const broken = [
        pxeFirstMessage.replace("CIM_BootSourceSetting", "CIM_BootService"),
        pxeFirstMessage.replace("InstanceID", "Name"),
        bootOnceMessage.replace(/<m:Role>.*<\/m:Role>/, ""),
        powerOnMessage.replace('xmlns:m="http://schemas.dmtf.org', 'xmlns:m="http://schemas.example.org'),
      ];
      const theirs = await Promise.all(Object.values(makers).map(async (text) => JSON.stringify(await treeOf(text))));
      for (const message of broken) assert.ok(!theirs.includes(JSON.stringify(await treeOf(message))), message);
      await assert.rejects(treeOf(powerOnMessage.replace("</Body>", "")), /no XML: .*mismatched tag/);
    });
  },
);

piece({ subject: "the lab's AMT", against: `the Python client amt ${clientVersion}`, limit }, () => {
  freshRack();
  let client: Awaited<ReturnType<typeof amtClient>>;
  before(async function () {
    this.timeout("5m");
    client = await amtClient();
  });

  it("answers its challenge, says that the machine is off, takes PXE for the next start, and switches it on", async () => {
    amt = await servedAmt(lab.rack, host);
    const first = await client(amt.address, "simulated", "power_status", "pxe_next_boot");
    assert.deepEqual([first.stderr, first.stdout], ["", "8\nNone\n"]);
    assert.deepEqual([amt.setup()?.bootSource, amt.setup()?.isForNextStart], [FORCE_PXE, true]);
    const second = await client(amt.address, "simulated", "power_on", "power_status");
    assert.deepEqual([second.stderr, second.stdout], ["", "0\n2\n"]);
    assert.equal(amt.isOn(), true);
  });

  it("refuses another password", async () => {
    amt = await servedAmt(lab.rack, host);
    const { code, stderr } = await client(amt.address, "wrong", "power_on");
    assert.equal(code, 1);
    assert.match(stderr, /HTTPError: 401 Client Error/);
    assert.equal(amt.isOn(), false);
  });

  const broken: Readonly<Record<string, (reply: AmtReply) => AmtReply>> = {
    "a challenge without a nonce": (reply) => ({
      ...reply,
      headers: Object.fromEntries(
        Object.entries(reply.headers).map(([name, value]) => [name, value.replace(/nonce="[^"]*"/, 'opaque="x"')]),
      ),
    }),
    "an answer in another namespace": (reply) => ({ ...reply, body: reply.body.replaceAll("xmlns:g=", "xmlns:g2=") }),
    "no state in the answer": (reply) => ({ ...reply, body: reply.body.replaceAll("PowerState", "State") }),
  };
  for (const [what, alter] of Object.entries(broken)) {
    it(`broken on purpose: ${what} is noticed`, async () => {
      amt = await servedAmt(lab.rack, host, { alter });
      assert.notEqual((await client(amt.address, "simulated", "power_status")).code, 0);
    });
  }
});

const { stdout: curlSays } = spawnSync("curl", ["--version"], { encoding: "utf8" });
const curlVersion = /^curl (\S+)/.exec(curlSays ?? "")?.[1];
piece({ subject: "the script of a first boot by AMT", against: `curl ${curlVersion ?? "(none here)"}`, limit }, () => {
  freshRack();
  const script = renderAmtFirstBoot("node-a");
  const password = `a "quoted" \\ back%slash $HOME 'it'`;
  let operator: OperatorStandIn;
  beforeEach(async function () {
    if (curlVersion === undefined) this.skip();
    operator = operatorStandIn();
  });
  afterEach(() => operator.close());
  const serve = async (tls: boolean): Promise<ServedAmt> => {
    amt = await servedAmt(lab.rack, host, { tls, onPower: () => operator.machineIsOn() });
    return amt;
  };
  const variables = (tls: boolean, AMT_PASSWORD = "simulated") => ({
    AMT_URL: tls ? "https://127.0.16.92:16993/wsman" : "http://127.0.16.92:16992/wsman",
    AMT_PASSWORD,
    FROM_NETWORK: "no",
  });

  for (const tls of [true, false]) {
    it(`switches the machine on, ${tls ? "with TLS" : "without TLS"}, and the second time leaves it alone`, async function () {
      this.timeout(60_000);
      const served = await serve(tls);
      const { code, stderr } = await operator.run(script, variables(tls));
      assert.equal(code, 0, stderr);
      assert.equal(stderr, "node-a, first boot: is switched on\n");
      assert.equal(served.isOn(), true);
      const again = await operator.run(script, variables(tls, "wrong"));
      assert.equal(again.stderr, "node-a, first boot: answers at 127.0.0.1 already: left alone\n");
    });
  }

  it("orders PXE for the next start before that", async function () {
    this.timeout(60_000);
    let bootSource: string | undefined;
    amt = await servedAmt(lab.rack, host, {
      alter(reply) {
        bootSource ??= amt?.setup()?.bootSource;
        return reply;
      },
      onPower: () => operator.machineIsOn(),
    });
    const { code, stderr } = await operator.run(script, { ...variables(false), FROM_NETWORK: "yes" });
    assert.equal(code, 0, stderr);
    assert.equal(bootSource, FORCE_PXE);
  });

  it("gets any password to AMT as it is", async function () {
    this.timeout(60_000);
    const served = await serve(false);
    amts(lab.rack).edit(host, (body) => {
      body.password = password;
    });
    const { code, stderr } = await operator.run(script, variables(false, password));
    assert.equal(code, 0, stderr);
    assert.equal(served.isOn(), true);
  });

  it("says what is wrong with a wrong password and a closed port, and switches nothing on", async function () {
    this.timeout(120_000);
    const served = await serve(false);
    const wrong = await operator.run(script, variables(false, "wrong"));
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /refuses admin with this password; nothing was switched on/);
    const closed = await operator.run(script, variables(true));
    assert.equal(closed.code, 1);
    assert.match(closed.stderr, /AMT does not answer at https:.*curl: \(7\).*; nothing was switched on/);
    assert.equal(served.isOn(), false);
  });

  it("broken on purpose: an order that AMT refuses ends the run", async function () {
    this.timeout(60_000);
    const served = await serve(false);
    const other = script.replaceAll("Intel(r) AMT: Force PXE Boot", "Intel(r) AMT: Force Stick Boot");
    const { code, stderr } = await operator.run(other, { ...variables(false), FROM_NETWORK: "yes" });
    assert.equal(code, 1);
    assert.match(stderr, /refuses \(ReturnValue 5\), asked to start it by PXE once; the machine was not switched on/);
    assert.equal(served.isOn(), false);
  });
});
