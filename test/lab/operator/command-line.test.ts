import assert from "node:assert/strict";
import { readCobraLine, renderColumns } from "../../../lab/operator/command-line.ts";

const flags = { values: ["nodes", "image"], switches: ["drain", "force"], short: { n: "nodes", f: "force" } };

describe("command lines of the simulated talosctl and kubectl", () => {
  it("are read with flags before and after the verb, long and short, with and without =", () => {
    const line = readCobraLine(["-n", "a,b", "upgrade", "--image=x:1", "--drain=false", "-f", "rest"], flags);
    assert.deepEqual(line.words, ["upgrade", "rest"]);
    assert.deepEqual(
      [line.get("nodes"), line.get("image"), line.is("drain", true), line.is("force")],
      ["a,b", "x:1", false, true],
    );
    assert.equal(readCobraLine([], flags).is("drain", true), true);
  });

  it("leave everything behind -- as it is", () => {
    assert.deepEqual(readCobraLine(["exec", "--", "linstor", "--no-color"], flags).words, [
      "exec",
      "linstor",
      "--no-color",
    ]);
  });

  it("are refused with unknown flags, and with a flag that has no value", () => {
    assert.throws(() => readCobraLine(["--frobnicate"], flags), /unknown flag: --frobnicate/);
    assert.throws(() => readCobraLine(["-x"], flags), /unknown shorthand flag: -x/);
    assert.throws(() => readCobraLine(["--nodes"], flags), /flag needs an argument: --nodes/);
  });

  it("print their tables in columns", () => {
    assert.equal(
      renderColumns([
        ["NODE", "ID"],
        ["10.0.0.1", "x"],
      ]),
      "NODE       ID\n10.0.0.1   x\n",
    );
  });
});
