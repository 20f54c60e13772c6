import assert from "node:assert/strict";
import { kubeconfigThrough } from "../../components/kubeconfig-proxy.ts";

describe("kubeconfigThrough", () => {
  it("sets the proxy of every cluster and leaves the rest alone", () => {
    const kubeconfig = [
      "apiVersion: v1",
      "clusters:",
      "  - name: a",
      "    cluster:",
      "      server: https://192.0.2.1:6443",
      "      certificate-authority-data: Y2E=",
      "users:",
      "  - name: admin",
      "    user:",
      "      client-key-data: a2V5",
      "current-context: admin@a",
      "",
    ].join("\n");
    assert.equal(
      kubeconfigThrough("http://gateway.example.test:3128", kubeconfig),
      kubeconfig.replace("Y2E=\n", "Y2E=\n      proxy-url: http://gateway.example.test:3128\n"),
    );
  });

  it("refuses what is no kubeconfig", () => {
    for (const text of ["", "error: connection refused", "apiVersion: v1"]) {
      assert.throws(() => kubeconfigThrough("http://gateway.example.test", text), /kubeconfig without clusters/);
    }
  });
});
