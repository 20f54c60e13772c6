import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { checkReachable } from "../../config/reachable.ts";

describe("checkReachable", () => {
  it("is content with anything that answers", async () => {
    const server = createServer((socket) => socket.end());
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    assert.equal(await checkReachable("the API", `https://127.0.0.1:${port}/`, 1000), undefined);
    server.close();
    await once(server, "close");
  });

  it("says that nothing listens, and how to rehearse without a rack (rack-unreachable)", async () => {
    const server = createServer();
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    assert.deepEqual(await checkReachable("the Proxmox API", `https://127.0.0.1:${port}/`, 1000), {
      code: "rack-unreachable",
      severity: "error",
      path: `https://127.0.0.1:${port}/`,
      message: `the Proxmox API does not answer (connect ECONNREFUSED 127.0.0.1:${port}); is the host on, and is this machine on the management network? To rehearse without a rack: npm run up`,
    });
  });
});
