// Breaks what hosts are told of their networks, on purpose, and looks whether each check notices.
import assert from "node:assert/strict";
import { declareStack } from "../../conformance/declared.ts";
import { declaredScripts } from "../../conformance/host-scripts.ts";
import { completeInterfaces } from "../../conformance/hosts/complete-interfaces.ts";
import { afterScripts, plannedLinks, readInterfaces } from "../../conformance/hosts/ifupdown2.ts";
import { linksTools, udevSays } from "../../conformance/hosts/links-script.ts";
import { type FabricFiles, fabricFiles } from "../../conformance/hosts/proxmox-fabric.ts";
import { type Hops, type RingRun, ringPackages, runRing } from "../../conformance/hosts/ring-run.ts";
import { runTwice } from "../../conformance/hosts/run-twice.ts";
import { openTestHost, type TestHost } from "../../conformance/hosts/test-host.ts";
import { piece } from "../../conformance/piece.ts";
import { homelabPlan } from "../support/homelab-plan.ts";
import type { Recording } from "../support/record-resources.ts";
import { ringPlan } from "../support/ring-plan.ts";

const about = (subject: string) => ({
  subject: `the check of ${subject}: broken on purpose`,
  against: "what the check must say",
  limit: "nothing: this is about the checks themselves",
});

/** The text with something else in it. */
function changed(text: string, from: string | RegExp, to: string): string {
  assert.notEqual(text.replace(from, to), text, `nothing to break: there is no ${from}`);
  return text.replace(from, to);
}

piece(about("network files of Proxmox hosts"), function () {
  this.timeout("1m");
  const plan = homelabPlan();
  const [planned] = plan.hosts;
  assert.ok(planned);
  let host: TestHost;
  let declared: Recording;
  let file = "";
  before(async function () {
    const opened = await openTestHost("ifupdown2");
    if (opened === undefined) return this.skip();
    host = opened;
    declared = await declareStack(plan);
    file = completeInterfaces(declared, planned);
  });

  it("a hash policy that no bond has is refused", async () => {
    const { complaints } = await readInterfaces(host, changed(file, "layer3+4", "layer3+5"));
    assert.match(complaints.join("\n"), /bond-xmit-hash-policy: invalid value "layer3\+5"/);
  });
  it("a misspelt option is a difference to the plan", async () => {
    const { links } = await readInterfaces(host, changed(file, "bond-miimon", "bond-milmon"));
    assert.notDeepEqual(links, plannedLinks(planned));
  });
  it("a member that is missing in a bond is seen, in the file and in what would be done", async () => {
    const nic = planned.bonds[0]?.members[1] ?? "";
    const { links, masters } = await readInterfaces(host, changed(file, new RegExp(`(bond-slaves .*) ${nic}`), "$1"));
    assert.notDeepEqual(links["bond0"], plannedLinks(planned)["bond0"]);
    assert.equal(masters[nic], undefined);
  });
  it("a script that knows nothing of what Proxmox VE adds writes the file again, and that is seen", async () => {
    const script = declaredScripts(declared).find(
      ({ name }) => name === `${planned.name}-management-interfaces create`,
    );
    const link = `ip link add ${planned.managementInterface} type veth peer name other\nip addr add ${planned.managementAddress}/24 dev ${planned.managementInterface}\n`;
    const nic = planned.bonds[0]?.members[1] ?? "";
    const text = changed(script?.text ?? "", `auto ${nic}\n`, "");
    assert.notEqual(await afterScripts(host, file, [text], link), file);
  });
});

piece(about("the USB4 ring"), function () {
  this.timeout("4m");
  const plan = ringPlan();
  const { ring } = plan;
  const [cable] = ring.cables;
  assert.ok(cable);
  const { a, b } = cable;
  let host: TestHost;
  let udev: TestHost;
  let files: readonly FabricFiles[] = [];
  let script = "";
  /** What reaches what in rings that are broken by their identities, a port, the prefix. */
  let broken: Record<"identity" | "port" | "prefix", Hops> = { identity: {}, port: {}, prefix: {} };
  before(async function () {
    const [withFrr, withUdev] = [await openTestHost(...ringPackages), await openTestHost("udev")];
    if (withFrr === undefined || withUdev === undefined) return this.skip();
    [host, udev] = [withFrr, withUdev];
    const declared = await declareStack(plan);
    files = fabricFiles(declared);
    const identity = /net \S+/.exec(files.find((file) => file.host === b.host)?.frr ?? "")?.[0] ?? "";
    const [same, without, outside] = await Promise.all([
      run(/net \S+/, identity, a.host),
      run(new RegExp(`interface ${a.interface}\\n[^!]*!\\n`), "", a.host),
      run(/permit \S+\/24/, "permit 192.0.2.0/24"),
    ]);
    broken = { identity: same.whole, port: without.whole, prefix: outside.whole };
    script = declaredScripts(declared).find(({ name }) => name === `usb4-ring-${a.host}-links create`)?.text ?? "";
  });

  /** A ring with FRR's file changed on one host, or on all. */
  const run = (from: string | RegExp, to: string, on?: string): Promise<RingRun> =>
    runRing(host, {
      plan: ring,
      files: files.map((file) =>
        on === undefined || file.host === on ? { ...file, frr: changed(file.frr, from, to) } : file,
      ),
      patienceSeconds: 45,
    });

  it("a network entity title without its end is refused by FRR", async () => {
    await assert.rejects(run(/(net \S+)\.00$/m, "$1"), /net 49\.0001/);
  });
  it("a time that FRR does not have is refused by it", async () => {
    await assert.rejects(run("hello-interval 1\n", "hello-interval 0\n"), /hello-interval 0/);
  });
  it("two hosts of one identity do not find each other", () => {
    assert.ok(Object.values(broken.identity).includes(0), JSON.stringify(broken.identity));
  });
  it("a port that is missing in the fabric: its cable carries nothing, the detour is used at once", () => {
    assert.deepEqual(
      Object.keys(broken.port).filter((pair) => broken.port[pair] !== 1),
      [`${a.host} ${b.host}`, `${b.host} ${a.host}`].sort(),
    );
  });
  it("a fabric whose prefix does not hold its addresses has no ways", () => {
    assert.deepEqual(new Set(Object.values(broken.prefix)), new Set([0]));
  });
  it("a misspelt key of a link file is told", async () => {
    const { objections } = await udevSays(udev, changed(script, "MTUBytes=", "MTUByte="));
    assert.match(objections.join("\n"), /00-en05\.link:\d+: Unknown key 'MTUByte'/);
  });
  it("a rule that names no port runs nothing", async () => {
    const { commands } = await udevSays(udev, changed(script, /KERNEL=="[^"]+"/, 'KERNEL=="en07"'));
    assert.deepEqual(commands, []);
  });
  it("a rule that udev cannot read is told", async () => {
    const { objections } = await udevSays(udev, changed(script, 'SUBSYSTEM=="net"', 'SUBSYSTEMS="net"'));
    assert.match(objections.join("\n"), /90-usb4-ring\.rules:1/);
  });
  it("a script that writes its files whether they are there or not is seen to", async () => {
    const broken = changed(script, '[ "$present" = "$wanted" ] && return 0', ":");
    const { asked } = await runTwice(host, { script: broken, tools: { ...linksTools, udevadm: "" } });
    assert.ok(asked.includes("update-initramfs -u -k all"), asked.join());
  });
});
