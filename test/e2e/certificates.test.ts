// The administrator's certificates: renewed while they are good, made anew when they are not, and no machine is the worse for it.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { parse } from "yaml";
import { calendar, setOperatorAhead, shiftCalendar } from "../../lab/rack/clock.ts";
import { listRestarts } from "../../lab/rack/talos/restarts.ts";
import { BuiltHomelab, succeeded } from "./support/built-homelab.ts";
import type { Project } from "./support/project.ts";

interface Kubeconfig {
  readonly users: readonly { readonly user: { readonly "client-certificate-data": string } }[];
}
interface Talosconfig {
  readonly context: string;
  readonly contexts: Readonly<Record<string, { readonly crt: string }>>;
}

const endOf = (base64: string): Date => new Date(new X509Certificate(Buffer.from(base64, "base64")).validTo);
const days = (from: Date, to: Date): number => Math.round((to.getTime() - from.getTime()) / 86_400_000);

describe("certificates that end", () => {
  let homelab: BuiltHomelab;
  let project: Project;
  before(async () => {
    homelab = await BuiltHomelab.open();
    project = homelab.project;
  });
  afterEach(() => homelab?.restore());
  after(() => homelab?.close());

  /** Days that kubeconfig and talosconfig of the stack's outputs are good for. */
  async function daysLeft(): Promise<{ kubeconfig: number; talosconfig: number }> {
    const { kubeconfig, talosconfig } = await project.outputs();
    const today = await project.rack((rack) => calendar(rack));
    const talos = parse(String(talosconfig)) as Talosconfig;
    const kubernetes = parse(String(kubeconfig)) as Kubeconfig;
    return {
      kubeconfig: days(today, endOf(kubernetes.users[0]?.user["client-certificate-data"] ?? "")),
      talosconfig: days(today, endOf(talos.contexts[talos.context]?.crt ?? "")),
    };
  }
  const configurations = (): Promise<string[]> =>
    project.rack((rack) =>
      rack
        .collection<{ configuration: string }>("talos")
        .list()
        .map(({ body }) => body.configuration),
    );
  const pass = (count: number): Promise<void> => project.rack((rack) => shiftCalendar(rack, count));

  it("changes nothing while they are good for long", async () => {
    await pass(200);
    succeeded(await project.up("--expect-no-changes"));
    assert.deepEqual(await daysLeft(), { kubeconfig: 165, talosconfig: 165 });
  });

  for (const [minutes, words] of [
    [10, /remote error: tls: expired certificate/],
    [-10, /x509: certificate has expired or is not yet valid: current time \S+ is before/],
  ] as const) {
    it(`cannot be used while this machine's clock is ${minutes} minutes ahead, which the error names`, async () => {
      await pass(366);
      await project.rack((rack) => setOperatorAhead(rack, minutes));
      const run = await project.up();
      assert.notEqual(run.code, 0);
      assert.match(run.output, /this machine and 10\.8\.16\.20 disagree about the time; no node was changed/);
      assert.match(run.output, words);
      await project.rack((rack) => setOperatorAhead(rack, 0));
      await pass(1);
      const again = await project.up();
      assert.equal(again.code, 0, again.output);
    });
  }

  it("renews the kubeconfig alone 89 days before its end", async () => {
    await pass(365 - 89);
    const run = succeeded(await project.up());
    assert.deepEqual(await daysLeft(), { kubeconfig: 365, talosconfig: 89 });
    assert.deepEqual(
      run.operations.filter((operation) => /configuration|secrets|-vm$/.test(operation)),
      [],
    );
  });

  for (const [what, passed] of [
    ["29 days before their end", 365 - 29],
    ["a day after it", 366],
    ["a year after it", 731],
  ] as const) {
    it(`gives new ones ${what}; no machine's configuration changes and none restarts`, async () => {
      const before = await configurations();
      await pass(passed);
      const run = succeeded(await project.up());
      assert.deepEqual(await daysLeft(), { kubeconfig: 365, talosconfig: 365 });
      assert.deepEqual(await configurations(), before);
      assert.deepEqual(await project.rack((rack) => listRestarts(rack)), []);
      assert.deepEqual(
        run.operations.filter((operation) => /replace|delete/.test(operation)),
        [],
      );
      succeeded(await project.up("--expect-no-changes"));
    });
  }
});
