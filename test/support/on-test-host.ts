// Conformance tests that need a test host: skipped, and counted so, where there is none.
import assert from "node:assert/strict";
import type { TestHost } from "../../conformance/hosts/test-host.ts";

/** Skips the tests of the suite it is called in where there is no host; gives the host to those that run. */
export function onTestHost(host: TestHost | undefined): () => TestHost {
  before(function () {
    if (host === undefined) this.skip();
  });
  return () => {
    assert.ok(host);
    return host;
  };
}
